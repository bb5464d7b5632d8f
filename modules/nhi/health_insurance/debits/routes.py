"""The addresses of 口座振替."""

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import Query

from modules.nhi.health_insurance.debits import differences, reads, results, slips
from modules.nhi.health_insurance.debits.telling import Show
from modules.nhi.health_insurance.debits.views import (
    DebitFiles,
    DebitFileView,
    Differences,
    DifferenceView,
    Handle,
    Handled,
    ResultTaken,
    ResultUpload,
    SlipsSent,
)
from yoriai.documents.letters import Letter, render_letters
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.documents import Document, document
from yoriai.web.files import attachment

_PERMISSION = "nhi.debit"
_RESULT = form_or_json(ResultUpload)
_HANDLE = form_or_json(Handle)
_SLIPS = form_or_json(SlipsSent)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    screen = "nhi/debits.html"
    router.get("/debits", permission=_PERMISSION, screen=screen, summary="口座振替の請求ファイルの一覧")(show_files)
    router.post(
        "/debits/results",
        permission=_PERMISSION,
        screen=screen,
        then="/debits/{file_no}",
        again=show_files,
        summary="口座振替の結果ファイルの取込",
    )(take_results)
    router.get(
        "/debits/differences",
        permission=_PERMISSION,
        screen="nhi/debit_differences.html",
        summary="口座振替の請求との差異と次の請求",
    )(show_differences)
    router.post(
        "/debits/differences/slips",
        permission=_PERMISSION,
        screen="nhi/debit_differences.html",
        then="/debits/differences?show={show}",
        again=_slips_again,
        summary="納付書に切り替える期すべてに、納付書を送ったと記録",
    )(send_slips)
    document(router, "/debits/slips", permission=_PERMISSION, summary="国保 口座振替不能のお知らせの一括印刷")(
        print_slips
    )
    one = "/debits/differences/{household_no}/{fiscal_year}/{instalment_no}"
    router.get(one, permission=_PERMISSION, screen="nhi/debit_difference.html", summary="一つの期の口座振替の経過")(
        show_difference
    )
    router.post(
        one,
        permission=_PERMISSION,
        screen="nhi/debit_difference.html",
        then="/debits/differences?show={show}",
        again=_difference_again,
        summary="口座振替の差異に処理を記録",
    )(handle)
    document(router, f"{one}/slip", permission=_PERMISSION, summary="国保 口座振替不能のお知らせ")(print_slip)
    router.get(
        "/debits/{file_no}", permission=_PERMISSION, screen="nhi/debit.html", summary="口座振替の請求ファイルと結果"
    )(show_file)
    router.get("/debits/{file_no}/content", permission=_PERMISSION, summary="口座振替の請求ファイル (全銀)")(download)


async def show_files(ctx: Ctx) -> DebitFiles:
    """The request files, and the form for the bank's result."""
    async with ctx.read() as session:
        return await reads.list_files(session, ctx.config, ctx.today)


async def take_results(ctx: Ctx, body: ResultUpload = _RESULT) -> ResultTaken:
    """Take a result file in: all of it or nothing, once."""
    async with ctx.write() as session:
        return await results.take_results(session, body, ctx.now)


async def show_differences(ctx: Ctx, show: Show = "excess") -> Differences:
    """What differs between what is owed and what banks were asked for, and what comes next."""
    async with ctx.read() as session:
        return await differences.list_differences(session, ctx.config, show, ctx.today)


async def _slips_again(ctx: Ctx) -> Differences:
    return await show_differences(ctx, "slip")


async def send_slips(ctx: Ctx, body: SlipsSent = _SLIPS) -> Handled:
    """Record that a slip was sent for the whole list; none of these is debited again."""
    async with ctx.write() as session:
        return await differences.send_slips(session, ctx.config, body, ctx.now)


async def show_difference(ctx: Ctx, household_no: int, fiscal_year: int, instalment_no: int) -> DifferenceView:
    """An instalment's requests and results, what comes next, and the form for what a clerk did."""
    async with ctx.read() as session:
        return await differences.get_difference(
            session, ctx.config, household_no, fiscal_year, instalment_no, ctx.today
        )


async def _difference_again(ctx: Ctx) -> DifferenceView:
    path = ctx.request.path_params
    return await show_difference(ctx, *(int(path[name]) for name in ("household_no", "fiscal_year", "instalment_no")))


async def handle(ctx: Ctx, household_no: int, fiscal_year: int, instalment_no: int, body: Handle = _HANDLE) -> Handled:
    """Record what was done about a difference; an instalment that goes by slip is not debited again."""
    async with ctx.write() as session:
        return await differences.handle(session, ctx.config, (household_no, fiscal_year, instalment_no), body, ctx.now)


async def print_slips(ctx: Ctx, part: Annotated[int, Query(ge=1, le=10_000)] = 1) -> Document:
    """A file of letters with payment slips, 500, by postcode. Audited."""
    async with ctx.read() as session:
        letters = await slips.bulk_slips(session, ctx.config, part, ctx.today)
    return _document(ctx, letters, f"口座振替不能_{ctx.today:%Y%m%d}_{part}", "nhi_debit")


async def print_slip(ctx: Ctx, household_no: int, fiscal_year: int, instalment_no: int) -> Document:
    """The letter of one instalment, to where its payer's letters go today. Audited."""
    key = (household_no, fiscal_year, instalment_no)
    async with ctx.read() as session:
        letter = await slips.one_slip(session, ctx.config, key, ctx.today)
    return _document(
        ctx, [letter], f"口座振替不能_{household_no}_{fiscal_year}_{instalment_no}", f"household:{household_no}"
    )


def _document(ctx: Ctx, letters: Sequence[Letter], name: str, subject: str) -> Document:
    practice, now = ctx.request.app.state.settings.practice, ctx.now
    return Document(lambda: render_letters(letters, made_at=now, practice=practice), name, subject, list(letters))


async def show_file(ctx: Ctx, file_no: int) -> DebitFileView:
    """A request file: control totals, and after the result who did not pay and why."""
    async with ctx.read() as session:
        return await reads.get_file(session, ctx.config, file_no, ctx.today)


async def download(ctx: Ctx, file_no: int) -> Any:
    """The file for the bank, as it was made. Audited."""
    async with ctx.read() as session:
        name, content = await reads.get_content(session, file_no)
    return attachment(content, name, "text/plain; charset=Shift_JIS")
