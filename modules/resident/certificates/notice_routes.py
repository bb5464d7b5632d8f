"""The addresses of 本人通知: registrations, the notices that wait, their letters."""

from pathlib import Path
from typing import Any

from modules.resident.certificates import notices
from modules.resident.certificates.bulk_routes import router
from modules.resident.certificates.inputs import Decision
from modules.resident.certificates.notices import NoticeEnd, NoticeList, NoticeRegistration, NoticeResult
from yoriai.documents import render_pdf
from yoriai.web import Ctx, form_or_json
from yoriai.web.documents import Document, hand_out, wants_file
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

__all__ = ["router"]
_REGISTRATION = form_or_json(NoticeRegistration)
_END = form_or_json(NoticeEnd)
_DECISION = form_or_json(Decision)
_VIEW, _ISSUE = "certificate.view", "certificate.issue"
_SCREEN = "certificate/notices.html"
_LETTER = Path(__file__).parent / "documents" / "notice.typ"


@router.get("/notices", permission=_VIEW, screen=_SCREEN, summary="本人通知の登録と通知")
async def show_notices(ctx: Ctx, addressee_no: int | None = None) -> NoticeList:
    """Who is registered, and which notices wait. Audited."""
    return await _notices(ctx, addressee_no)


async def _notices(ctx: Ctx, addressee_no: int | None) -> NoticeList:
    async with ctx.read() as session:
        return await notices.list_notices(session, addressee_no, ctx.today)


async def _again(ctx: Ctx) -> NoticeList:
    number = str((await read_raw(ctx.request)).get("addressee_no", ""))
    return await _notices(ctx, int(number) if is_number(number) else None)


@router.post("/notices", permission=_ISSUE, screen=_SCREEN, then="/notices", again=_again, summary="本人通知の登録")
async def register_person(ctx: Ctx, body: NoticeRegistration = _REGISTRATION) -> NoticeResult:
    """Register somebody for 本人通知."""
    async with ctx.write() as session:
        return await notices.register_person(session, body, ctx.now)


@router.post(
    "/notices/{registration_no}/end",
    permission=_ISSUE,
    screen=_SCREEN,
    then="/notices",
    again=_again,
    summary="本人通知の登録の廃止",
)
async def end_registration(ctx: Ctx, registration_no: int, body: NoticeEnd = _END) -> NoticeResult:
    """End a registration with a reason."""
    async with ctx.write() as session:
        return await notices.end_registration(session, registration_no, body, ctx.now)


@router.post(
    "/notices/letters/{serial}/{addressee_no}",
    permission=_ISSUE,
    screen=_SCREEN,
    again=_again,
    summary="本人通知書の作成",
)
async def make_letter(ctx: Ctx, serial: int, addressee_no: int, body: Decision = _DECISION) -> Any:
    """The letter as PDF (its data for JSON); the notice counts as sent from the first time on."""
    async with ctx.write() as session:
        data = await notices.send_notice(session, ctx.config, serial, addressee_no, ctx.now)
        if not (body.printer or wants_file(ctx.request)):
            return data
        values, now = {**data, "practice": ctx.request.app.state.settings.practice}, ctx.now
        made = Document(
            lambda: render_pdf(_LETTER, values, made_at=now), f"本人通知書_{serial}", f"addressee:{addressee_no}"
        )
        # What did not reach the printer does not count as sent: the transaction is undone.
        return await hand_out(ctx, session, made, "本人通知書", body.printer)
