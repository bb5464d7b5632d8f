"""Screens: Jinja templates of the kernel and of the businesses, and the choice between page, fragment and JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from yoriai import registry
from yoriai.clock import JAPAN, today
from yoriai.dates import OPEN_END, format_wareki, format_wareki_month
from yoriai.web.assets import static_url
from yoriai.web.context import CenterCtx, Ctx
from yoriai.web.forms import Form
from yoriai.web.identity import SESSION_SECONDS
from yoriai.web.notices import list_notices
from yoriai.web.printing import printer_choices

_WEEKDAYS = "月火水木金土日"
HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class MenuItem:
    """An entry of the menu."""

    label: str
    href: str
    current: bool
    business: str
    is_near: bool = False
    """Whether the page shown belongs to the same business."""


@dataclass(frozen=True)
class MenuEntry:
    """An entry with its number in the whole menu, by which it is chosen (Alt+M)."""

    no: int
    item: MenuItem


@dataclass(frozen=True)
class MenuPart:
    """The entries of one business."""

    label: str
    entries: list[MenuEntry]
    is_current: bool


def wants_html(request: Request) -> bool:
    """Whether the asker is a browser: HTML stands in `Accept` before JSON, or htmx asks."""
    if request.headers.get("hx-request") == "true":
        return True
    accept = request.headers.get("accept", "")
    html = accept.find("text/html")
    json = accept.find("application/json")
    return html >= 0 and (json < 0 or html < json)


def is_fragment(request: Request) -> bool:
    """Whether htmx asks for a part of a page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-boosted") != "true"


def page(
    request: Request, template: str, ctx: Ctx | CenterCtx | None, values: Mapping[str, Any], status: int = 200
) -> HTMLResponse:
    """Render a screen for the request."""
    text = environment().get_template(template).render({**frame(request, ctx), **values})
    return HTMLResponse(text, status_code=status)


def frame(request: Request, ctx: Ctx | CenterCtx | None) -> dict[str, Any]:
    """What every template knows."""
    prefix = f"/{ctx.place.code}" if ctx else ""
    return {
        "request": request,
        "ctx": ctx,
        "tenant": ctx.place if ctx else None,
        "principal": ctx.principal if ctx else None,
        "is_municipality": isinstance(ctx, Ctx),
        "menu": _menu(ctx) if ctx else [],
        "today": today(),
        "today_wareki": f"{format_wareki(today())}({_WEEKDAYS[today().weekday()]})",
        "is_practice": request.app.state.settings.practice,
        "copy_of": _copy_of(request.app.state.settings.copy_of),
        "messages": _messages(ctx) if isinstance(ctx, Ctx) else [],
        "session_seconds": SESSION_SECONDS,
        "search_href": _search_href(ctx) if isinstance(ctx, Ctx) else "",
        "printers": lambda: printer_choices(ctx) if isinstance(ctx, Ctx) else ([], ""),
        "url": lambda path: f"{prefix}{path}",
        "form": Form(),
        "warnings": [],
        "error": None,
    }


def _copy_of(moment: str) -> datetime | None:
    """Of which moment the data are a copy; None where they are no copy."""
    return datetime.fromisoformat(moment) if moment else None


def _messages(ctx: Ctx) -> list[dict[str, str]]:
    """Stops that are near: those of everybody and the municipality's own."""
    shared = ctx.request.app.state.gate.deployment.document.get("blackouts") or ()
    own = ctx.config.section("batch").get("blackouts") or ()
    return [{"kind": "alert", "text": text} for text in list_notices([*shared, *own], ctx.now)]


def _menu(ctx: Ctx | CenterCtx) -> list[MenuItem]:
    here = ctx.request.url.path
    found = []
    for part in registry.parts() if isinstance(ctx, Ctx) else registry.plugged_in():
        entries = part.center_menu if isinstance(part, registry.Companion) and isinstance(ctx, CenterCtx) else part.menu
        for label, path, permission in entries:
            if ctx.may(permission):
                found.append((label, f"/{ctx.place.code}/{part.name}{path}", part))
    # Where one address begins another, only the longer one is where we are.
    current = max((href for _, href, _ in found if f"{here}/".startswith(f"{href.rstrip('/')}/")), key=len, default="")
    return [
        MenuItem(label, href, href == current, part.label, here.startswith(f"/{ctx.place.code}/{part.name}/"))
        for label, href, part in found
    ]


def _search_href(ctx: Ctx) -> str:
    paths = (
        f"/{ctx.tenant.code}/{business.name}{business.search}"
        for business in registry.businesses()
        if business.search and ctx.may(f"{business.name}.view")
    )
    return next(paths, "")


@cache
def environment() -> Environment:
    """The template environment, over the kernel's folder and each business's."""
    folders = [HERE / "templates", *(part.folder / "templates" for part in registry.parts())]
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders if folder.exists()]),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters.update(yen=_yen, wareki=_wareki, wareki_month=format_wareki_month, moment=_moment, staff=_staff)
    environment.globals.update(static=static_url, parts=_parts)
    return environment


def _yen(value: int | None) -> str:
    return "" if value is None else f"{value:,}円"


def _wareki(value: date | str | None) -> str:
    """A day in 和暦; of a moment, the day it was in Japan (the database answers in UTC)."""
    if value in (None, "", OPEN_END):
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(JAPAN).date() if value.tzinfo else value.date()
    return format_wareki(date.fromisoformat(value[:10]) if isinstance(value, str) else value)


def _staff(login: str) -> str:
    """Who did something, for a screen: the night's jobs sign with their run."""
    return "夜間処理" if login.startswith("batch:") else login


def _moment(value: datetime | None) -> str:
    """A moment as staff read it, in Japan's time to the minute."""
    if value is None:
        return ""
    local = value.astimezone(JAPAN)
    return f"{format_wareki(local.date())} {local:%H:%M}"


def _parts(menu: Sequence[MenuItem]) -> list[MenuPart]:
    """The menu by business, its entries numbered through: what the sidebar and the first screen draw."""
    numbered = [MenuEntry(number, item) for number, item in enumerate(menu, 1)]
    return [
        MenuPart(label, entries, any(entry.item.is_near for entry in entries))
        for label, entries in (
            (label, list(group)) for label, group in groupby(numbered, lambda entry: entry.item.business)
        )
    ]
