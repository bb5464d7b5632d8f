"""The addresses of 口座 and of 店舗統廃合."""

from modules.resident.non_resident import accounts
from modules.resident.non_resident.accounts import (
    AccountEnd,
    AccountInput,
    AccountResult,
    AccountsView,
    MergerInput,
    MergerResult,
    MergersView,
)
from yoriai.web import BusinessRouter, Ctx, form_or_json

_PERMISSION = "non_resident.account"
_ONE, _SCREEN = "/addressees/{addressee_no}/accounts", "non_resident/accounts.html"
_ALL = "/branch-mergers"
_ACCOUNT, _END, _MERGER = form_or_json(AccountInput), form_or_json(AccountEnd), form_or_json(MergerInput)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    router.get(_ONE, permission=_PERMISSION, screen=_SCREEN, summary="口座の照会")(show_accounts)
    router.post(_ONE, permission=_PERMISSION, screen=_SCREEN, then=_ONE, again=_again, summary="口座の登録")(
        set_account
    )
    router.post(
        f"{_ONE}/{{account_id}}/end",
        permission=_PERMISSION,
        screen=_SCREEN,
        then=_ONE,
        again=_again,
        summary="口座の終了",
    )(end_account)
    screen = "non_resident/mergers.html"
    router.get(_ALL, permission=_PERMISSION, screen=screen, summary="店舗統廃合の一覧")(show_mergers)
    router.post(
        _ALL,
        permission=_PERMISSION,
        screen=screen,
        then=_ALL,
        again=show_mergers,
        summary="店舗統廃合による口座の一括変更",
    )(merge_branches)


async def show_accounts(ctx: Ctx, addressee_no: int) -> AccountsView:
    """The accounts of an addressee."""
    async with ctx.read() as session:
        return await accounts.get_accounts(session, addressee_no, ctx.today)


async def _again(ctx: Ctx) -> AccountsView:
    return await show_accounts(ctx, int(ctx.request.path_params["addressee_no"]))


async def set_account(ctx: Ctx, addressee_no: int, body: AccountInput = _ACCOUNT) -> AccountResult:
    """An account for a business and a use from a day on."""
    async with ctx.write() as session:
        return await accounts.set_account(session, addressee_no, body, ctx.now)


async def end_account(ctx: Ctx, addressee_no: int, account_id: int, body: AccountEnd = _END) -> AccountResult:
    """The last day of an account."""
    async with ctx.write() as session:
        return await accounts.end_account(session, addressee_no, account_id, body, ctx.now)


async def show_mergers(ctx: Ctx) -> MergersView:
    """The mergers there were."""
    async with ctx.read() as session:
        return await accounts.list_mergers(session, ctx.today)


async def merge_branches(ctx: Ctx, body: MergerInput = _MERGER) -> MergerResult:
    """Change all accounts of a branch."""
    async with ctx.write() as session:
        return await accounts.merge_branches(session, body, ctx.now)
