"""One's own account: the second factors one has, registering another, giving one when it is asked for.

Registering asks for the password again, and for a second factor where the account has one already, else for the registration code
that an administrator has handed out: who finds a terminal open, or knows a password, cannot add a key of his own to any account.
"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel
from starlette.responses import RedirectResponse, Response

from yoriai.errors import FieldError, Invalid, Unauthenticated, YoriaiError
from yoriai.sealing import Sealed, Unsealable
from yoriai.security import factors
from yoriai.security.passkeys import Site, find_registration, registration_options
from yoriai.security.registration import check_code, find_ticket
from yoriai.security.tables import PASSKEY, TOTP
from yoriai.security.totp import address_of, find_step, grouped, new_secret, picture_of
from yoriai.tenancy.ref import CENTER
from yoriai.web.account_shapes import (
    AppBegun,
    Begin,
    Codes,
    Ended,
    Factors,
    Given,
    KeyBegun,
    NewCode,
    NewKey,
    Proof,
    Registered,
)
from yoriai.web.context import AnyCtx
from yoriai.web.forms import Form, read_pairs, read_raw, validate
from yoriai.web.gate import Factor, Gate, SecondFactorWanted, terminal_of
from yoriai.web.identity import Session, log_in
from yoriai.web.render import page, wants_html
from yoriai.web.second_factor import AGAIN, PURPOSE, ask, challenges_for, give_second, keep, own_page, vault_of

router = APIRouter(prefix="/{code}/account", tags=["account"])
_PENDING_SECONDS = 600
_REGISTERING = "register"
_OPEN = {"x-permission": ""}


def _body_of(model: type[BaseModel]) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": model.model_json_schema()}}}
    return {**_OPEN, "requestBody": body}


async def _enter(request: Request, code: str) -> AnyCtx:
    gate: Gate = request.app.state.gate
    if code == CENTER:
        return await gate.enter_center(request, "", factor=Factor.GIVEN_HERE)
    return await gate.enter(request, code, "", factor=Factor.GIVEN_HERE)


async def _enter_to_change(request: Request, code: str) -> AnyCtx:
    """Whoever has a second factor must have given it; who has none registers the first with a registration code."""
    ctx = await _enter(request, code)
    async with ctx.read() as session:
        has_one = bool(await factors.list_factors(session, vault_of(ctx), ctx.principal.login))
    if has_one and not ctx.policy.is_proved(_session(ctx).proved_at, ctx.now):
        raise SecondFactorWanted(ctx)
    return ctx


_Own = Annotated[AnyCtx, Depends(_enter)]
_Changing = Annotated[AnyCtx, Depends(_enter_to_change)]


def _session(ctx: AnyCtx) -> Session:
    gate: Gate = ctx.request.app.state.gate
    session = gate.session_of(ctx.request)
    if session is None:
        raise Unauthenticated
    return session


@router.get("/", summary="自分の二要素認証の登録", response_model=Factors, openapi_extra=_OPEN)
async def show_account(ctx: _Own) -> Any:
    """What the account has."""
    if wants_html(ctx.request):
        return await _account_page(ctx)
    async with ctx.read() as session:
        return Factors(factors=await factors.list_factors(session, vault_of(ctx), ctx.principal.login))


async def _account_page(ctx: AnyCtx, error: YoriaiError | None = None, posted_to: str = "") -> Response:
    site = Site.of(ctx.request)
    async with ctx.read() as session:
        found = await factors.list_factors(session, vault_of(ctx), ctx.principal.login)
        codes = await factors.count_recovery_codes(session, vault_of(ctx), ctx.principal.login)
    wanted = ctx.request.query_params.get("next", "")
    if posted_to:
        wanted = str((await read_raw(ctx.request)).get("next", ""))
    values = {
        "factors": found,
        "codes": codes,
        "session": _session(ctx),
        "policy": ctx.policy,
        "methods": factors.METHODS,
        "can_have_keys": site.can_have_keys,
        "site": site,
        "next": own_page(wanted, ctx.place.code) if wanted else "",
        "form": Form({}, error.fields if error else (), posted_to),
        "error": error.message if error and not error.fields else "",
    }
    return page(ctx.request, "security/account.html", ctx, values, error.status if error else 200)


async def _prove_password(ctx: AnyCtx, password: str) -> None:
    gate: Gate = ctx.request.app.state.gate
    try:
        await log_in(
            gate.database, vault_of(ctx).tenant, ctx.principal.login, password, terminal_of(ctx.request), "password"
        )
    except Unauthenticated as error:
        raise Invalid(fields=[FieldError("password", _words_of(error), rule="password")]) from None


async def _begun(ctx: AnyCtx) -> Begin:
    """What was sent together with the password, which is asked again for every change; raises Invalid."""
    body = validate(Begin, await read_raw(ctx.request))
    await _prove_password(ctx, body.password)
    return body


async def _begun_registering(ctx: AnyCtx) -> tuple[Begin, str]:
    """The same, and the ticket of the registration code, which the first registration needs; raises Invalid."""
    body = await _begun(ctx)
    login, vault = ctx.principal.login, vault_of(ctx)
    async with ctx.read() as session:
        if await factors.list_factors(session, vault, login):
            return body, ""
    if not body.registration_code:
        message = "はじめて登録するには、管理者が発行した登録コードが必要です。"
        raise Invalid(fields=[FieldError("registration_code", message, rule="missing")])
    async with ctx.write() as session:
        proof = await check_code(session, vault, login, body.registration_code, ctx.now)
        ticket = await find_ticket(session, vault, login, ctx.now)
    if not proof.method:
        raise Invalid(fields=[FieldError("registration_code", proof.refusal, rule="registration_code")])
    return body, ticket


def _words_of(error: Unauthenticated) -> str:
    """The login's answer without the login, which nobody has typed here; the lock in its own words."""
    return "パスワードが違います。" if "パスワード" in error.message else error.message


@router.post("/totp", summary="認証アプリの登録をはじめる", response_model=AppBegun, openapi_extra=_body_of(Begin))
async def begin_totp(ctx: _Changing) -> Any:
    """A new secret, shown once. Nothing is registered until the app has proved that it knows it."""
    try:
        body, ticket = await _begun_registering(ctx)
    except YoriaiError as error:
        if not wants_html(ctx.request):
            raise
        return await _account_page(ctx, error, ctx.request.url.path)
    secret = new_secret()
    pending = vault_of(ctx).sealer.seal(_pending_place(ctx), json.dumps([secret, ctx.now.timestamp(), ticket]))
    return await _totp_page(ctx, secret, pending, body.next)


async def _totp_page(ctx: AnyCtx, secret: str, pending: str, wanted: str, error: YoriaiError | None = None) -> Any:
    address = address_of(secret, ctx.principal.login, f"よりあい {ctx.place.name}")
    if not wants_html(ctx.request):
        return AppBegun(secret=secret, address=address, pending=pending)
    values = {
        "secret": grouped(secret),
        "picture": picture_of(address),
        "pending": pending,
        "next": wanted,
        # The wrong code is gone: the next one is typed into an empty field.
        "form": Form({**await read_raw(ctx.request), "code": ""}, error.fields if error else ()),
    }
    return page(ctx.request, "security/totp.html", ctx, values, error.status if error else 200)


@router.post("/totp/confirm", summary="認証アプリの登録", response_model=Registered, openapi_extra=_body_of(NewCode))
async def confirm_totp(ctx: _Changing) -> Any:
    """Register the app; with its first code the second factor of this session is given, too."""
    secret = ""
    raw = await read_raw(ctx.request)
    try:
        body = validate(NewCode, raw)
        secret, ticket = _pending_secret(ctx, body.pending)
        step = find_step(secret, body.code, ctx.now)
        if step is None:
            message = (
                "認証コードが合いません。アプリに今出ている6桁の数字を入れてください。端末の時計も確かめてください。"
            )
            raise Invalid(fields=[FieldError("code", message, rule="code")])
        async with ctx.write() as session:
            login = ctx.principal.login
            codes = await factors.add_totp(
                session, vault_of(ctx), login, secret, body.label, ctx.now, step=step, ticket=ticket
            )
    except YoriaiError as error:
        if not wants_html(ctx.request):
            raise
        if not secret or not error.fields:
            return await _account_page(ctx, error, ctx.request.url.path)
        return await _totp_page(ctx, secret, str(raw.get("pending", "")), str(raw.get("next", "")), error)
    return _registered(ctx, TOTP, codes, body.next)


def _pending_place(ctx: AnyCtx) -> Sealed:
    return vault_of(ctx).place(ctx.principal.login, "totp_pending")


def _pending_secret(ctx: AnyCtx, pending: str) -> tuple[str, str]:
    """The secret that was begun with, and the ticket of the registration code it was begun with."""
    try:
        secret, made_at, ticket = json.loads(vault_of(ctx).sealer.open(_pending_place(ctx), pending))
    except (Unsealable, ValueError):
        secret, made_at, ticket = "", 0.0, ""
    if ctx.now.timestamp() - made_at > _PENDING_SECONDS:
        raise Invalid("登録の時間が切れました。はじめからやり直してください。")
    return str(secret), str(ticket)


@router.post(
    "/passkey",
    summary="パスキー・セキュリティキーの登録をはじめる",
    response_model=KeyBegun,
    openapi_extra=_body_of(Begin),
)
async def begin_key(ctx: _Changing) -> Any:
    """What the browser needs to make a key for this site."""
    try:
        body, ticket = await _begun_registering(ctx)
    except YoriaiError as error:
        if not wants_html(ctx.request):
            raise
        return await _account_page(ctx, error, ctx.request.url.path)
    return await _key_page(ctx, body.next, ticket)


async def _key_page(ctx: AnyCtx, wanted: str, ticket: str, error: YoriaiError | None = None) -> Any:
    site, login = Site.of(ctx.request), ctx.principal.login
    async with ctx.read() as session:
        known = await factors.list_keys(session, vault_of(ctx), login, site.host)
    challenge = challenges_for(ctx, f"{_REGISTERING}|{ticket}").issue(ctx.now)
    options = registration_options(site, f"{ctx.place.code}/{login}", login, challenge, known)
    values = {"options": options, "challenge": challenge.token, "next": wanted}
    if not wants_html(ctx.request):
        return KeyBegun(options=options, challenge=challenge.token)
    form = Form(await read_raw(ctx.request), error.fields if error else ())
    return page(ctx.request, "security/passkey.html", ctx, {**values, "form": form}, error.status if error else 200)


@router.post(
    "/passkey/confirm",
    summary="パスキー・セキュリティキーの登録",
    response_model=Registered,
    openapi_extra=_body_of(NewKey),
)
async def confirm_key(ctx: _Changing) -> Any:
    """Register the key the browser has made; with it the second factor of this session is given, too."""
    raw = await read_raw(ctx.request)
    async with ctx.read() as reader:
        ticket = await find_ticket(reader, vault_of(ctx), ctx.principal.login, ctx.now)
    # A challenge is given for the password, and the code; without one that is ours there is no second one either.
    challenge = challenges_for(ctx, f"{_REGISTERING}|{ticket}").read(str(raw.get("challenge", "")))
    try:
        body = validate(NewKey, raw)
        site = Site.of(ctx.request)
        key = find_registration(site, challenge, body.answer) if challenge else None
        if key is None:
            raise Invalid(
                fields=[FieldError("answer", "機器を登録できませんでした。もう一度操作してください。", rule="key")]
            )
        async with ctx.write() as session:
            login = ctx.principal.login
            codes = await factors.add_key(
                session, vault_of(ctx), login, key, site.host, body.label, ctx.now, ticket=ticket
            )
    except YoriaiError as error:
        if not wants_html(ctx.request):
            raise
        if challenge is None:
            return await _account_page(
                ctx, Invalid("登録の時間が切れました。はじめからやり直してください。"), ctx.request.url.path
            )
        if not error.fields:
            return await _account_page(ctx, error, ctx.request.url.path)
        return await _key_page(ctx, str(raw.get("next", "")), ticket, error)
    return _registered(ctx, PASSKEY, codes, body.next)


def _registered(ctx: AnyCtx, method: str, codes: list[str], wanted: str) -> Any:
    """The recovery codes when they are new; else back. The session now has its second factor."""
    gate: Gate = ctx.request.app.state.gate
    session = _session(ctx).with_second(method, ctx.now)
    if not wants_html(ctx.request):
        left = gate.sessions.seconds_left(session)
        return Registered(recovery_codes=codes, token=gate.sessions.sign(session), expires_in=left)
    back = own_page(wanted, ctx.place.code) if wanted else f"/{ctx.place.code}/account/"
    if not codes:
        return keep(RedirectResponse(back, status_code=303), ctx.request, session)
    return keep(_codes_page(ctx, codes, back), ctx.request, session)


def _codes_page(ctx: AnyCtx, codes: list[str], back: str) -> Response:
    return page(ctx.request, "security/codes.html", ctx, {"codes": codes, "back": back})


@router.post("/recovery-codes", summary="回復用コードの作り直し", response_model=Codes, openapi_extra=_body_of(Begin))
async def renew_codes(ctx: _Changing) -> Any:
    """New recovery codes, shown once; the old ones are void."""
    try:
        await _begun(ctx)
        if _session(ctx).proved_at is None:
            raise SecondFactorWanted(ctx)
    except Invalid as error:
        if not wants_html(ctx.request):
            raise
        return await _account_page(ctx, error, ctx.request.url.path)
    async with ctx.write() as session:
        codes = await factors.renew_codes(session, vault_of(ctx), ctx.principal.login, ctx.now)
    return _codes_page(ctx, codes, f"/{ctx.place.code}/account/") if wants_html(ctx.request) else Codes(codes=codes)


@router.post(
    "/factors/{factor_no}/end", summary="自分の登録をやめる", response_model=Ended, openapi_extra=_body_of(Begin)
)
async def end_factor(ctx: _Changing, factor_no: int) -> Any:
    """End one of one's own factors, not the last."""
    try:
        await _begun(ctx)
        async with ctx.write() as session:
            await factors.end_factor(session, vault_of(ctx), ctx.principal.login, factor_no, ctx.now)
    except YoriaiError as error:
        if not wants_html(ctx.request):
            raise
        return await _account_page(ctx, error, ctx.request.url.path)
    back = RedirectResponse(f"/{ctx.place.code}/account/", status_code=303)
    return back if wants_html(ctx.request) else Ended(factor_no=factor_no)


@router.get("/second-factor", include_in_schema=False)
async def show_second_factor(ctx: _Own, next: str = "") -> Response:  # noqa: A002
    """The page where the second factor is given."""
    return await ask(ctx, own_page(next, ctx.place.code), "get", [])


@router.post("/second-factor", summary="二要素認証", response_model=Given, openapi_extra=_body_of(Proof))
async def post_second_factor(ctx: _Own) -> Any:
    """Give the second factor: a browser's cookie has it from then on, any other caller gets a new token."""
    request = ctx.request
    typed = [] if request.headers.get("content-type", "").startswith("application/json") else await read_pairs(request)
    again = [(name.removeprefix(AGAIN), value) for name, value in typed if name.startswith(AGAIN)]
    raw = await read_raw(request)
    wanted = own_page(raw.get("next"), ctx.place.code)
    try:
        body = validate(Proof, raw)
        session = await give_second(request, _session(ctx), _attempt(ctx, body))
    except Invalid as error:
        if not wants_html(request):
            raise
        method = "post" if raw.get("method") == "post" else "get"
        return await ask(ctx, wanted, method, again, status=error.status, errors=error.fields)
    if not wants_html(request):
        gate: Gate = request.app.state.gate
        return Given(token=gate.sessions.sign(session), expires_in=gate.sessions.seconds_left(session))
    if body.method == "post":
        shown = page(request, "security/resend.html", ctx, {"wanted": wanted, "typed": again})
        return keep(shown, request, session)
    return keep(RedirectResponse(wanted, status_code=303), request, session)


def _attempt(ctx: AnyCtx, body: Proof) -> factors.Attempt:
    if body.answer:
        challenge = challenges_for(ctx, PURPOSE).read(body.challenge)
        return factors.KeyAnswer(body.answer, challenge, Site.of(ctx.request))
    if not body.code:
        raise Invalid(fields=[FieldError("code", "認証コードを入力してください。", rule="missing")])
    return factors.TypedCode(body.code)
