"""Routes of a business. Each declares its permission; the wrapper checks it, opens the context and chooses JSON or a screen."""

import inspect
from collections.abc import Awaitable, Callable, Mapping
from functools import wraps
from typing import Annotated, Any, get_type_hints

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from yoriai.errors import NeedsConfirmation, NotFound, YoriaiError
from yoriai.tenancy.ref import CENTER
from yoriai.web.context import CenterCtx, Ctx
from yoriai.web.exported import export_table
from yoriai.web.fields import BIGINT_END
from yoriai.web.forms import BodyOf, Form, read_raw, refuse_unstorable, validate
from yoriai.web.gate import Factor
from yoriai.web.render import is_fragment, page, wants_html

Handler = Callable[..., Awaitable[Any]]
Again = Callable[[Any], Awaitable[Any]]
EXPORT = "export"
"""The query's name that asks a screen for one of its lists as CSV."""
_ERROR_SCHEMA = {
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "message": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
    "required": ["code", "message", "errors"],
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/json": {"schema": _ERROR_SCHEMA}}}
    for status, text in {401: "ログインしていない", 403: "権限がない", 404: "該当がない"}.items()
}
_WRITE_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": text, "content": {"application/json": {"schema": _ERROR_SCHEMA}}}
    for status, text in {409: "ほかの操作と重なった", 422: "入力に誤りがある", 428: "確認が必要"}.items()
}


class _Router:
    """Routes with a common beginning, each with its permission; `_enter_for` makes the dependency that opens the context."""

    def __init__(self, prefix: str, tag: str) -> None:
        self.prefix = prefix
        self.api = APIRouter(prefix=prefix, tags=[tag])
        self.permissions: dict[tuple[str, str], str] = {}
        self.number_uses: dict[tuple[str, str], str] = {}
        """The routes that handle 個人番号, with the law that each rests on."""

    def _enter_for(self, permission: str, number_use: str, second_factor: bool) -> tuple[Any, type]:
        """The dependency that lets a permitted request in, and the type of the context it gives."""
        raise NotImplementedError

    def get(
        self,
        path: str,
        *,
        permission: str,
        summary: str,
        screen: str = "",
        fragment: str = "",
        number_use: str = "",
        second_factor: bool = False,
    ) -> Callable[[Handler], Handler]:
        """A resource that is read; `screen` shows it, `fragment` is its part for htmx.

        `number_use` names the law by which it is a 個人番号利用事務: only then does the context have the `sealer`,
        and only after a second factor. `second_factor` asks for one where no number is used.
        When the result has `initial`, a nested dict, the form of the screen starts with these values.
        """
        return self._route("GET", path, permission, summary, screen, fragment, "", None, number_use, second_factor)

    def post(
        self,
        path: str,
        *,
        permission: str,
        summary: str,
        screen: str = "",
        fragment: str = "",
        then: str = "",
        again: Again | None = None,
        number_use: str = "",
        second_factor: bool = False,
    ) -> Callable[[Handler], Handler]:
        """An act. From a form: on an error `screen` is shown again with `form`, `warnings`, `error` and, as `data`, what `again`
        gives; on success the browser goes to `then`, filled in with the result's fields. `number_use`, `second_factor` as above.
        """
        return self._route("POST", path, permission, summary, screen, fragment, then, again, number_use, second_factor)

    def _route(
        self,
        method: str,
        path: str,
        permission: str,
        summary: str,
        screen: str,
        fragment: str,
        then: str,
        again: Again | None,
        number_use: str,
        second_factor: bool,
    ) -> Callable[[Handler], Handler]:
        if not permission:
            raise ValueError(f"{method} {path}: a route must declare its permission")

        def register(handler: Handler) -> Handler:
            hints = get_type_hints(handler, include_extras=True)
            body = _body_of(handler)
            entrance = self._enter_for(permission, number_use, second_factor)
            call = _wrap(handler, body, entrance, screen, fragment, f"{self.prefix}{then}" if then else "", again)
            extra = {"x-permission": permission} | ({"x-number-use": number_use} if number_use else {})
            if number_use or second_factor:
                extra["x-second-factor"] = "required"
            if body:
                extra["requestBody"] = _request_body(body[1])  # type: ignore[assignment]
            self.api.add_api_route(
                path,
                call,
                methods=[method],
                summary=summary,
                description=inspect.getdoc(handler),
                response_model=_model_of(hints.get("return")),
                responses=_RESPONSES | (_WRITE_RESPONSES if method == "POST" else {}),
                openapi_extra=extra,
            )
            self.permissions[method, f"{self.api.prefix}{path}"] = permission
            if number_use:
                self.number_uses[method, f"{self.api.prefix}{path}"] = number_use
            return handler

        return register


class BusinessRouter(_Router):
    """The routes of one business in a municipality, below `/{code}/{business}`; handlers get a `ctx: Ctx`."""

    def __init__(self, business: str) -> None:
        super().__init__(f"/{{code}}/{business}", business)
        self.business = business

    def _enter_for(self, permission: str, number_use: str, second_factor: bool) -> tuple[Any, type]:
        factor = Factor.WANTED if second_factor else Factor.POLICY

        async def enter(request: Request, code: str) -> Ctx:
            ctx: Ctx = await request.app.state.gate.enter(request, code, permission, number_use, factor=factor)
            return ctx

        return enter, Ctx


class CenterRouter(_Router):
    """The routes of one part for the operators of the shared centre, below `/center/{part}`; handlers get a `ctx: CenterCtx`.

    All of them want the second factor of the login, without saying so.
    """

    def __init__(self, part: str) -> None:
        super().__init__(f"/{CENTER}/{part}", f"{CENTER}-{part}")

    def _enter_for(self, permission: str, number_use: str, second_factor: bool) -> tuple[Any, type]:
        if number_use:
            raise ValueError("the shared centre handles nobody's 個人番号")

        async def enter(request: Request) -> CenterCtx:
            ctx: CenterCtx = await request.app.state.gate.enter_center(request, permission)
            return ctx

        return enter, CenterCtx


def _wrap(
    handler: Handler,
    body: tuple[str, type[BaseModel]] | None,
    entrance: tuple[Any, type],
    screen: str,
    fragment: str,
    then: str,
    again: Again | None,
) -> Handler:
    enter, context = entrance

    @wraps(handler)
    async def call(ctx: Ctx | CenterCtx, **arguments: Any) -> Any:
        # A browser that saves a link asks for anything; a list of a screen is made from the screen.
        html = wants_html(ctx.request) or EXPORT in ctx.request.query_params
        raw: Mapping[str, Any] = {}
        _refuse_impossible(ctx.request, arguments)
        try:
            if body:
                raw = await read_raw(ctx.request)
                arguments[body[0]] = validate(body[1], dict(raw))
            result = await handler(ctx=ctx, **arguments)
        except YoriaiError as error:
            if not (html and screen and body):
                raise
            before = await again(ctx) if again else None
            return page(
                ctx.request,
                screen,
                ctx,
                {**_shown(error, raw, ctx.request.url.path, getattr(before, "initial", None)), "data": before},
                error.status,
            )
        if not html or isinstance(result, Response):
            return result
        if then:
            fields = result.model_dump() if isinstance(result, BaseModel) else {}
            return RedirectResponse(then.format(code=ctx.place.code, **fields), status_code=303)
        template = fragment if fragment and is_fragment(ctx.request) else screen
        values = {"data": result, "form": Form(getattr(result, "initial", None))}
        if not template:
            return result
        shown = page(ctx.request, template, ctx, values)
        which = ctx.request.query_params.get(EXPORT)
        return await export_table(ctx, shown, which) if which is not None and isinstance(ctx, Ctx) else shown

    signature = inspect.signature(handler)
    hints = get_type_hints(handler, include_extras=True)
    parameters = [
        parameter.replace(annotation=Annotated[context, Depends(enter)] if name == "ctx" else hints[name])
        for name, parameter in signature.parameters.items()
        if not (body and name == body[0])
    ]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    return call


def _refuse_impossible(request: Request, arguments: Mapping[str, Any]) -> None:
    """No row has a number beyond bigint, and no text has a character that the database cannot store."""
    if any(isinstance(value, int) and not -BIGINT_END <= value < BIGINT_END for value in arguments.values()):
        raise NotFound
    refuse_unstorable({**request.query_params, **request.path_params})


def _shown(
    error: YoriaiError, raw: Mapping[str, Any], posted_to: str, initial: Mapping[str, Any] | None
) -> dict[str, Any]:
    """What a form page shows of an error: mistakes at their fields, alerts as questions to confirm. The page's other forms stand as
    they did, by its `initial` values.
    """
    if isinstance(error, NeedsConfirmation):
        warnings = [{"code": field.rule, "message": field.message, "article": field.article} for field in error.fields]
        return {"form": Form(raw, posted_to=posted_to, initial=initial), "warnings": warnings, "error": error}
    return {"form": Form(raw, error.fields, posted_to, initial=initial), "warnings": [], "error": error}


def _model_of(returned: Any) -> Any:
    """What the answer's schema is made from; a ready answer (a picture, a PDF) has none."""
    return None if isinstance(returned, type) and issubclass(returned, Response) else returned


def _body_of(handler: Handler) -> tuple[str, type[BaseModel]] | None:
    for name, parameter in inspect.signature(handler).parameters.items():
        if isinstance(parameter.default, BodyOf):
            return name, parameter.default.model
    return None


def _request_body(model: type[BaseModel]) -> dict[str, Any]:
    """The OpenAPI request body; its definitions are lifted into the components when the whole document is made."""
    schema = model.model_json_schema(ref_template="#/components/schemas/{model}")
    return {
        "required": True,
        "content": {kind: {"schema": schema} for kind in ("application/json", "application/x-www-form-urlencoded")},
    }
