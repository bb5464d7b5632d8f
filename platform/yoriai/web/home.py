"""Logging in and out, and the first screen."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, RedirectResponse, Response

from yoriai import registry
from yoriai.audit import SYSTEM, AuditEvent, Principal
from yoriai.errors import FieldError, Invalid, NotFound, Unauthenticated, YoriaiError
from yoriai.security.accounts import list_accounts
from yoriai.security.factors import TypedCode
from yoriai.security.report import list_new
from yoriai.tenancy.ref import CENTER, TenantRef
from yoriai.web.context import CenterCtx, Ctx
from yoriai.web.forms import Form, read_raw, validate
from yoriai.web.gate import Gate, terminal_of
from yoriai.web.identity import COOKIE, SESSION_SECONDS, log_in
from yoriai.web.render import page, wants_html
from yoriai.web.second_factor import give_second, keep, own_page, vault_of

router = APIRouter(tags=["login"])


class Login(BaseModel):
    """A login: municipality, account, password."""

    tenant: str = Field(pattern=f"^([0-9]{{6}}|{CENTER})$", title=f"団体コード、または {CENTER}(共同センター)")
    login: str = Field(min_length=1, max_length=64, title="利用者ID")
    password: str = Field(min_length=1, max_length=256, title="パスワード")
    code: str = Field("", max_length=40, title="認証コード（二要素認証を同時にするとき）")


class Token(BaseModel):
    """A session: send it as `Authorization: Bearer`."""

    token: str
    expires_in: int


async def _enter(request: Request, code: str) -> Ctx:
    gate: Gate = request.app.state.gate
    return await gate.enter(request, code, "")


async def _enter_center(request: Request) -> CenterCtx:
    gate: Gate = request.app.state.gate
    return await gate.enter_center(request, "")


@router.get("/", include_in_schema=False)
async def start(request: Request) -> Response:
    """To the first screen of the caller's municipality, or to the login."""
    session = request.app.state.gate.session_of(request)
    return RedirectResponse(f"/{session.place}/" if session else "/login", status_code=303)


@router.get("/login", include_in_schema=False)
async def show_login(request: Request) -> Response:
    """The login form."""
    return await login_page(request)


@router.post(
    "/login",
    summary="ログイン",
    response_model=Token,
    openapi_extra={
        "x-permission": "",
        "requestBody": {"required": True, "content": {"application/json": {"schema": Login.model_json_schema()}}},
    },
)
async def post_login(request: Request) -> Any:
    """Check account and password; a browser gets a cookie, any other caller a token."""
    gate: Gate = request.app.state.gate
    raw: dict[str, Any] = {}
    try:
        raw = await read_raw(request)
        body = validate(Login, raw)
        tenant = await _served(gate, body.tenant)
        session = await log_in(gate.database, tenant, body.login, body.password, terminal_of(request))
        if body.code:
            session = await give_second(request, session, TypedCode(body.code))
    except YoriaiError as error:
        if not wants_html(request):
            raise
        return await login_page(request, error, raw)
    token = gate.sessions.sign(session)
    if not wants_html(request):
        return Token(token=token, expires_in=SESSION_SECONDS)
    answer = RedirectResponse(own_page(raw.get("next"), session.place), status_code=303)
    return keep(answer, request, session)


@router.get("/up/{code}", include_in_schema=False)
async def show_up(request: Request, code: str) -> JSONResponse:
    """Whether a municipality is served, for probes: its tables answer to its own role. Tells nothing else, and is not audited."""
    gate: Gate = request.app.state.gate
    try:
        tenant = TenantRef(code)
    except ValueError:
        raise NotFound from None
    if await gate.directory.find(tenant) is None:
        raise NotFound
    async with gate.database.read(tenant, SYSTEM) as session:
        await session.fetchval("SELECT count(*) FROM number_counter")
    return JSONResponse({"is_copy": bool(request.app.state.settings.copy_of)})


@router.post("/{code}/logout", include_in_schema=False)
async def post_logout(request: Request, code: str) -> Response:
    """Forget the session in this browser."""
    gate: Gate = request.app.state.gate
    if (session := gate.session_of(request)) and session.place == code:
        who = Principal(login=session.login, terminal=terminal_of(request))
        await gate.database.append_audit(session.tenant, who, AuditEvent("logout", f"account:{session.login}"))
    answer = RedirectResponse("/login", status_code=303)
    answer.delete_cookie(COOKIE)
    return answer


@router.get(f"/{CENTER}/", include_in_schema=False)
async def show_center_home(ctx: Annotated[CenterCtx, Depends(_enter_center)]) -> Response:
    """The first screen of the shared centre."""
    return page(ctx.request, "center_home.html", ctx, {})


@router.get("/{code}/", include_in_schema=False)
async def show_home(ctx: Annotated[Ctx, Depends(_enter)]) -> Response:
    """The first screen: the search box, the businesses, and of what the caller may work with the newest (None: not theirs)."""
    values: dict[str, Any] = {"recent": None, "findings": None, "accounts": None}
    async with ctx.read() as session:
        for business in registry.businesses():
            if business.recent and ctx.may(f"{business.name}.view"):
                opened = await registry.load(business.recent)(session, ctx.principal.login)
                shown = [{**item, "href": f"/{ctx.tenant.code}{item['href']}"} for item in opened]
                values["recent"] = [*(values["recent"] or ()), *shown]
        if ctx.may("security.view"):
            values["findings"] = await list_new(session, ctx.config, ctx.today)
        if ctx.may("security.reset"):
            accounts = await list_accounts(session, vault_of(ctx), ctx.now)
            values["accounts"] = [each for each in accounts if each.is_waiting]
    return page(ctx.request, "home.html", ctx, values)


async def login_page(
    request: Request, error: YoriaiError | None = None, form: dict[str, Any] | None = None
) -> Response:
    """The login form, with what went wrong."""
    configs = await request.app.state.gate.directory.list()
    values = {
        "tenant_options": [
            *((config.code, config.name) for config in configs),
            (CENTER, f"{request.app.state.gate.center.name}(運用)"),
        ],
        "login_href": "/login",
        "form": Form(form, error.fields if error else ()),
        "error": error.message if error else "",
        "next": (form or {}).get("next") or _wanted(request),
    }
    return page(request, "login.html", None, values, error.status if error else 200)


async def _served(gate: Gate, code: str) -> TenantRef | None:
    """The municipality (None: the shared centre), or the same answer as for a wrong password."""
    if code == CENTER:
        return None
    try:
        tenant = TenantRef(code)
    except ValueError:
        raise Invalid(fields=[FieldError("tenant", "市町を選んでください。")]) from None
    if await gate.directory.find(tenant) is None:
        raise Unauthenticated("ログインIDまたはパスワードが違います。")
    return tenant


def _wanted(request: Request) -> str:
    """The page to open after the login: the one that asked for it, if it was a page."""
    return request.url.path if request.method == "GET" and request.url.path not in ("/", "/login") else ""
