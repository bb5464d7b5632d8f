"""The addresses of an administrator of accounts: who has a second factor, registration codes, resetting.

The same for a municipality's security officer and for who is in charge at the shared centre.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, Field

from yoriai.security import factors
from yoriai.security.accounts import Account, get_account, list_accounts
from yoriai.security.registration import issue_code
from yoriai.web import BusinessRouter, form_or_json
from yoriai.web.context import AnyCtx, Ctx
from yoriai.web.router import CenterRouter
from yoriai.web.second_factor import vault_of

_RESET = "security.reset"
_ACCOUNT = "security/reset.html"


class AccountList(BaseModel):
    """The accounts of the municipality, or of the centre."""

    accounts: list[Account]
    without: int
    """How many of those that are in use have no second factor."""
    role_labels: dict[str, str]


class Reset(BaseModel):
    """Why an account's second factors are ended."""

    reason: str = Field(min_length=2, max_length=200, title="理由")


class Issue(BaseModel):
    """Why a registration code is handed out, and how it was seen that its receiver is who they say."""

    reason: str = Field(min_length=2, max_length=200, title="本人確認と理由")


class ResetDone(BaseModel):
    """What was ended."""

    login: str
    ended: int


_RESET_BODY = form_or_json(Reset)
_ISSUE_BODY = form_or_json(Issue)


def add_account_routes(router: BusinessRouter | CenterRouter) -> None:
    """Register the routes. At the centre every route wants a second factor without saying so."""
    asks = isinstance(router, BusinessRouter)
    router.get("/accounts", permission=_RESET, summary="職員の認証の一覧", screen="security/accounts.html")(
        show_accounts
    )
    router.get("/accounts/{login}", permission=_RESET, summary="職員の認証の照会", screen=_ACCOUNT)(show_account)
    router.post(
        "/accounts/{login}/registration-code",
        permission=_RESET,
        summary="二要素認証の登録コードの発行",
        screen=_ACCOUNT,
        again=_again,
        second_factor=asks,
    )(issue)
    router.post(
        "/accounts/{login}/reset",
        permission=_RESET,
        summary="二要素認証の初期化",
        screen=_ACCOUNT,
        then="/accounts/{login}",
        again=_again,
        second_factor=asks,
    )(reset)


async def show_accounts(ctx: AnyCtx) -> AccountList:
    """Who has registered a second factor, who is shut out."""
    async with ctx.read() as session:
        accounts = await list_accounts(session, vault_of(ctx), ctx.now)
    without = sum(account.is_active and not account.is_registered for account in accounts)
    labels = {name: str(role["label"]) for name, role in _roles_of(ctx).items()}
    return AccountList(accounts=accounts, without=without, role_labels=labels)


def _roles_of(ctx: AnyCtx) -> Mapping[str, Any]:
    roles: Mapping[str, Any] = (
        ctx.config.document["roles"] if isinstance(ctx, Ctx) else ctx.request.app.state.gate.center.roles
    )
    return roles


async def show_account(ctx: AnyCtx, login: str) -> Account:
    """One account."""
    async with ctx.read() as session:
        return await get_account(session, vault_of(ctx), login, ctx.now)


async def _again(ctx: AnyCtx) -> Account:
    return await show_account(ctx, ctx.request.path_params["login"])


async def issue(ctx: AnyCtx, login: str, body: Issue = _ISSUE_BODY) -> Account:
    """A code for the account's first registration, shown in this answer only; audited with the reason."""
    async with ctx.write() as session:
        issued = await issue_code(session, vault_of(ctx), login, body.reason.strip(), ctx.now)
        account = await get_account(session, vault_of(ctx), login, ctx.now)
    return account.model_copy(update={"registration_code": issued.code})


async def reset(ctx: AnyCtx, login: str, body: Reset = _RESET_BODY) -> ResetDone:
    """End an account's second factors, codes and sessions, and open its lock; audited with the reason."""
    async with ctx.write() as session:
        ended = await factors.reset_factors(session, vault_of(ctx), login, body.reason.strip(), ctx.now)
    return ResetDone(login=login, ended=ended)
