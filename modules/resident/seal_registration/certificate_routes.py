"""The addresses of 印鑑登録証明書: request, issue, print, void, the log and the counts; and コンビニ交付."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from modules.resident.seal_registration import issuing
from modules.resident.seal_registration.certificates import (
    blank_request,
    count_month,
    get_certificate,
    list_certificates,
)
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import (
    CertificateRequest,
    ConvenienceRequest,
    Issuable,
    IssueResult,
    Reissue,
)
from modules.resident.seal_registration.printing import print_certificate
from modules.resident.seal_registration.views import CertificateForm, CertificateList, CertificateView, Sent, Statistics
from yoriai.errors import FieldError, Invalid
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import AskedDay, AskedMonth
from yoriai.web.printing import PrinterChoice, printer_choices, send_to_printer

router = BusinessRouter("seal_registration")
_REQUEST = form_or_json(CertificateRequest)
_CONVENIENCE = form_or_json(ConvenienceRequest)
_REISSUE = form_or_json(Reissue)
_PRINTER = form_or_json(PrinterChoice)
_VIEW, _ISSUE, _LINK = "seal_registration.view", "seal_registration.issue", "seal_registration.link"
_ONE = "/certificates/{serial_no}"
Page = Annotated[int, Query(ge=1, le=100_000)]


def pdf(content: bytes) -> Response:
    """A PDF for the browser's own viewer."""
    return Response(content, media_type="application/pdf", headers={"Content-Disposition": "inline"})


@router.get(
    "/certificates/new", permission=_ISSUE, screen="seal_registration/request.html", summary="証明書の交付申請の入力"
)
async def show_request(ctx: Ctx, card_no: int | None = None) -> CertificateForm:
    """A request: the card's number and the birth date written by who asks."""
    return blank_request(figures_of(ctx.config, ctx.today), card_no)


async def _request_again(ctx: Ctx) -> CertificateForm:
    return blank_request(figures_of(ctx.config, ctx.today), None)


@router.post(
    "/certificates",
    permission=_ISSUE,
    screen="seal_registration/request.html",
    then=_ONE,
    again=_request_again,
    summary="印鑑登録証明書の交付",
)
async def issue(ctx: Ctx, body: CertificateRequest = _REQUEST) -> IssueResult:
    """Issue copies with consecutive numbers, or refuse with the reason. Both are recorded."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await issuing.issue(session, body, ctx.config, figures, ctx.now)


@router.get("/certificates", permission=_VIEW, screen="seal_registration/certificates.html", summary="証明書の交付履歴")
async def show_certificates(
    ctx: Ctx, since: AskedDay = None, until: AskedDay = None, page: Page = 1
) -> CertificateList:
    """The issue log of a period (today's)."""
    first, last = since or until or ctx.today, until or since or ctx.today
    if last < first:
        raise Invalid(fields=[FieldError("until", "期間の終わりが始まりより前です。", rule="order")])
    async with ctx.read() as session:
        return await list_certificates(session, first, last, page)


@router.get(_ONE, permission=_VIEW, screen="seal_registration/certificate.html", summary="交付した証明書の照会")
async def show_certificate(ctx: Ctx, serial_no: int) -> CertificateView:
    """An issued copy."""
    return await _certificate(ctx, serial_no)


@router.get(f"{_ONE}/document", permission=_ISSUE, summary="印鑑登録証明書 (PDF)")
async def show_document(ctx: Ctx, serial_no: int) -> Response:
    """The copy as it was issued; every printing is recorded, a voided copy says so."""
    practice: bool = ctx.request.app.state.settings.practice
    async with ctx.read() as session:
        return pdf(await print_certificate(session, serial_no, ctx.config, ctx.now, practice=practice))


async def _certificate(ctx: Ctx, serial_no: int) -> CertificateView:
    choices, usual = printer_choices(ctx)
    async with ctx.read() as session:
        view = await get_certificate(session, serial_no, ctx.today)
    return view.model_copy(update={"printers": choices, "usual_printer": usual})


async def _certificate_again(ctx: Ctx) -> CertificateView:
    return await _certificate(ctx, int(ctx.request.path_params["serial_no"]))


@router.post(
    f"{_ONE}/print",
    permission=_ISSUE,
    screen="seal_registration/certificate.html",
    then=_ONE,
    again=_certificate_again,
    summary="印鑑登録証明書の印刷",
)
async def print_on_printer(ctx: Ctx, serial_no: int, body: PrinterChoice = _PRINTER) -> Sent:
    """The copy on a printer and tray of the section. Recorded like every printing."""
    practice: bool = ctx.request.app.state.settings.practice
    async with ctx.read() as session:
        made = await print_certificate(session, serial_no, ctx.config, ctx.now, practice=practice)
        title, subject = f"印鑑登録証明書 {serial_no}", f"seal_certificate:{serial_no}"
        where = await send_to_printer(ctx, session, body.printer, made, title, subject)
    return Sent(serial_no=serial_no, destination=where)


@router.post(
    f"{_ONE}/void",
    permission=_ISSUE,
    screen="seal_registration/certificate.html",
    then=_ONE,
    again=_certificate_again,
    summary="証明書の無効・代わりの交付",
)
async def void(ctx: Ctx, serial_no: int, body: Reissue = _REISSUE) -> IssueResult:
    """Void a spoilt copy; on the same day another is issued in its place."""
    async with ctx.write() as session:
        return await issuing.void(session, serial_no, body, ctx.now)


@router.get("/convenience/{addressee_no}", permission=_LINK, summary="コンビニ交付の可否")
async def show_issuable(ctx: Ctx, addressee_no: int) -> Issuable:
    """Whether a certificate may be issued at this moment."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.read() as session:
        return await issuing.find_issuable(session, addressee_no, figures, ctx.now)


@router.post("/convenience", permission=_LINK, summary="コンビニ交付")
async def issue_by_convenience(ctx: Ctx, body: ConvenienceRequest = _CONVENIENCE) -> IssueResult:
    """Issue at a convenience store."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await issuing.issue_by_convenience(session, body, ctx.config, figures, ctx.now)


@router.get("/statistics", permission=_VIEW, screen="seal_registration/statistics.html", summary="件数統計")
async def show_statistics(ctx: Ctx, month: AskedMonth = None) -> Statistics:
    """Registrations, endings, cards and certificates of a month by office and channel."""
    day = month or ctx.today.replace(day=1)
    async with ctx.read() as session:
        return await count_month(session, day)
