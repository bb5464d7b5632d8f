"""The addresses of the bulk runs."""

import asyncio
from typing import Any
from urllib.parse import quote

from starlette.responses import Response

from modules.resident.certificates import bulk, bulk_reads
from modules.resident.certificates.inputs import BulkChange, BulkPlan, BulkPrint, BulkResult, Decision
from modules.resident.certificates.overflow import OverflowRow, list_overflow
from modules.resident.certificates.printing import print_pages
from modules.resident.certificates.service import place_of
from modules.resident.certificates.views import BulkList, BulkView
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.documents import wants_file
from yoriai.web.files import csv_response
from yoriai.web.printing import PrinterChoice, printer_choices, send_to_printer
from yoriai.web.render import wants_html

router = BusinessRouter("certificate")
_PLAN = form_or_json(BulkPlan)
_CHANGE = form_or_json(BulkChange)
_DECISION = form_or_json(Decision)
_PRINTER = form_or_json(PrinterChoice)
_BULK = "certificate.bulk"


def file_of(content: bytes, name: str, media_type: str) -> Response:
    """A file to be looked at in the browser, from where it is printed."""
    return Response(
        content, media_type=media_type, headers={"Content-Disposition": f"inline; filename*=UTF-8''{quote(name)}"}
    )


async def _bulk_list(ctx: Ctx) -> BulkList:
    async with ctx.read() as session:
        return await bulk_reads.list_bulk(session, ctx.tenant.code)


@router.get("/bulk", permission=_BULK, screen="certificate/bulk_list.html", summary="一括発行の一覧")
async def show_bulk_list(ctx: Ctx) -> BulkList:
    """The bulk runs, and the form for another."""
    return await _bulk_list(ctx)


@router.post(
    "/bulk",
    permission=_BULK,
    screen="certificate/bulk_list.html",
    then="/bulk/{bulk_no}",
    again=_bulk_list,
    summary="一括発行の対象の登録",
)
async def plan_bulk(ctx: Ctx, body: BulkPlan = _PLAN) -> BulkResult:
    """Make the list of a bulk run."""
    async with ctx.write() as session:
        return await bulk.plan_bulk(session, body, ctx.now)


async def _bulk_again(ctx: Ctx) -> BulkView:
    return await _bulk(ctx, int(ctx.request.path_params["bulk_no"]))


async def _bulk(ctx: Ctx, bulk_no: int) -> BulkView:
    choices, usual = printer_choices(ctx)
    async with ctx.read() as session:
        view = await bulk_reads.get_bulk(session, ctx.config, bulk_no)
    return view.model_copy(update={"printers": choices, "usual_printer": usual})


@router.get("/bulk/{bulk_no}", permission=_BULK, screen="certificate/bulk.html", summary="一括発行の照会")
async def show_bulk(ctx: Ctx, bulk_no: int) -> BulkView:
    """A bulk run with its list, its exceptions and its files. Audited."""
    return await _bulk(ctx, bulk_no)


@router.post(
    "/bulk/{bulk_no}/changes",
    permission=_BULK,
    screen="certificate/bulk.html",
    then="/bulk/{bulk_no}",
    again=_bulk_again,
    summary="一括発行の引抜・追加",
)
async def change_bulk(ctx: Ctx, bulk_no: int, body: BulkChange = _CHANGE) -> BulkResult:
    """Pull a person out, put one back, add one."""
    async with ctx.write() as session:
        return await bulk.change_bulk(session, bulk_no, body)


@router.post(
    "/bulk/{bulk_no}/issue",
    permission=_BULK,
    screen="certificate/bulk.html",
    then="/bulk/{bulk_no}",
    again=_bulk_again,
    summary="一括発行",
)
async def issue_bulk(ctx: Ctx, bulk_no: int, body: Decision = _DECISION) -> BulkResult:
    """Issue the whole list."""
    async with ctx.write() as session:
        return await bulk.issue_bulk(session, ctx.config, bulk_no, ctx.now)


@router.get("/bulk/{bulk_no}/files/{chunk_no}", permission=_BULK, summary="一括発行のファイル")
async def show_file(ctx: Ctx, bulk_no: int, chunk_no: int) -> Any:
    """One file of a bulk run as PDF/A, or its pages' lines for JSON. Audited."""
    async with ctx.read() as session:
        pages = await bulk_reads.get_pages(session, ctx.config, bulk_no, chunk_no, ctx.today)
    if not wants_file(ctx.request):
        return pages
    practice = ctx.request.app.state.settings.practice
    pdf = await asyncio.to_thread(print_pages, pages, ctx.config, made_at=ctx.now, practice=practice)
    return file_of(pdf, f"一括発行_{bulk_no}_{chunk_no}.pdf", "application/pdf")


@router.post(
    "/bulk/{bulk_no}/files/{chunk_no}/print",
    permission=_BULK,
    screen="certificate/bulk.html",
    then="/bulk/{bulk_no}",
    again=_bulk_again,
    summary="一括発行のファイルの印刷",
)
async def print_file(ctx: Ctx, bulk_no: int, chunk_no: int, body: PrinterChoice = _PRINTER) -> BulkPrint:
    """One file of a bulk run on a printer. Audited. What did not reach the printer is not recorded as printed."""
    async with ctx.read() as session:
        pages = await bulk_reads.get_pages(session, ctx.config, bulk_no, chunk_no, ctx.today)
        practice = ctx.request.app.state.settings.practice
        pdf = await asyncio.to_thread(print_pages, pages, ctx.config, made_at=ctx.now, practice=practice)
        title = f"一括発行 {bulk_no}-{chunk_no}"
        where = await send_to_printer(ctx, session, body.printer, pdf, title, f"bulk:{bulk_no}")
    return BulkPrint(bulk_no=bulk_no, destination=where)


@router.get("/bulk/{bulk_no}/notes", permission=_BULK, summary="一括発行の文字あふれ・フォント外・発行できない人の一覧")
async def show_notes(ctx: Ctx, bulk_no: int) -> Any:
    """Everybody of the run of whom something has to be told: overflow, characters outside the font, why not issued. CSV or JSON."""
    async with ctx.read() as session:
        rows = await bulk_reads.list_notes(session, bulk_no)
    if not wants_html(ctx.request):
        return rows
    lines = [(row.position, row.addressee_no, row.name, row.status.label, row.serial, row.note) for row in rows]
    return csv_response(f"一括発行{bulk_no}の確認一覧", ("順", "宛名番号", "氏名", "状態", "番号", "理由・確認"), lines)


@router.get("/overflow", permission=_BULK, screen="certificate/overflow.html", summary="文字あふれ一覧")
async def show_overflow(ctx: Ctx) -> list[OverflowRow]:
    """Residents of whom a value is longer than its field on a certificate. Audited."""
    async with ctx.read() as session:
        return await list_overflow(session, place_of(ctx.config))


@router.get("/overflow.csv", permission=_BULK, summary="文字あふれ一覧（CSV）")
async def download_overflow(ctx: Ctx) -> Any:
    """The same list for a spreadsheet. Audited."""
    async with ctx.read() as session:
        rows = await list_overflow(session, place_of(ctx.config))
    head = ("宛名番号", "氏名", "項目", "内容", "全角の文字数", "欄の文字数")
    return csv_response("文字あふれ一覧", head, [tuple(row.model_dump().values()) for row in rows])
