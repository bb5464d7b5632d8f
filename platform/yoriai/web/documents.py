"""Documents of a screen: each can be looked at and kept as PDF, or sent to a printer and tray of the office, in one way for all.

A business writes one handler that says what is printed. Of it two addresses are made: `PATH` gives the PDF (or its data as JSON),
`PATH/print` asks for printer and tray and prints. What did not reach the printer is told, and where a document went is audited.
"""

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, get_type_hints

from fastapi import Request
from pydantic import BaseModel, Field
from starlette.responses import Response

from yoriai.tenancy.session import Reader
from yoriai.web.context import Ctx
from yoriai.web.files import attachment
from yoriai.web.forms import form_or_json
from yoriai.web.printing import printer_choices, send_to_printer
from yoriai.web.render import page, wants_html
from yoriai.web.router import BusinessRouter

_MOST_COPIES = 20


@dataclass(frozen=True)
class Document:
    """What is printed: `render` makes the PDF and blocks, `name` is that of the file, `subject` whom the audit trail names.

    `data` is the answer to who asks for JSON; None where it is known as paper only.
    """

    render: Callable[[], bytes]
    name: str
    subject: str = ""
    data: Any = None


class PrintOrder(BaseModel):
    """Where and how often: `printer` or `printer/tray` of the configuration."""

    printer: str = Field(min_length=1, max_length=90, title="印刷先・トレイ")
    copies: int = Field(default=1, ge=1, le=_MOST_COPIES, title="部数")


class PrintPage(BaseModel):
    """The page of a document's printing; `sent_to` says where it went, once it has."""

    title: str
    printers: list[tuple[str, str]]
    usual: str
    path: str
    """The address of the PDF."""
    sent_to: str = ""
    initial: dict[str, Any] = {}


Handler = Callable[..., Awaitable[Document]]


def document(
    router: BusinessRouter, path: str, *, permission: str, summary: str, number_use: str = ""
) -> Callable[[Handler], Handler]:
    """Register a handler that gives a `Document` under `path` and `path/print`. The handler's audit is its own; it runs again for
    the print. `summary` is also what the printer's queue shows: no personal data.
    """

    def register(handler: Handler) -> Handler:
        async def show(ctx: Ctx, **arguments: Any) -> Any:
            made = await handler(ctx=ctx, **arguments)
            accept = ctx.request.headers.get("accept", "")
            if made.data is not None and accept.startswith("application/json"):
                return made.data
            pdf = await asyncio.to_thread(made.render)
            return attachment(pdf, f"{made.name}.pdf", "application/pdf", inline=True)

        async def ask(ctx: Ctx, **_arguments: Any) -> PrintPage:
            return _page(ctx, summary)

        async def send(ctx: Ctx, order: PrintOrder = _ORDER, **arguments: Any) -> PrintPage:
            made = await handler(ctx=ctx, **arguments)
            pdf = await asyncio.to_thread(made.render)
            async with ctx.read() as session:
                where = await send_to_printer(
                    ctx, session, order.printer, pdf, summary, made.subject or made.name, copies=order.copies
                )
            return _page(ctx, summary, where, order.printer)

        async def again(ctx: Ctx) -> PrintPage:
            return _page(ctx, summary)

        plain = inspect.signature(handler)
        given = [item for item in plain.parameters.values() if item.name != "ctx"]
        hints = {name: kind for name, kind in get_type_hints(handler, include_extras=True).items() if name != "return"}
        ctx_first = plain.parameters["ctx"]
        order = inspect.Parameter(
            "order", inspect.Parameter.POSITIONAL_OR_KEYWORD, default=_ORDER, annotation=PrintOrder
        )
        common: dict[str, Any] = {"permission": permission, "number_use": number_use}
        router.get(path, summary=summary, **common)(_like(handler, show, [ctx_first, *given], {**hints, "return": Any}))
        router.get(f"{path}/print", screen="print.html", summary=f"{summary} (印刷先・トレイの選択)", **common)(
            _like(handler, ask, [ctx_first, *given], {**hints, "return": PrintPage})
        )
        router.post(
            f"{path}/print", screen="print.html", again=again, summary=f"{summary} (プリンターへの出力)", **common
        )(
            _like(
                handler,
                send,
                [ctx_first, *_required(given), order, *_optional(given)],
                {**hints, "order": PrintOrder, "return": PrintPage},
            )
        )
        return handler

    return register


_ORDER = form_or_json(PrintOrder)


async def hand_out(ctx: Ctx, session: Reader, made: Document, title: str, printer: str) -> Response | PrintPage:
    """A document that an act makes: to the printer chosen, inside the act's transaction, or without one as PDF to look at.

    Raises Invalid or PrinterFailure, after which the act has not happened. The field of the form is `ui.printer_field`.
    """
    pdf = await asyncio.to_thread(made.render)
    if not printer:
        return attachment(pdf, f"{made.name}.pdf", "application/pdf", inline=True)
    where = await send_to_printer(ctx, session, printer, pdf, title, made.subject or made.name)
    shown = PrintPage(title=title, printers=[], usual="", path="", sent_to=where)
    return page(ctx.request, "print.html", ctx, {"data": shown}) if wants_html(ctx.request) else shown


def wants_file(request: Request) -> bool:
    """Whether a browser asks, or somebody who accepts PDF or pictures by name."""
    accept = request.headers.get("accept", "")
    return wants_html(request) or "application/pdf" in accept or "image/" in accept


def _like(
    handler: Handler, call: Callable[..., Any], parameters: list[inspect.Parameter], hints: dict[str, Any]
) -> Callable[..., Any]:
    """The call with the handler's name and words, and the parameters that its addresses take."""

    @wraps(call)
    async def wrapped(**arguments: Any) -> Any:
        return await call(**arguments)

    wrapped.__doc__, wrapped.__annotations__ = handler.__doc__, hints
    wrapped.__name__ = f"{handler.__name__}_{call.__name__}"
    del wrapped.__wrapped__
    annotated = [item.replace(annotation=hints[item.name]) for item in parameters]
    wrapped.__signature__ = inspect.Signature(annotated)  # type: ignore[attr-defined]
    return wrapped


def _required(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    return [item for item in parameters if item.default is inspect.Parameter.empty]


def _optional(parameters: list[inspect.Parameter]) -> list[inspect.Parameter]:
    return [item for item in parameters if item.default is not inspect.Parameter.empty]


def _page(ctx: Ctx, title: str, sent_to: str = "", chosen: str = "") -> PrintPage:
    choices, usual = printer_choices(ctx)
    url = ctx.request.url
    pdf = url.path.removesuffix("/print") + (f"?{url.query}" if url.query else "")
    known = next((value for value in (chosen, usual) if value in dict(choices)), choices[0][0] if choices else "")
    return PrintPage(
        title=title, printers=choices, usual=known, path=pdf, sent_to=sent_to, initial={"printer": known, "copies": "1"}
    )
