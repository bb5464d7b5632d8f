"""The use cases of the 学齢簿: items, schools outside, 原級留置, letters, 転入学. One function is one transaction."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from modules.resident.basic_register.facts import find_district_place, find_resident, refuse_concealed
from modules.resident.non_resident.facts import list_diverted
from modules.resident.school_age.bulk_letters import DUE, REPLACED, letters_for
from modules.resident.school_age.codes import NOTICES, PLACEMENTS, WISHES
from modules.resident.school_age.grades import teaches
from modules.resident.school_age.inputs import (
    ChildItems,
    ChildResult,
    Hold,
    NoticeRequest,
    NoticeResult,
    SchoolChange,
    Transfer,
    TransferResult,
    YearResult,
)
from modules.resident.school_age.letters import letter
from modules.resident.school_age.models import (
    SchoolAgeAct,
    SchoolAgeChild,
    SchoolAgeHold,
    SchoolAgeNotice,
    SchoolAgeYear,
)
from modules.resident.school_age.placements import begin_placement
from modules.resident.school_age.placing import Place, designated, figures_of, judge
from modules.resident.school_age.roll import CHILDREN, shown, veil
from modules.resident.school_age.settings import read_settings
from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, WriteSession

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_ONE = f"{CHILDREN} WHERE c.addressee_no = $2"


async def get_row(session: Reader, addressee_no: int, day: date) -> Mapping[str, Any]:
    """A child's row of the 学齢簿 as of the day; raises NotFound."""
    row = await session.fetchrow(_ONE, day, addressee_no)
    if row is None:
        raise NotFound("この宛名番号の子は学齢簿にありません。")
    await refuse_concealed(session, [addressee_no], "この宛名番号の子は学齢簿にありません。")
    return dict(row)


async def lock_child(session: WriteSession, addressee_no: int) -> None:
    """Let one record about a child wait for another, to the end of the transaction: a form sent twice at once is recorded once."""
    await session.fetchval(_LOCK, f":school_age:{addressee_no}")


async def change_items(session: WriteSession, addressee_no: int, body: ChildItems, now: datetime) -> ChildResult:
    """記載事項の変更; what stood before is kept with the act."""
    child = await _open_child(session, addressee_no, body.version)
    findings = Findings()
    if body.on > now.date():
        findings.refuse("on", "変更の日が今日より後です。", rule="order")
    if body.guardian_no and await find_resident(session, body.guardian_no) is None:
        findings.refuse("guardian_no", "この宛名番号の住民はいません。", "学校教育法16条", rule="unknown")
    if body.wish == "none" and child.wish != "none":
        findings.refuse("wish", "外国籍の子は就学の希望を選んでください。", rule="required")
    findings.settle()
    before = _items(child)
    child.wish, child.name_choice, child.is_missing = body.wish, body.name_choice, body.is_missing
    child.guardian_no, child.remark = body.guardian_no, body.remark
    after = _items(child)
    changed = [key for key in before if before[key] != after[key]]
    if not changed:
        raise Invalid(fields=[FieldError("reason", "変更された項目がありません。", rule="unchanged")])
    child.version += 1
    note(
        session,
        "items",
        body.on,
        now,
        addressee_no=addressee_no,
        before="、".join(f"{key}: {before[key]}" for key in changed),
        after="、".join(f"{key}: {after[key]}" for key in changed),
        reason=body.reason,
    )
    await session.flush()
    return ChildResult(addressee_no=addressee_no, version=child.version)


async def change_school(
    session: WriteSession, addressee_no: int, body: SchoolChange, config: TenantConfig, now: datetime
) -> ChildResult:
    """国立・私立・県立・特別支援学校 by notice, and the way back; the municipal rolls follow from the day on."""
    settings = read_settings(config)
    child = await _open_child(session, addressee_no, body.version)
    row = await get_row(session, addressee_no, body.since)
    findings = Findings()
    name = body.school_name.strip()
    if body.kind == "municipal":
        if body.school_code not in settings.schools:
            findings.refuse("school_code", "学校を選んでください。", rule="required")
        elif not teaches(settings.schools[body.school_code or ""].kind, row["grade"] or 1, body.since):
            findings.refuse("school_code", "この子の学年がない学校です。", rule="stage")
        name = settings.name_of(body.school_code)
    elif body.kind != "not_attending" and not name:
        findings.refuse("school_name", "学校名を入力してください。", rule="required")
    if child.state not in ("planned", "enrolled"):
        findings.refuse("kind", "転出・消除・修了した子の学校は変えられません。", rule="state")
    if row["valid_from"] and body.since < row["valid_from"]:
        findings.refuse("since", "今の在籍の始まりより前の日付です。", rule="order")
    findings.settle()
    place = Place(body.kind, body.school_code if body.kind == "municipal" else None, name)
    await begin_placement(
        session, addressee_no, place, grade=row["grade"] or 1, basis="届出", since=body.since, now=now
    )
    child.version += 1
    note(
        session,
        "outside" if body.kind != "municipal" else "designate",
        body.since,
        now,
        addressee_no=addressee_no,
        before=row["school_name"] or PLACEMENTS[row["kind"]],
        after=name or PLACEMENTS[body.kind],
        reason=body.reason,
    )
    await session.flush()
    return ChildResult(addressee_no=addressee_no, version=child.version)


async def hold_back(session: WriteSession, addressee_no: int, body: Hold, now: datetime) -> ChildResult:
    """原級留置 is an exception to the turn of the year; it can be taken back until then."""
    child = await _open_child(session, addressee_no, body.version)
    query = select(SchoolAgeHold).where(
        SchoolAgeHold.addressee_no == addressee_no,
        SchoolAgeHold.fiscal_year == body.fiscal_year,
        SchoolAgeHold.superseded_at.is_(None),
    )
    known = await session.scalar(query)
    if (known is not None) == body.is_held:
        message = "すでに原級留置です。" if body.is_held else "原級留置の登録がありません。"
        raise Invalid(fields=[FieldError("is_held", message, rule="unchanged")])
    if known is not None:
        known.superseded_at = now
    else:
        session.add(
            SchoolAgeHold(
                addressee_no=addressee_no,
                fiscal_year=body.fiscal_year,
                reason=body.reason,
                recorded_at=now,
                staff_id=session.principal.login,
            )
        )
    child.version += 1
    text = f"{body.fiscal_year}年度" + ("" if body.is_held else "の原級留置を取消し")
    note(session, "hold", now.date(), now, addressee_no=addressee_no, after=text, reason=body.reason)
    await session.flush()
    return ChildResult(addressee_no=addressee_no, version=child.version)


async def issue_notice(
    session: WriteSession, addressee_no: int, body: NoticeRequest, config: TenantConfig, now: datetime
) -> NoticeResult:
    """One letter for one child; an earlier one of the kind stays readable and is marked as replaced."""
    row = await get_row(session, addressee_no, now.date())
    if body.kind in ("transfer", "enrolment") and row["kind"] != "municipal":
        message = "指定校が決まっていません。学校教育の担当者が学校を決めてから作ってください。"
        raise Invalid(fields=[FieldError("kind", message, rule="unassigned")])
    if body.kind == "attendance" and not body.reason.strip():
        raise Invalid(fields=[FieldError("reason", "欠席・督促の事情を入力してください。", rule="required")])
    settings = read_settings(config)
    is_protected = shown(row, settings).is_protected
    diverted = await list_diverted(session, "school_age", now.date())
    content = letter(body.kind, row, settings, issued_on=now.date(), is_protected=is_protected, diverted=diverted)
    earlier = select(SchoolAgeNotice).where(
        SchoolAgeNotice.addressee_no == addressee_no,
        SchoolAgeNotice.kind == body.kind,
        SchoolAgeNotice.superseded_at.is_(None),
    )
    for old in (await session.scalars(earlier)).all():
        old.superseded_at = now
    made = _notice(
        {"kind": body.kind, "entry_year": row["entry_year"], "addressee_no": addressee_no, "school_code": row["school_code"],
         "issued_on": now.date(), "content": content, "is_withheld": False}, session, now
    )  # fmt: skip
    session.add(made)
    note(
        session,
        "notice",
        now.date(),
        now,
        addressee_no=addressee_no,
        after=NOTICES[body.kind],
        reason=body.reason,
    )
    await session.flush()
    return NoticeResult(notice_id=made.id, addressee_no=addressee_no)


async def accept_transfer(session: WriteSession, body: Transfer, config: TenantConfig, now: datetime) -> TransferResult:
    """転入学 at the counter right after the 転入届 (施行令6条): the row, the 指定校 and the notice in one act."""
    resident = await find_resident(session, body.addressee_no)
    if resident is None:
        raise Invalid(fields=[FieldError("addressee_no", "この宛名番号の住民はいません。", rule="unknown")])
    person = {"addressee_no": body.addressee_no, "birth_date": resident.birth_date}
    judged = judge([person], body.since, figures_of(config, body.since))[body.addressee_no]
    if not judged["grade"]:
        message = "この日に就学する学年の子ではありません。"
        raise Invalid(fields=[FieldError("addressee_no", message, "age", "学校教育法17条")])
    settings = read_settings(config)
    await lock_child(session, body.addressee_no)
    child = await session.get(SchoolAgeChild, body.addressee_no, with_for_update=True)
    papers = [
        text
        for text, is_there in (
            ("在学証明書 受領", body.has_attendance_certificate),
            ("教科用図書給与証明書 受領", body.has_textbook_certificate),
            (f"前の学校 {body.former_school}", bool(body.former_school)),
        )
        if is_there
    ]
    is_new = child is None or child.state in ("left", "removed")
    if child is None:
        child = SchoolAgeChild(
            addressee_no=body.addressee_no,
            entry_year=judged["entry_year"],
            state="enrolled",
            wish="none" if resident.nationality == "JPN" else "wishes",
            remark="、".join(papers),
            version=1,
            made_on=now.date(),
            recorded_at=now,
            staff_id=session.principal.login,
        )
        session.add(child)
    else:
        child.state = "enrolled"
        child.remark = "、".join(text for text in (child.remark, *papers) if text)
        child.version += 1
    await session.flush()
    if is_new:
        at = await find_district_place(session, body.addressee_no)
        place = designated(at, judged["grade"], body.since, settings)
        await begin_placement(
            session,
            body.addressee_no,
            place,
            grade=judged["grade"],
            basis="転入による指定",
            since=body.since,
            now=now,
        )
        note(
            session, "transfer_in", body.since, now, addressee_no=body.addressee_no,
            after=place.school_name or "指定校未定", reason="、".join(papers),
        )  # fmt: skip
    made = await issue_notice(session, body.addressee_no, NoticeRequest(kind="transfer"), config, now)
    (row,) = await veil(session, [await get_row(session, body.addressee_no, body.since)], "school_age.transfer")
    return TransferResult(
        addressee_no=body.addressee_no,
        version=child.version,
        notice_id=made.notice_id,
        school_name=row["school_name"],
    )


async def fix_entrants(session: WriteSession, entry_year: int, now: datetime) -> YearResult:
    """確定 after the review: from then on the extraction leaves the list alone and the notices may go out."""
    year = await session.get(SchoolAgeYear, entry_year, with_for_update=True)
    if year is None:
        raise NotFound("この年度の新入学者はまだ抽出していません。")
    if year.fixed_at is not None:
        raise Conflict("この年度の新入学者はすでに確定しています。")
    open_ones = await session.fetchval(
        """SELECT count(*) FROM school_age_child c JOIN school_age_placement p ON p.addressee_no = c.addressee_no
            WHERE c.entry_year = $1 AND c.state = 'planned' AND p.superseded_at IS NULL AND p.kind = 'unassigned'
              AND p.valid_to = '9999-12-31' AND c.wish <> 'declines'""",
        entry_year,
    )
    if open_ones:
        message = f"指定校の決まっていない子が{open_ones}人います。学校を決めてから確定してください。"
        raise Conflict(message)
    year.fixed_at, year.fixed_by = now, session.principal.login
    note(session, "fix", now.date(), now, after=f"{entry_year}年度 {year.entrants}人")
    session.audit(AuditEvent("school_age.fix", detail={"entry_year": entry_year}))
    await session.flush()
    return YearResult(entry_year=entry_year)


async def make_notices(
    session: WriteSession, entry_year: int, kind: str, config: TenantConfig, now: datetime
) -> YearResult:
    """The letters of a year that have not been made yet, as the night makes them."""
    if kind == "enrolment":
        year = await session.get(SchoolAgeYear, entry_year)
        if year is None or year.fixed_at is None:
            raise Conflict("新入学者が確定していないため、入学通知書を作れません。")
    rows = [dict(row) for row in await session.fetch(DUE, now.date(), entry_year, kind)]
    diverted = await list_diverted(session, "school_age", now.date())
    letters = letters_for(kind, rows, read_settings(config), now.date(), diverted)
    numbers = [item["addressee_no"] for item in letters]
    await session.fetch(REPLACED, now, numbers, entry_year, kind)
    session.add_all([_notice(item, session, now) for item in letters])
    session.audit(
        AuditEvent("school_age.notices", detail={"entry_year": entry_year, "kind": kind, "made": len(letters)})
    )
    await session.flush()
    withheld = sum(1 for item in letters if item["is_withheld"])
    return YearResult(entry_year=entry_year, made=len(letters), withheld=withheld)


def note(
    session: WriteSession,
    act: str,
    on: date,
    now: datetime,
    *,
    addressee_no: int | None = None,
    case_no: int | None = None,
    before: str = "",
    after: str = "",
    reason: str = "",
) -> None:
    """The act in the child's history, and in the audit trail."""
    session.add(
        SchoolAgeAct(
            addressee_no=addressee_no,
            case_no=case_no,
            act=act,
            on=on,
            before=before,
            after=after,
            reason=reason,
            recorded_at=now,
            staff_id=session.principal.login,
        )
    )
    subject = f"addressee:{addressee_no}" if addressee_no else ""
    session.audit(AuditEvent(f"school_age.{act}", subject, reason, {"case_no": case_no} if case_no else {}))


def _notice(item: Mapping[str, Any], session: WriteSession, now: datetime) -> SchoolAgeNotice:
    content = json.dumps(item["content"], ensure_ascii=False)
    return SchoolAgeNotice(**{**item, "content": content}, recorded_at=now, staff_id=session.principal.login)


async def _open_child(session: WriteSession, addressee_no: int, version: int) -> SchoolAgeChild:
    child = await session.get(SchoolAgeChild, addressee_no, with_for_update=True)
    if child is None:
        raise NotFound("この宛名番号の子は学齢簿にありません。")
    if child.version != version:
        raise Conflict("この子の記載は、ほかの操作で変わりました。最新の内容を確かめてください。")
    return child


def _items(child: SchoolAgeChild) -> dict[str, str]:
    return {
        "就学の希望": WISHES[child.wish],
        "通知書の氏名": "通称" if child.name_choice == "alias" else "本名",
        "居所不明": "あり" if child.is_missing else "なし",
        "保護者": str(child.guardian_no or "世帯による"),
        "備考": child.remark,
    }
