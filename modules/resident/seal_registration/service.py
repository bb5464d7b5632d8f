"""The use cases of 印鑑登録: apply, answer, end, stop, restore, change cards, judge. One function is one transaction."""

from datetime import date, datetime

from sqlalchemy import select

from modules.resident.basic_register.facts import find_names
from modules.resident.seal_registration.checks import Checked, check_application, person_names
from modules.resident.seal_registration.imaging import Impression, read_impression
from modules.resident.seal_registration.inputs import (
    Answer,
    Application,
    GuardianshipNotice,
    GuardianshipResult,
    RegistrationAct,
    RegistrationResult,
    ReviewClosed,
    ReviewResult,
)
from modules.resident.seal_registration.models import (
    SealGuardianship,
    SealImage,
    SealInquiry,
    SealRegistration,
    SealRegistrationState,
    SealReview,
)
from modules.resident.seal_registration.rules import reply_due_on, text_kind
from modules.resident.seal_registration.states import OPEN, Act, Situation, State, next_state
from modules.resident.seal_registration.writer import (
    Opened,
    end_card,
    enter_state,
    find_card,
    give_card,
    lock,
    open_registration,
    record_act,
)
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END, format_wareki
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.rules import ParameterSet, Use
from yoriai.tenancy.session import WriteSession

_OPEN_NO = """
SELECT registration_no FROM seal_registration_state
 WHERE addressee_no = $1 AND superseded_at IS NULL AND valid_to = '9999-12-31'
   AND status IN ('inquiring', 'active', 'suspended')
"""


async def apply(session: WriteSession, body: Application, figures: ParameterSet, now: datetime) -> RegistrationResult:
    """登録申請: registered at once, or 照会中. Raises Invalid with everything wrong, or NeedsConfirmation."""
    findings = Findings()
    impression: Impression | None = None
    try:
        impression = read_impression(body.image, body.dpi)
    except Invalid as error:
        findings.errors.extend(error.fields)
    await lock(session, "person", body.addressee_no)
    if impression is not None:
        await lock(session, "image", impression.digest)
    checked = await check_application(session, body, impression, figures, now.date(), findings)
    findings.settle(body.confirmed)
    if checked is None or impression is None:
        raise Invalid
    if checked.replaced_no is not None:
        await _end_replaced(session, checked.replaced_no, body.applied_on, now)
    opened = await _store(session, body, checked, impression, now)
    use = Use(figures)
    if body.identity_kind == "inquiry":
        await _send_inquiry(session, opened, body, use.count("inquiry.reply_days"), now)
        return _result(opened)
    fee = use.yen("fee.card")
    act = await record_act(
        session, opened.registration, Act.REGISTER, None, State.ACTIVE, body.applied_on, now,
        applicant=body.agent_name or checked.resident.name, office=body.office, reason=body.note, fee=fee,
    )  # fmt: skip
    await _begin(session, opened, State.ACTIVE, act.id)
    card = await give_card(session, opened.registration.registration_no, body.card_no, body.applied_on, now)
    return _result(opened, card.card_no, fee)


async def answer_inquiry(
    session: WriteSession, registration_no: int, body: Answer, figures: ParameterSet, now: datetime
) -> RegistrationResult:
    """回答書 within its time: the registration becomes good and the card is given. Raises Conflict or Invalid."""
    opened = await open_registration(session, registration_no, body.version)
    before = opened.status
    after = next_state(before, Act.ANSWER, _situation(opened, body.on, "", now))
    inquiry = await _open_inquiry(session, registration_no)
    names = await find_names(session, opened.registration.addressee_no)
    if names is None:
        raise Conflict("この人の住民票がないため、登録できません。")
    findings = Findings()
    if body.on > inquiry.due_on:
        message = f"回答期限（{format_wareki(inquiry.due_on)}）を過ぎています。新しい申請が必要です。"
        findings.refuse("on", message, "印鑑登録証明事務処理要領 第2-4", rule="late")
    if body.on < inquiry.sent_on:
        findings.refuse("on", "照会書の発送日より前の日付です。", rule="order")
    if not text_kind(opened.registration.seal_text, person_names(names), Use(figures).texts("text.suffixes")):
        findings.refuse("on", "照会の間に氏名が変わり、印影と合わなくなりました。", rule="name")
    if names.planned_removal_on and body.on >= names.planned_removal_on:
        findings.refuse("on", "転出予定日になったため登録できません。", rule="leaving")
    findings.settle()
    inquiry.closed_on, inquiry.outcome = body.on, "answered"
    inquiry.answered_by, inquiry.answer_document = body.answered_by, body.answer_document
    fee = Use(figures).yen("fee.card")
    act = await record_act(
        session, opened.registration, Act.ANSWER, before, after, body.on, now,
        applicant=opened.registration.agent_name or names.name if body.answered_by == "agent" else names.name,
        reason=body.answer_document, office=body.office, fee=fee,
    )  # fmt: skip
    await enter_state(session, opened, after, act, now)
    card = await give_card(session, registration_no, body.card_no, body.on, now)
    return _result(opened, card.card_no, fee)


async def act_on_registration(
    session: WriteSession, registration_no: int, body: RegistrationAct, figures: ParameterSet, now: datetime
) -> RegistrationResult:
    """不受理, 一時停止, 解除, 抹消 or 復活 by the table of transitions. Raises Conflict or Invalid."""
    opened = await open_registration(session, registration_no, body.version)
    act_kind, before = Act(body.act), opened.status
    if act_kind is Act.END and body.end_reason is None:
        raise Invalid(fields=[FieldError("end_reason", "抹消の事由を選んでください。", rule="required")])
    situation = _situation(opened, body.on, body.reason, now)
    if act_kind is Act.RESTORE:
        await lock(session, "person", opened.registration.addressee_no)
        await lock(session, "image", opened.state.image_digest)
        situation = await _situation_of_restoring(session, opened, body, figures, now)
    after = next_state(before, act_kind, situation)
    end_reason = body.end_reason if act_kind is Act.END else None
    act = await record_act(
        session, opened.registration, act_kind, before, after, body.on, now,
        reason=body.reason, applicant=body.applicant, office=body.office, end_reason=end_reason,
    )  # fmt: skip
    await enter_state(session, opened, after, act, now, end_reason)
    if act_kind is Act.END and (card := await find_card(session, registration_no)):
        await end_card(session, card, "ended", body.on, now)
    if act_kind is Act.REJECT:
        inquiry = await _open_inquiry(session, registration_no)
        inquiry.closed_on, inquiry.outcome = body.on, "lapsed" if body.on > inquiry.due_on else "rejected"
        await session.flush()
    return _result(opened)


async def record_guardianship(session: WriteSession, body: GuardianshipNotice, now: datetime) -> GuardianshipResult:
    """後見開始の通知: ends a registration there is, from the day of the notice. With `ended_on` the guardianship is over."""
    findings = Findings()
    if body.notified_on > now.date():
        findings.refuse("notified_on", "通知を受けた日が今日より後です。", rule="order")
    if body.started_on > body.notified_on:
        findings.refuse("started_on", "後見開始の日が通知の日より後です。", rule="order")
    if body.ended_on and body.ended_on < body.started_on:
        findings.refuse("ended_on", "後見の終わりが始まりより前です。", rule="order")
    await lock(session, "person", body.addressee_no)
    query = select(SealGuardianship).where(
        SealGuardianship.addressee_no == body.addressee_no, SealGuardianship.ended_on.is_(None)
    )
    known = await session.scalar(query)
    if known is None and await find_names(session, body.addressee_no) is None:
        findings.refuse("addressee_no", "この宛名番号の住民はいません。", rule="not_resident")
    if known is not None and body.ended_on is None:
        findings.refuse("addressee_no", "この人の後見開始の通知はすでに記録されています。", rule="duplicate")
    findings.settle()
    session.audit(AuditEvent("seal_registration.guardianship", f"addressee:{body.addressee_no}"))
    if known is not None:
        known.ended_on = body.ended_on
        await session.flush()
        return GuardianshipResult(addressee_no=body.addressee_no)
    columns = body.model_dump()
    session.add(SealGuardianship(**columns, recorded_at=now, staff_id=session.principal.login))
    await session.flush()
    ended = None if body.ended_on else await _end_by_guardianship(session, body, now)
    return GuardianshipResult(addressee_no=body.addressee_no, ended_registration_no=ended)


async def close_review(session: WriteSession, review_id: int, body: ReviewClosed, now: datetime) -> ReviewResult:
    """Judge a seal that no longer fits: end the registration from the day of the change, or keep it with a reason."""
    review = await session.get(SealReview, review_id, with_for_update=True)
    if review is None:
        raise NotFound
    if review.closed_at:
        raise Conflict("すでに判断されています。")
    review.closed_at, review.closed_by = now, session.principal.login
    review.outcome, review.close_reason = body.outcome, body.close_reason
    opened = await open_registration(session, review.registration_no)
    if body.outcome == "ended" and opened.status in OPEN:
        act = await record_act(
            session, opened.registration, Act.END_BY_REGISTER, opened.status, State.ENDED, review.effective_on, now,
            reason=body.close_reason, end_reason="name_changed", event_id=review.event_id,
        )  # fmt: skip
        await enter_state(session, opened, State.ENDED, act, now, "name_changed")
        await _close_inquiry(session, review.registration_no, review.effective_on)
    else:
        subject = f"addressee:{opened.registration.addressee_no}"
        session.audit(AuditEvent("seal_registration.review", subject, reason=body.close_reason))
    await session.flush()
    return ReviewResult(id=review_id, registration_no=review.registration_no, outcome=body.outcome)


async def _store(
    session: WriteSession, body: Application, checked: Checked, impression: Impression, now: datetime
) -> Opened:
    registration = SealRegistration(
        registration_no=await allocate(session, "seal_registration"),
        addressee_no=body.addressee_no,
        version=1,
        applied_on=body.applied_on,
        seal_text=body.seal_text,
        text_kind=checked.text_kind,
        material=body.material,
        name=checked.names.name,
        alias=checked.names.alias,
        former_surname=checked.names.former_surname,
        applicant=body.applicant,
        agent_name=body.agent_name if body.applicant == "agent" else None,
        representative_name=body.representative_name,
        identity_kind=body.identity_kind,
        identity_document=body.identity_document,
        guarantor_no=body.guarantor_no if body.identity_kind == "guarantor" else None,
        office=body.office,
        note=body.note,
        recorded_at=now,
        staff_id=session.principal.login,
    )
    session.add(registration)
    await session.flush()
    session.add(
        SealImage(
            registration_no=registration.registration_no,
            png=impression.png,
            width=impression.width,
            height=impression.height,
            picture_width=impression.picture_width,
            picture_height=impression.picture_height,
            likeness=impression.likeness,
        )
    )
    state = SealRegistrationState(
        registration_no=registration.registration_no,
        addressee_no=body.addressee_no,
        image_digest=impression.digest,
        status=State.INQUIRING,
        valid_from=body.applied_on,
        valid_to=OPEN_END,
        recorded_at=now,
    )
    return Opened(registration, state)


async def _begin(session: WriteSession, opened: Opened, status: State, act_id: int) -> None:
    opened.state.status, opened.state.act_id = status, act_id
    session.add(opened.state)
    await session.flush()


async def _send_inquiry(session: WriteSession, opened: Opened, body: Application, days: int, now: datetime) -> None:
    act = await record_act(
        session, opened.registration, Act.INQUIRE, None, State.INQUIRING, body.applied_on, now,
        applicant=body.agent_name or opened.registration.name, office=body.office, reason=body.note,
    )  # fmt: skip
    await _begin(session, opened, State.INQUIRING, act.id)
    session.add(
        SealInquiry(
            inquiry_no=await allocate(session, "seal_inquiry"),
            registration_no=opened.registration.registration_no,
            sent_on=body.applied_on,
            due_on=reply_due_on(body.applied_on, days),
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    await session.flush()


async def _end_replaced(session: WriteSession, registration_no: int, on: date, now: datetime) -> None:
    """改印: the old registration ends on the day the new one begins."""
    opened = await open_registration(session, registration_no)
    after = next_state(opened.status, Act.REPLACE, _situation(opened, on, "改印", now))
    act = await record_act(
        session, opened.registration, Act.REPLACE, opened.status, after, on, now, reason="改印", end_reason="replaced"
    )
    await enter_state(session, opened, after, act, now, "replaced")
    if card := await find_card(session, registration_no):
        await end_card(session, card, "ended", on, now)


async def _end_by_guardianship(session: WriteSession, body: GuardianshipNotice, now: datetime) -> int | None:
    number: int | None = await session.fetchval(_OPEN_NO, body.addressee_no)
    if number is None:
        return None
    opened = await open_registration(session, number)
    act = await record_act(
        session, opened.registration, Act.END_BY_REGISTER, opened.status, State.ENDED, body.notified_on, now,
        reason=f"後見開始の通知（{body.source}）", end_reason="guardianship",
    )  # fmt: skip
    await enter_state(session, opened, State.ENDED, act, now, "guardianship")
    await _close_inquiry(session, number, body.notified_on)
    if card := await find_card(session, number):
        await end_card(session, card, "ended", body.notified_on, now)
    return number


async def _open_inquiry(session: WriteSession, registration_no: int) -> SealInquiry:
    if (inquiry := await _find_inquiry(session, registration_no)) is None:
        raise Conflict("照会書がありません。")
    return inquiry


async def _find_inquiry(session: WriteSession, registration_no: int) -> SealInquiry | None:
    query = select(SealInquiry).where(SealInquiry.registration_no == registration_no, SealInquiry.closed_on.is_(None))
    inquiry: SealInquiry | None = await session.scalar(query)
    return inquiry


async def _close_inquiry(session: WriteSession, registration_no: int, on: date) -> None:
    """No answer is waited for any more, where one was: the registration has ended."""
    if inquiry := await _find_inquiry(session, registration_no):
        inquiry.closed_on, inquiry.outcome = max(on, inquiry.sent_on), "rejected"
        await session.flush()


async def _situation_of_restoring(
    session: WriteSession, opened: Opened, body: RegistrationAct, figures: ParameterSet, now: datetime
) -> Situation:
    registration = opened.registration
    names = await find_names(session, registration.addressee_no)
    suffixes = Use(figures).texts("text.suffixes")
    fits = names is not None and text_kind(registration.seal_text, person_names(names), suffixes) is not None
    if taken := await session.fetchval(_OPEN_NO, registration.addressee_no):
        raise Conflict(f"この人には別の登録があります（登録番号 {taken}）。")
    return Situation(
        body.on, body.reason, now.date(), opened.state.valid_from, opened.state.end_reason or "",
        is_resident=names is not None, fits_name=fits or names is None,
    )  # fmt: skip


def _situation(opened: Opened, on: date, reason: str, now: datetime) -> Situation:
    return Situation(on, reason, now.date(), opened.state.valid_from, opened.state.end_reason or "")


def _result(opened: Opened, card_no: int | None = None, fee: int = 0) -> RegistrationResult:
    registration = opened.registration
    return RegistrationResult(
        registration_no=registration.registration_no,
        status=opened.state.status,
        version=registration.version,
        card_no=card_no,
        card_fee=fee,
    )
