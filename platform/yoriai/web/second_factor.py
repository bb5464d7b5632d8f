"""Giving the second factor: into the session, into the browser's cookie, and back to what was asked for."""

from collections.abc import Sequence

from fastapi import Request
from starlette.responses import HTMLResponse, Response

from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.errors import FieldError, Invalid
from yoriai.security.factors import Attempt, TypedCode, list_factors, list_keys, prove
from yoriai.security.passkeys import Challenges, Site, authentication_options
from yoriai.security.vault import Vault
from yoriai.web.context import AnyCtx, Ctx
from yoriai.web.forms import Form, read_pairs
from yoriai.web.gate import Gate, SecondFactorWanted, terminal_of
from yoriai.web.identity import COOKIE, Session
from yoriai.web.render import is_fragment, page

PURPOSE = "use"
AGAIN = "again."
"""Begins the names of fields that were typed before the second factor was asked for, and are sent on after it."""
_SCREEN = "security/second_factor.html"


async def give_second(request: Request, session: Session, attempt: Attempt) -> Session:
    """The session with the second factor in it; raises `Invalid` for a wrong attempt, which is counted and audited."""
    field = "code" if isinstance(attempt, TypedCode) else "answer"
    gate: Gate = request.app.state.gate
    moment = now()
    who = Principal(session.login, terminal=terminal_of(request))
    vault = Vault(session.tenant, request.app.state.settings.sealer)
    async with gate.database.write_account(session.tenant, who) as write:
        proof = await prove(write, vault, session.login, attempt, moment)
    if not proof.method:
        raise Invalid(fields=[FieldError(field, proof.refusal, rule="second_factor")])
    return session.with_second(proof.method, moment)


def keep(answer: Response, request: Request, session: Session) -> Response:
    """The answer with the session in the browser's cookie."""
    gate: Gate = request.app.state.gate
    answer.set_cookie(
        COOKIE,
        gate.sessions.sign(session),
        max_age=gate.sessions.seconds_left(session),
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return answer


def vault_of(ctx: AnyCtx) -> Vault:
    """Where what the account of who asks has is sealed."""
    return Vault(ctx.tenant if isinstance(ctx, Ctx) else None, ctx.request.app.state.settings.sealer)


def challenges_for(ctx: AnyCtx, purpose: str) -> Challenges:
    """The challenges for the keys of who asks."""
    settings = ctx.request.app.state.settings
    return Challenges(settings.secret, f"{ctx.place.code}/{ctx.principal.login}", purpose)


async def refused_page(request: Request, error: SecondFactorWanted) -> Response:
    """Instead of what was asked for: the page where the second factor is given, with whatever was typed kept in it."""
    if is_fragment(request):
        answer = HTMLResponse("", status_code=error.status)
        answer.headers["HX-Redirect"] = f"/{error.ctx.place.code}/account/second-factor"
        return answer
    account = f"/{error.ctx.place.code}/account/"
    if request.url.path.startswith(account):
        # A password was typed there, which no page may carry: it is asked for again.
        return await ask(error.ctx, account, "get", [], status=error.status)
    is_post = request.method == "POST"
    pairs = await read_pairs(request) if is_post else []
    query = f"?{request.url.query}" if request.url.query else ""
    return await ask(error.ctx, f"{request.url.path}{query}", "post" if is_post else "get", pairs, status=error.status)


async def ask(
    ctx: AnyCtx,
    wanted: str,
    method: str,
    typed: Sequence[tuple[str, str]],
    *,
    status: int = 200,
    errors: Sequence[FieldError] = (),
) -> Response:
    """The page: a field for the code, a button for the key, and `typed`, to be sent to `wanted` afterwards."""
    site, vault = Site.of(ctx.request), vault_of(ctx)
    async with ctx.read() as session:
        factors = await list_factors(session, vault, ctx.principal.login)
        keys = await list_keys(session, vault, ctx.principal.login, site.host)
    challenge = challenges_for(ctx, PURPOSE).issue(ctx.now)
    values = {
        "factors": factors,
        "options": authentication_options(site, challenge, keys) if keys else None,
        "challenge": challenge.token,
        "wanted": wanted,
        "method": method,
        "typed": [(f"{AGAIN}{name}", value) for name, value in typed],
        "form": Form({}, errors),
    }
    return page(ctx.request, _SCREEN, ctx, values, status)


def own_page(path: object, place: str) -> str:
    """Only a page of the place just logged in to; anything else would be a way to lead people elsewhere."""
    home = f"/{place}/"
    if not isinstance(path, str) or not path.startswith(home) or "\\" in path or "//" in path.partition("?")[0]:
        return home
    return path
