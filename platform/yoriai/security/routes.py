"""The addresses of an administrator: accounts with their second factors; those of the report are beside them."""

from pydantic import BaseModel, Field

from yoriai.security import factors
from yoriai.security.accounts import Account, get_account, list_accounts
from yoriai.security.registration import issue_code
from yoriai.security.report_routes import add_report_routes
from yoriai.security.vault import Vault
from yoriai.web import BusinessRouter, Ctx, form_or_json

router = BusinessRouter("security")
add_report_routes(router)
_RESET = "security.reset"
_ACCOUNT = "security/reset.html"


class AccountList(BaseModel):
    """The accounts of the municipality."""

    accounts: list[Account]
    without: int
    """How many of those that are in use have no second factor."""


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


@router.get("/accounts", permission=_RESET, summary="職員の認証の一覧", screen="security/accounts.html")
async def show_accounts(ctx: Ctx) -> AccountList:
    """Who has registered a second factor, who is shut out."""
    async with ctx.read() as session:
        accounts = await list_accounts(session, ctx.now)
    without = sum(account.is_active and not account.is_registered for account in accounts)
    return AccountList(accounts=accounts, without=without)


@router.get("/accounts/{login}", permission=_RESET, summary="職員の認証の照会", screen=_ACCOUNT)
async def show_account(ctx: Ctx, login: str) -> Account:
    """One account."""
    async with ctx.read() as session:
        return await get_account(session, login, ctx.now)


async def _again(ctx: Ctx) -> Account:
    async with ctx.read() as session:
        return await get_account(session, ctx.request.path_params["login"], ctx.now)


def _vault(ctx: Ctx) -> Vault:
    return Vault(ctx.tenant, ctx.request.app.state.settings.sealer)


@router.post(
    "/accounts/{login}/registration-code",
    permission=_RESET,
    summary="二要素認証の登録コードの発行",
    screen=_ACCOUNT,
    again=_again,
    second_factor=True,
)
async def issue(ctx: Ctx, login: str, body: Issue = _ISSUE_BODY) -> Account:
    """A code for the account's first registration, shown in this answer only; audited with the reason."""
    async with ctx.write() as session:
        issued = await issue_code(session, _vault(ctx), login, body.reason.strip(), ctx.now)
        account = await get_account(session, login, ctx.now)
    return account.model_copy(update={"registration_code": issued.code})


@router.post(
    "/accounts/{login}/reset",
    permission=_RESET,
    summary="二要素認証の初期化",
    screen=_ACCOUNT,
    then="/accounts/{login}",
    again=_again,
    second_factor=True,
)
async def reset(ctx: Ctx, login: str, body: Reset = _RESET_BODY) -> ResetDone:
    """End an account's second factors, recovery codes and sessions, and open its lock; audited with the reason."""
    async with ctx.write() as session:
        ended = await factors.reset_factors(session, _vault(ctx), login, body.reason.strip(), ctx.now)
    return ResetDone(login=login, ended=ended)
