"""The addresses of the certificates: applications, previews, issues, prints, the log, the feed; bulk runs in `bulk_routes`."""

import asyncio
from typing import Annotated, Any, Literal

from starlette.responses import RedirectResponse, Response

from modules.resident.certificates import feed, reads, service
from modules.resident.certificates.bulk_routes import file_of
from modules.resident.certificates.inputs import (
    Application,
    ApplicationResult,
    Decision,
    IssueResult,
    PrintOrder,
    PrintResult,
    Voiding,
    VoidResult,
)
from modules.resident.certificates.notice_routes import router
from modules.resident.certificates.numbers import open_numbers
from modules.resident.certificates.printing import (
    draw_pages,
    print_pages,
    reprint_note,
    to_page,
)
from modules.resident.certificates.views import ApplicationForm, Feed, FeedContent, IssueLog, RequestView
from yoriai.printing import find_terminal
from yoriai.web import Ctx, form_or_json
from yoriai.web.documents import wants_file
from yoriai.web.fields import NOTHING, AskedDay, is_number
from yoriai.web.forms import read_raw
from yoriai.web.printing import printer_choices, send_to_printer
from yoriai.web.render import wants_html

__all__ = ["router"]
_APPLICATION = form_or_json(Application)
_DECISION = form_or_json(Decision)
_VOIDING = form_or_json(Voiding)
_PRINT = form_or_json(PrintOrder)
_VIEW, _ISSUE, _VOID, _FEED = "certificate.view", "certificate.issue", "certificate.void", "certificate.feed"
_NUMBER_LAW = "住基法12条（個人番号・住民票コードを記載した写し）"
_KindFilter = Literal["", "household", "individual", "removed", "entries", "absence", "departure"]


@router.get("/requests/new", permission=_ISSUE, screen="certificate/new.html", summary="証明書の申請の入力")
async def show_application(ctx: Ctx, addressee_no: int | None = None, kind: _KindFilter = "") -> ApplicationForm:
    """A blank application for a person, or without one for a 不在住証明. Audited."""
    async with ctx.read() as session:
        return await reads.get_form(session, ctx.config, addressee_no, kind, ctx.today)


async def _application_again(ctx: Ctx) -> ApplicationForm:
    raw = await read_raw(ctx.request)
    number = str(raw.get("addressee_no", ""))
    async with ctx.read() as session:
        return await reads.get_form(
            session, ctx.config, int(number) if is_number(number) else None, str(raw.get("kind", "")), ctx.today
        )


@router.post(
    "/requests",
    permission=_ISSUE,
    screen="certificate/new.html",
    then="/requests/{request_no}",
    again=_application_again,
    summary="証明書の申請の受付",
)
async def record_application(ctx: Ctx, body: Application = _APPLICATION) -> ApplicationResult:
    """Check who asks for whom and record the application; what it will print is to be looked at next."""
    async with ctx.write() as session:
        return await service.apply(session, ctx.config, body, ctx.now)


async def _request_again(ctx: Ctx) -> RequestView:
    return await _request(ctx, int(ctx.request.path_params["request_no"]))


async def _request(ctx: Ctx, request_no: int) -> RequestView:
    choices, usual = printer_choices(ctx)
    async with ctx.read() as session:
        view = await reads.get_request_view(session, ctx.config, request_no, ctx.today)
    labels = dict(choices)
    issues = [row.model_copy(update={"printed_at": labels.get(row.printed_at, row.printed_at)}) for row in view.issues]
    return view.model_copy(update={"issues": issues, "printers": choices, "usual_printer": usual})


def _sent(ctx: Ctx, request_no: int, where: str) -> Any:
    if wants_html(ctx.request):
        return RedirectResponse(f"/{ctx.tenant.code}/certificate/requests/{request_no}", status_code=303)
    return PrintResult(request_no=request_no, destination=where)


@router.get("/requests/{request_no}", permission=_VIEW, screen="certificate/request.html", summary="証明書の申請の照会")
async def show_request(ctx: Ctx, request_no: int) -> RequestView:
    """An application: its preview before the issue, its certificates after. Audited."""
    return await _request(ctx, request_no)


@router.get("/requests/{request_no}/preview", permission=_ISSUE, summary="証明書の発行前の確認", number_use=_NUMBER_LAW)
async def show_preview(ctx: Ctx, request_no: int, as_pdf: bool = False) -> Any:
    """The certificate as it would print, marked 見本: as a picture, or as PDF; as its lines for JSON. Audited."""
    async with ctx.read() as session:
        content = await reads.get_preview(session, ctx.config, ctx.sealer, request_no, ctx.today)
    practice = ctx.request.app.state.settings.practice
    if as_pdf:
        pdf = await asyncio.to_thread(print_pages, [content], ctx.config, made_at=ctx.now, practice=practice)
        return file_of(pdf, f"確認用_{request_no}.pdf", "application/pdf")
    if not wants_file(ctx.request):
        return content
    picture = await asyncio.to_thread(draw_pages, content, ctx.config, made_at=ctx.now, practice=practice)
    return Response(picture, media_type="image/png")


@router.post(
    "/requests/{request_no}/issue",
    permission=_ISSUE,
    screen="certificate/request.html",
    then="/requests/{request_no}",
    again=_request_again,
    summary="証明書の発行",
)
async def issue_request(ctx: Ctx, request_no: int, body: Decision = _DECISION) -> IssueResult:
    """Issue what was previewed, with serials and fee."""
    async with ctx.write() as session:
        return await service.issue(session, ctx.config, request_no, ctx.now)


@router.post(
    "/requests/{request_no}/withdrawal",
    permission=_ISSUE,
    screen="certificate/request.html",
    then="/requests/{request_no}",
    again=_request_again,
    summary="証明書の申請の取下げ",
)
async def withdraw_request(ctx: Ctx, request_no: int, body: Decision = _DECISION) -> ApplicationResult:
    """Withdraw before the issue."""
    async with ctx.write() as session:
        return await service.withdraw(session, request_no, body, ctx.now)


@router.get("/issues", permission=_VIEW, screen="certificate/issues.html", summary="証明書の発行履歴と日計")
async def show_issues(
    ctx: Ctx,
    since: AskedDay = None,
    until: AskedDay = None,
    kind: _KindFilter = "",
    status: Literal["", "issued", "void"] = "",
    serial: Annotated[int | None, NOTHING] = None,
    addressee_no: Annotated[int | None, NOTHING] = None,
) -> IssueLog:
    """The certificates of a period (today), searchable, with the totals of the till. Audited."""
    last = until or ctx.today
    async with ctx.read() as session:
        return await reads.get_log(session, ctx.tenant.code, since or last, last, kind, status, serial, addressee_no)


async def _issue_again(ctx: Ctx) -> RequestView:
    serial = int(ctx.request.path_params["serial"])
    async with ctx.read() as session:
        number = await session.fetchval("SELECT request_no FROM certificate_issue WHERE serial = $1", serial)
    return await _request(ctx, number or 0)


@router.post(
    "/issues/{serial}/print",
    permission=_ISSUE,
    screen="certificate/request.html",
    again=_issue_again,
    summary="証明書の印刷",
    number_use=_NUMBER_LAW,
)
async def print_issue(ctx: Ctx, serial: int, body: PrintOrder = _PRINT) -> Any:
    """The certificate as PDF/A, its lines for JSON, or on a printer. Each print is counted; every one after the first says so."""
    async with ctx.write() as session:
        issued, print_no = await service.record_print(session, serial, body, ctx.now)
        terminal = find_terminal(ctx.config, ctx.principal.terminal).number
        content = open_numbers(reads.load_content(issued.content), ctx.sealer, ctx.tenant)
        page = to_page(content, note=reprint_note(print_no), terminal=terminal)
        if not body.printer and not wants_file(ctx.request):
            return page
        practice = ctx.request.app.state.settings.practice
        made_at = issued.issued_at.astimezone(ctx.now.tzinfo)
        pdf = await asyncio.to_thread(print_pages, [page], ctx.config, made_at=made_at, practice=practice)
        if body.printer:
            subject = f"certificate:{serial}"
            where = await send_to_printer(ctx, session, body.printer, pdf, f"証明書 第{serial}号", subject)
            return _sent(ctx, issued.request_no, where)
    return file_of(pdf, f"証明書_{serial}.pdf", "application/pdf")


@router.post(
    "/issues/{serial}/void",
    permission=_VOID,
    screen="certificate/request.html",
    then="/requests/{request_no}",
    again=_issue_again,
    summary="証明書の無効処理",
)
async def void_issue(ctx: Ctx, serial: int, body: Voiding = _VOIDING) -> VoidResult:
    """Make a certificate void with a reason, and issue another in its place when asked, without a second fee."""
    async with ctx.write() as session:
        return await service.make_void(session, ctx.config, serial, body, ctx.now)


@router.get("/feed", permission=_FEED, summary="コンビニ交付の可否の一覧")
async def show_feed(ctx: Ctx, after: int = 0, limit: int = feed.PAGE) -> Feed:
    """Whose certificates may be issued elsewhere at this moment, by pages. Audited."""
    async with ctx.read() as session:
        return await feed.list_feed(session, ctx.config, after, limit, ctx.now)


@router.get("/feed/{addressee_no}", permission=_FEED, summary="コンビニ交付の証明書データ")
async def show_feed_content(ctx: Ctx, addressee_no: int) -> FeedContent:
    """What the certificates of a person say, if they may be issued now. Audited."""
    async with ctx.read() as session:
        return await feed.get_feed_content(session, ctx.config, addressee_no, ctx.now)
