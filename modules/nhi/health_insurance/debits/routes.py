"""The addresses of 口座振替."""

from typing import Any

from modules.nhi.health_insurance.debits import reads, results
from modules.nhi.health_insurance.debits.views import DebitFiles, DebitFileView, ResultTaken, ResultUpload
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.files import attachment

_PERMISSION = "nhi.debit"
_RESULT = form_or_json(ResultUpload)


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
        "/debits/{file_no}", permission=_PERMISSION, screen="nhi/debit.html", summary="口座振替の請求ファイルと結果"
    )(show_file)
    router.get("/debits/{file_no}/content", permission=_PERMISSION, summary="口座振替の請求ファイル (全銀)")(download)


async def show_files(ctx: Ctx) -> DebitFiles:
    """The request files, and the form for the bank's result."""
    async with ctx.read() as session:
        return await reads.list_files(session)


async def take_results(ctx: Ctx, body: ResultUpload = _RESULT) -> ResultTaken:
    """Take a result file in: all of it or nothing, once."""
    async with ctx.write() as session:
        return await results.take_results(session, body, ctx.now)


async def show_file(ctx: Ctx, file_no: int) -> DebitFileView:
    """A request file: control totals, and after the result who did not pay and why."""
    async with ctx.read() as session:
        return await reads.get_file(session, file_no)


async def download(ctx: Ctx, file_no: int) -> Any:
    """The file for the bank, as it was made. Audited."""
    async with ctx.read() as session:
        name, content = await reads.get_content(session, file_no)
    return attachment(content, name, "text/plain; charset=Shift_JIS")
