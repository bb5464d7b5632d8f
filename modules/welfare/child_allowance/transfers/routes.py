"""The addresses of 振込データ."""

from datetime import date
from typing import Any

from modules.welfare.child_allowance.transfers import returns, service
from modules.welfare.child_allowance.transfers.views import (
    ReturnBack,
    Returned,
    TransferFileView,
    TransferList,
    TransferMade,
    TransferPlan,
    TransferReturn,
    TransferView,
)
from yoriai.banking import find_originators
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import AskedMonth
from yoriai.web.files import attachment

_PERMISSION = "child_allowance.transfer"
_PLAN = form_or_json(TransferPlan)
_RETURN = form_or_json(TransferReturn)
_BACK = form_or_json(ReturnBack)


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
    router.get(
        "/transfers/{file_no}",
        permission=_PERMISSION,
        screen="child_allowance/transfer_file.html",
        summary="振込データに入っている支払",
    )(show_file)
    one, page = "/transfers/{file_no}/payments/{payment_no}", "child_allowance/transfer_payment.html"
    then = "/transfers?month={month}"
    router.get(one, permission=_PERMISSION, screen=page, summary="一つの支払の振込の経過")(show_transfer)
    router.post(one, permission=_PERMISSION, screen=page, then=then, again=_transfer_again, summary="振込不能の登録")(
        record_return
    )
    router.post(
        f"{one}/back", permission=_PERMISSION, screen=page, then=then, again=_transfer_again, summary="振込不能の取消し"
    )(take_back)
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


async def show_file(ctx: Ctx, file_no: int, q: str = "") -> TransferFileView:
    """A file with its payments, the returned ones first; `q` is a name, a kana, a 支払番号 or an amount."""
    async with ctx.read() as session:
        return await returns.get_file(session, file_no, q)


async def show_transfer(ctx: Ctx, file_no: int, payment_no: int) -> TransferView:
    """A payment of a file, and the form for 振込不能."""
    async with ctx.read() as session:
        return await returns.get_transfer(session, file_no, payment_no, ctx.today)


async def _transfer_again(ctx: Ctx) -> TransferView:
    path = ctx.request.path_params
    return await show_transfer(ctx, int(path["file_no"]), int(path["payment_no"]))


async def record_return(ctx: Ctx, file_no: int, payment_no: int, body: TransferReturn = _RETURN) -> Returned:
    """The bank returned the transfer: the payment is unpaid until a later file."""
    async with ctx.write() as session:
        return await returns.record_return(session, file_no, payment_no, body, ctx.now)


async def take_back(ctx: Ctx, file_no: int, payment_no: int, body: ReturnBack = _BACK) -> Returned:
    """It was recorded by mistake."""
    async with ctx.write() as session:
        return await returns.take_back(session, file_no, payment_no, body, ctx.now)


async def download(ctx: Ctx, file_no: int) -> Any:
    """The file for the bank, as it was made. Audited."""
    async with ctx.read() as session:
        name, content = await service.get_content(session, file_no)
    return attachment(content, name, "text/plain; charset=Shift_JIS")


async def _list(ctx: Ctx, month: date | None) -> TransferList:
    is_sent = bool(find_originators(ctx.config, "child_allowance", "benefit"))
    async with ctx.read() as session:
        return await service.list_transfers(session, month, ctx.today, is_sent=is_sent)
