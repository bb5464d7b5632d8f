"""指定校変更, 区域外就学, 就学猶予・免除: application, the other board's say, decision, and what it does to the placement."""

import json
from datetime import date, datetime, timedelta

from modules.resident.school_age.codes import CASE_KINDS, CASE_STATES, NOTICES
from modules.resident.school_age.grades import stage_of, teaches
from modules.resident.school_age.inputs import CaseAct, CaseInput, CaseResult, NoticeResult
from modules.resident.school_age.letters import consultation
from modules.resident.school_age.models import SchoolAgeCase, SchoolAgeChild, SchoolAgeNotice
from modules.resident.school_age.placements import begin_placement
from modules.resident.school_age.placing import Place, designated, figures_of, judge
from modules.resident.school_age.roll import entry_day, veil
from modules.resident.school_age.service import get_row, lock_child, note
from modules.resident.school_age.settings import SchoolSettings, read_settings
from modules.resident.school_age.states import TRANSITIONS, Act, State, next_state
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

_PLACES = {"out_of_area_out": "out_of_area", "deferral": "deferred", "exemption": "exempt"}
_SAME = """
SELECT case_no FROM school_age_case WHERE addressee_no = $1 AND kind = $2 AND valid_from <= $4 AND valid_to >= $3
   AND state IN ('applied', 'consulted', 'consented', 'approved') LIMIT 1
"""


async def apply_for(session: WriteSession, body: CaseInput, config: TenantConfig, now: datetime) -> CaseResult:
    """申請の受付; raises Invalid, or NeedsConfirmation where the school is not one the family may simply choose."""
    settings = read_settings(config)
    findings = Findings()
    _check_period(findings, body, now.date())
    who = await _check_child(session, findings, body, now.date())
    name = _check_school(findings, body, settings)
    if body.kind == "designation_change" and body.school_code in settings.schools and body.addressee_no:
        await _check_choice(session, findings, body, settings)
    if body.addressee_no:
        await lock_child(session, body.addressee_no)
    if body.addressee_no and await session.fetchval(
        _SAME, body.addressee_no, body.kind, body.valid_from, body.valid_to
    ):
        findings.refuse("valid_from", "同じ期間に同じ種類の申請があります。", rule="duplicate")
    findings.settle(body.confirmed)
    case = SchoolAgeCase(
        case_no=await allocate(session, "school_age_case"),
        kind=body.kind,
        state=State.APPLIED,
        version=1,
        addressee_no=body.addressee_no,
        school_code=body.school_code if body.kind in ("designation_change", "out_of_area_in") else None,
        school_name=name,
        other_board=body.other_board,
        reason=body.reason,
        applied_on=body.applied_on,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        recorded_at=now,
        staff_id=session.principal.login,
        **who,
    )
    session.add(case)
    await session.flush()
    _note(session, case, "apply", body.applied_on, now, body.reason)
    await session.flush()
    return _result(case)


async def act_on_case(
    session: WriteSession, case_no: int, body: CaseAct, config: TenantConfig, now: datetime
) -> CaseResult:
    """協議 to 終了 by the table of transitions. Raises Conflict, Invalid, Forbidden where a decision is not the caller's."""
    case = await session.get(SchoolAgeCase, case_no, with_for_update=True)
    if case is None:
        raise NotFound("この番号の申請はありません。")
    if case.version != body.version:
        raise Conflict("この申請は、ほかの操作で変わりました。最新の内容を確かめてください。")
    act = Act(body.act)
    if TRANSITIONS[act].is_decision and not session.principal.may("school_age.decide"):
        raise Forbidden
    if body.on > now.date():
        raise Invalid(fields=[FieldError("on", "今日より後の日付です。", rule="order")])
    after = next_state(case.kind, case.state, act, body.on, case.applied_on, body.reason)
    case.state, case.version = after, case.version + 1
    match act:
        case Act.CONSULT:
            case.consulted_on = body.on
        case Act.CONSENT:
            case.consented_on = body.on
        case Act.APPROVE:
            case.decided_on = body.on
            await _approve(session, case, now)
        case Act.REFUSE:
            case.decided_on = body.on
        case Act.END:
            case.ended_on = body.on
            await _end(session, case, body.on, config, now)
        case Act.WITHDRAW:
            pass
    _note(session, case, act, body.on, now, body.reason)
    await session.flush()
    return _result(case)


async def print_consultation(session: WriteSession, case_no: int, config: TenantConfig, now: datetime) -> NoticeResult:
    """The letter to the other board, kept as it went out; raises Conflict for a case that needs none."""
    case = await session.get(SchoolAgeCase, case_no)
    if case is None:
        raise NotFound("この番号の申請はありません。")
    if case.kind not in ("out_of_area_out", "out_of_area_in"):
        raise Conflict("協議書は区域外就学の申請だけに作ります。")
    facts = {column.name: getattr(case, column.name) for column in SchoolAgeCase.__table__.columns}
    content = consultation(facts, read_settings(config), place=config.full_name, issued_on=now.date())
    made = SchoolAgeNotice(
        kind="consultation",
        entry_year=case.valid_from.year,
        addressee_no=case.addressee_no,
        case_no=case_no,
        school_code=case.school_code,
        issued_on=now.date(),
        content=json.dumps(content, ensure_ascii=False),
        recorded_at=now,
        staff_id=session.principal.login,
    )
    session.add(made)
    note(
        session, "notice", now.date(), now,
        addressee_no=case.addressee_no, case_no=case_no, after=NOTICES["consultation"],
    )  # fmt: skip
    await session.flush()
    return NoticeResult(notice_id=made.id, addressee_no=case.addressee_no or 0)


def _check_period(findings: Findings, body: CaseInput, today: date) -> None:
    if body.applied_on > today:
        findings.refuse("applied_on", "申請日が今日より後です。", rule="order")
    if body.valid_from > body.valid_to:
        findings.refuse("valid_to", "期間の終わりが始まりより前です。", rule="order")


async def _check_child(session: Reader, findings: Findings, body: CaseInput, today: date) -> dict[str, str | date]:
    """Name, birth date, address and guardian of the child as the case keeps them."""
    if body.addressee_no is not None:
        if body.kind == "out_of_area_in":
            findings.refuse("addressee_no", "受け入れる市外の子は、氏名と住所で登録してください。", rule="resident")
        try:
            row = await get_row(session, body.addressee_no, today)
        except NotFound as error:
            findings.refuse("addressee_no", error.message, "学校教育法施行令1条", rule="unknown")
            return {}
        return {
            "child_name": row["name"],
            "birth_date": row["birth_date"],
            "child_address": row["address"] or "",
            "guardian_name": row["guardian_name"],
        }
    if body.kind != "out_of_area_in":
        findings.refuse("addressee_no", "子の宛名番号を入力してください。", rule="required")
        return {}
    for place, label, value in (
        ("child_name", "子の氏名", body.child_name.strip()),
        ("birth_date", "生年月日", body.birth_date),
        ("child_address", "住所", body.child_address.strip()),
        ("guardian_name", "保護者", body.guardian_name.strip()),
    ):
        if not value:
            findings.refuse(place, f"{label}を入力してください。", rule="required")
    return {
        "child_name": body.child_name,
        "birth_date": body.birth_date or today,
        "child_address": body.child_address,
        "guardian_name": body.guardian_name,
    }


def _check_school(findings: Findings, body: CaseInput, settings: SchoolSettings) -> str:
    if body.kind in ("designation_change", "out_of_area_in"):
        if body.school_code not in settings.schools:
            findings.refuse("school_code", "就学する学校を選んでください。", rule="required")
    elif body.kind == "out_of_area_out" and not body.school_name.strip():
        findings.refuse("school_name", "就学する市外の学校名を入力してください。", rule="required")
    if body.kind.startswith("out_of_area") and not body.other_board.strip():
        message = "相手方の教育委員会を入力してください。"
        findings.refuse("other_board", message, "学校教育法施行令9条2項", rule="required")
    is_ours = body.kind in ("designation_change", "out_of_area_in")
    return settings.name_of(body.school_code) if is_ours else body.school_name.strip()


async def _check_choice(session: Reader, findings: Findings, body: CaseInput, settings: SchoolSettings) -> None:
    row = await get_row(session, body.addressee_no or 0, body.valid_from)
    (seen,) = await veil(session, [row], "school_age.case")
    if seen["is_masked"]:
        # What is answered below tells, school by school, where the child lives.
        message = "支援措置の対象の子です。住所を表示できる責任者が受け付けてください。"
        findings.refuse("addressee_no", message, rule="protected")
        return
    stage, code = stage_of(row["grade"] or 1, body.valid_from), body.school_code or ""
    if not teaches(settings.schools[code].kind, row["grade"] or 1, body.valid_from):
        findings.refuse("school_code", "この子の学年がない学校です。", rule="stage")
    elif code == row["school_code"]:
        findings.refuse("school_code", "今の学校と同じです。", rule="unchanged")
    elif not settings.may_choose(code, row["place"] or "", stage, body.valid_from):
        message = "調整区域・小規模特認校のどちらにも当たりません。変更を認める事由があるか確かめてください。"
        findings.warn("not_free_choice", "school_code", message, "学校教育法施行令8条")


async def _approve(session: WriteSession, case: SchoolAgeCase, now: datetime) -> None:
    if case.addressee_no is None:
        return
    child = await _lock_child(session, case.addressee_no)
    row = await get_row(session, case.addressee_no, case.valid_from)
    since = max(case.valid_from, row["valid_from"]) if row["valid_from"] else case.valid_from
    kind = _PLACES.get(case.kind, "municipal")
    label = CASE_KINDS[case.kind][0]
    place = Place(kind, case.school_code, case.school_name)
    await begin_placement(
        session, case.addressee_no, place, grade=row["grade"] or 1, basis=label, since=since, now=now,
        case_no=case.case_no,
    )  # fmt: skip
    child.version += 1


async def _end(session: WriteSession, case: SchoolAgeCase, on: date, config: TenantConfig, now: datetime) -> None:
    """After the end the child belongs to its district's school again, in the grade of its age."""
    if case.addressee_no is None:
        return
    child = await _lock_child(session, case.addressee_no)
    since = on + timedelta(days=1)
    row = await get_row(session, case.addressee_no, since)
    if row["valid_from"] and row["valid_from"] > since:
        since = row["valid_from"]
    grade = row["grade"] or 1
    if case.kind in ("deferral", "exemption"):
        judged = judge([row], since, figures_of(config, since))[case.addressee_no]
        grade = judged["grade"] or 1
        since = max(since, entry_day(child.entry_year)) if not judged["grade"] else since
    place = designated(row["place"] or "", grade, since, read_settings(config))
    await begin_placement(session, case.addressee_no, place, grade=grade, basis="指定", since=since, now=now)
    child.version += 1


async def _lock_child(session: WriteSession, addressee_no: int) -> SchoolAgeChild:
    child = await session.get(SchoolAgeChild, addressee_no, with_for_update=True)
    if child is None or child.state not in ("planned", "enrolled"):
        raise Conflict("転出・消除・修了した子の申請は処理できません。")
    return child


def _note(session: WriteSession, case: SchoolAgeCase, act: str, on: date, now: datetime, reason: str) -> None:
    note(
        session,
        str(act),
        on,
        now,
        addressee_no=case.addressee_no,
        case_no=case.case_no,
        after=f"{CASE_KINDS[case.kind][0]}: {CASE_STATES[case.state][0]}",
        reason=reason,
    )


def _result(case: SchoolAgeCase) -> CaseResult:
    return CaseResult(case_no=case.case_no, state=case.state, version=case.version)
