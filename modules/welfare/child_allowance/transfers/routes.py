"""The addresses of 振込データ."""

from datetime import date
from typing import Any

from modules.welfare.child_allowance.transfers import service
from modules.welfare.child_allowance.transfers.views import TransferList, TransferMade, TransferPlan
from yoriai.banking import find_originators
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import AskedMonth
from yoriai.web.files import attachment

_PERMISSION = "child_allowance.transfer"
_PLAN = form_or_json(TransferPlan)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    screen = "child_allowance/transfers.html"
    router.get("/transfers", permission=_PERMISSION, screen=screen, summary="振込データと口座のない受給者")(
        show_transfers
    )
    router.post(
        "/transfers",
        permission=_PERMISSION,
        screen=screen,
        then="/transfers?month={month}",
        again=_again,
        summary="追加の振込データの作成",
    )(make_transfer)
    router.get("/transfers/{file_no}/content", permission=_PERMISSION, summary="振込データ (全銀)")(download)


async def show_transfers(ctx: Ctx, month: AskedMonth = None) -> TransferList:
    """The files of a payment month and who is in none; without a month the newest."""
    return await _list(ctx, month)


async def _again(ctx: Ctx) -> TransferList:
    return await _list(ctx, None)


async def make_transfer(ctx: Ctx, body: TransferPlan = _PLAN) -> TransferMade:
    """A further file for those whose account was registered after the night."""
    originator = next(iter(find_originators(ctx.config, "child_allowance", "benefit")), None)
    async with ctx.write() as session:
        return await service.make_transfer(session, body, originator, ctx.now)


async def download(ctx: Ctx, file_no: int) -> Any:
    """The file for the bank, as it was made. Audited."""
    async with ctx.read() as session:
        name, content = await service.get_content(session, file_no)
    return attachment(content, name, "text/plain; charset=Shift_JIS")


async def _list(ctx: Ctx, month: date | None) -> TransferList:
    is_sent = bool(find_originators(ctx.config, "child_allowance", "benefit"))
    async with ctx.read() as session:
        return await service.list_transfers(session, month, ctx.today, is_sent=is_sent)
