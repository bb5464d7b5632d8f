"""The addresses of 閲覧, 在外選挙人名簿 and 郵便等投票証明書."""

from modules.resident.electoral_roll import side_reads, side_service
from modules.resident.electoral_roll.cards import DOCUMENTS
from modules.resident.electoral_roll.districts import commission_of
from modules.resident.electoral_roll.inputs import (
    CertificateInput,
    CertificateReturn,
    InspectionDone,
    InspectionInput,
    OverseasAct,
    OverseasInput,
    Recorded,
    RegularChange,
)
from modules.resident.electoral_roll.shapes import InspectionList, Listing
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf
from yoriai.errors import Conflict
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.documents import Document, document

_VIEW, _EDIT = "electoral_roll.view", "electoral_roll.edit"
_INSPECTION, _OVERSEAS = form_or_json(InspectionInput), form_or_json(OverseasInput)
_DONE, _REGULAR = form_or_json(InspectionDone), form_or_json(RegularChange)
_RETURN = form_or_json(CertificateReturn)
_ACT, _CERTIFICATE = form_or_json(OverseasAct), form_or_json(CertificateInput)


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    get, post = router.get, router.post
    seen, abroad = "electoral_roll/inspections.html", "electoral_roll/overseas.html"
    papers = "electoral_roll/certificates.html"
    get("/inspections", permission=_VIEW, screen=seen, summary="閲覧の申出の一覧")(show_inspections)
    post(
        "/inspections",
        permission=_EDIT,
        screen=seen,
        then="/inspections",
        again=show_inspections,
        summary="閲覧の申出の受付",
    )(record_inspection)
    get(
        "/inspections/{inspection_no}/list",
        permission=_EDIT,
        screen="electoral_roll/inspection.html",
        summary="閲覧用の名簿",
    )(show_inspection)
    document(router, "/inspections/{inspection_no}/list.pdf", permission=_EDIT, summary="閲覧用の名簿")(
        print_inspection
    )
    dates = "electoral_roll/regular_changes.html"
    get("/regular-changes", permission=_VIEW, screen=dates, summary="定時登録の登録日の変更の一覧")(
        show_regular_changes
    )
    post(
        "/regular-changes",
        permission=_EDIT,
        screen=dates,
        then="/regular-changes",
        again=show_regular_changes,
        summary="定時登録の登録日の変更",
    )(change_regular)
    post("/inspections/{inspection_no}/done", permission=_EDIT, then="/inspections", summary="閲覧の記録")(
        complete_inspection
    )
    get("/overseas", permission=_VIEW, screen=abroad, summary="在外選挙人名簿の一覧")(show_overseas)
    post(
        "/overseas",
        permission=_EDIT,
        screen=abroad,
        then="/overseas",
        again=show_overseas,
        summary="在外選挙人名簿への登録",
    )(register_overseas)
    post(
        "/overseas/{overseas_no}/acts",
        permission=_EDIT,
        screen=abroad,
        then="/overseas",
        again=show_overseas,
        summary="在外選挙人名簿の表示・抹消",
    )(act_on_overseas)
    get("/certificates", permission=_VIEW, screen=papers, summary="郵便等投票証明書の一覧")(show_certificates)
    post(
        "/certificates",
        permission=_EDIT,
        screen=papers,
        then="/certificates",
        again=show_certificates,
        summary="郵便等投票証明書の交付",
    )(issue_certificate)
    post(
        "/certificates/return",
        permission=_EDIT,
        screen=papers,
        then="/certificates",
        again=show_certificates,
        summary="郵便等投票証明書の返還",
    )(return_certificate)


async def show_inspections(ctx: Ctx) -> Listing:
    """Who asked to see the roll, for what, and what was decided."""
    async with ctx.read() as session:
        base = f"/{ctx.tenant.code}/electoral_roll"
        return await side_reads.list_inspections(session, ctx.config, ctx.today, base)


async def record_inspection(ctx: Ctx, body: InspectionInput = _INSPECTION) -> Recorded:
    """Accept or refuse a request."""
    async with ctx.write() as session:
        return await side_service.record_inspection(session, body, ctx.config, ctx.now)


async def show_inspection(ctx: Ctx, inspection_no: int) -> InspectionList:
    """The list for the applicant, without those who are protected."""
    async with ctx.read() as session:
        return await side_reads.get_inspection(session, ctx.config, inspection_no, ctx.today)


async def print_inspection(ctx: Ctx, inspection_no: int) -> Document:
    """The same list on paper, for the place of inspection."""
    found = await show_inspection(ctx, inspection_no)
    data = {
        "title": "選挙人名簿抄本 (閲覧用)",
        "about": [
            f"申出番号 {inspection_no}　{found.applicant} 様",
            f"{found.purpose}　{found.detail}",
            found.districts,
        ],
        "commission": commission_of(ctx.config),
        "is_marked": False,
        "made": format_wareki(ctx.today),
        "practice": ctx.request.app.state.settings.practice,
        "rows": [{**row, "birth": format_wareki(row["birth_date"])} for row in found.rows],
    }
    now, subject = ctx.now, f"inspection:{inspection_no}"
    return Document(
        lambda: render_pdf(DOCUMENTS / "roll_copy.typ", data, made_at=now), f"閲覧用名簿_{inspection_no}", subject
    )


async def show_regular_changes(ctx: Ctx) -> Listing:
    """Which 定時登録 are made on another day, and why."""
    async with ctx.read() as session:
        return await side_reads.list_regular_changes(session)


async def change_regular(ctx: Ctx, body: RegularChange = _REGULAR) -> Recorded:
    """Make a 定時登録 on a later day."""
    async with ctx.write() as session:
        return await side_service.change_regular(session, body, ctx.config, ctx.now)


async def complete_inspection(ctx: Ctx, inspection_no: int, body: InspectionDone = _DONE) -> Recorded:
    """Record that the list was shown; raises Conflict when it is no longer the one that was."""
    async with ctx.write() as session:
        shown = await side_reads.get_inspection(session, ctx.config, inspection_no, ctx.today)
        if shown.total != body.total:
            raise Conflict("名簿の内容が変わりました。もう一度表示してから記録してください。")
        return await side_service.complete_inspection(session, inspection_no, shown.total, ctx.now)


async def show_overseas(ctx: Ctx) -> Listing:
    """Voters abroad."""
    async with ctx.read() as session:
        return await side_reads.list_overseas(session, ctx.config, ctx.today)


async def register_overseas(ctx: Ctx, body: OverseasInput = _OVERSEAS) -> Recorded:
    """Register a voter abroad."""
    async with ctx.write() as session:
        return await side_service.register_overseas(session, body, ctx.config, ctx.now)


async def act_on_overseas(ctx: Ctx, overseas_no: int, body: OverseasAct = _ACT) -> Recorded:
    """A return, a death or the loss of nationality."""
    async with ctx.write() as session:
        return await side_service.act_on_overseas(session, overseas_no, body, ctx.config, ctx.now)


async def show_certificates(ctx: Ctx, is_expiring: bool = False) -> Listing:
    """郵便等投票証明書 in use."""
    async with ctx.read() as session:
        return await side_reads.list_certificates(session, ctx.today, is_expiring=is_expiring)


async def issue_certificate(ctx: Ctx, body: CertificateInput = _CERTIFICATE) -> Recorded:
    """Issue a certificate."""
    async with ctx.write() as session:
        return await side_service.issue_certificate(session, body, ctx.config, ctx.now)


async def return_certificate(ctx: Ctx, body: CertificateReturn = _RETURN) -> Recorded:
    """Take a certificate back."""
    async with ctx.write() as session:
        return await side_service.return_certificate(session, body, ctx.now)
