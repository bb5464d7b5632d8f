"""The use cases of suppressions. Each writes a new revision with who did it and why; none is overwritten."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from modules.resident.basic_register.facts import find_concealed
from modules.resident.basic_register.models import (
    Protection,
    ProtectionLift,
    ProtectionSubject,
    ResidentRecord,
)
from modules.resident.basic_register.protections.inputs import (
    Lift,
    ProtectionEntry,
    ProtectionResult,
    Release,
    Renewal,
)
from modules.resident.basic_register.protections.kinds import SCOPES, SUPPORT
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END, add_months, format_wareki
from yoriai.errors import Conflict, NotFound
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.session import WriteSession

_ARTICLE = "住民基本台帳事務処理要領 第5の10"
_PERIOD_MONTHS = 12
_RENEWABLE_MONTHS = 1
_COPIED = tuple(
    column.name for column in Protection.__table__.columns if column.name not in ("id", "superseded_at", "recorded_at")
)


async def protect(session: WriteSession, body: ProtectionEntry, now: datetime) -> ProtectionResult:
    """Record a suppression; it holds from this moment. Raises Invalid or NeedsConfirmation."""
    findings = Findings()
    numbers = await _subjects(session, findings, body)
    _check(findings, body)
    findings.settle(body.confirmed)
    number = await allocate(session, "protection")
    values = body.model_dump(exclude={"subjects", "whole_household", "confirmed"})
    if body.kind == SUPPORT:
        # What the guideline demands of every 支援措置 is not left to the ticking of boxes.
        values |= {"hides_address": True, "stops_issue": True, "scope": _scope(body)}
    row = Protection(**values, **_written(session, now, "登録"), protection_no=number, released_on=None)
    session.add(row)
    session.add_all(ProtectionSubject(protection_no=number, addressee_no=each) for each in numbers)
    return await _told(session, row, numbers, "protection.register", "登録")


async def renew(session: WriteSession, protection_no: int, body: Renewal, now: datetime) -> ProtectionResult:
    """Let a suppression go on; raises NotFound, Invalid, Conflict for one that was released."""
    row = await _open(session, protection_no)
    findings = Findings()
    if row.ends_on is not None and body.ends_on <= row.ends_on:
        day = format_wareki(row.ends_on)
        findings.refuse("ends_on", f"今の終了日（{day}）より後の日付を入力してください。", _ARTICLE)
    if row.ends_on is not None and now.date() < add_months(row.ends_on, -_RENEWABLE_MONTHS) and row.kind == SUPPORT:
        day = format_wareki(add_months(row.ends_on, -_RENEWABLE_MONTHS))
        findings.warn("early_renewal", "ends_on", f"延長の申出は終了日の1か月前（{day}）から受け付けます。", _ARTICLE)
    findings.settle(body.confirmed)
    return await _revise(session, row, now, body.reason, "protection.renew", {"ends_on": body.ends_on})


async def release(session: WriteSession, protection_no: int, body: Release, now: datetime) -> ProtectionResult:
    """Close a suppression; raises NotFound, or Conflict when it was closed before."""
    row = await _open(session, protection_no)
    return await _revise(session, row, now, body.reason, "protection.release", {"released_on": now.date()})


async def lift(session: WriteSession, protection_no: int, body: Lift, now: datetime) -> ProtectionResult:
    """Let certificates be issued until a moment; addresses stay hidden. Raises NotFound or Conflict."""
    row = await _open(session, protection_no)
    until = now + timedelta(minutes=body.minutes)
    session.add(
        ProtectionLift(
            protection_no=protection_no,
            lifted_at=now,
            until=until,
            reason=body.reason,
            staff_id=session.principal.login,
        )
    )
    numbers = await _numbers(session, protection_no)
    return await _told(session, row, numbers, "protection.lift", body.reason, until=until.isoformat())


async def _subjects(session: WriteSession, findings: Findings, body: ProtectionEntry) -> list[int]:
    numbers = list(dict.fromkeys(body.subjects))
    current = (ResidentRecord.superseded_at.is_(None), ResidentRecord.valid_to == OPEN_END)
    query = select(ResidentRecord).where(*current, ResidentRecord.addressee_no.in_(numbers))
    # Who does not exist for the clerk is answered like a number nobody has: the person in charge registers what more is needed.
    concealed = await find_concealed(session, numbers)
    found = {row.addressee_no: row for row in await session.scalars(query) if row.addressee_no not in concealed}
    for index, number in enumerate(body.subjects):
        if number not in found:
            findings.refuse(f"subjects.{index}", f"宛名番号{number}の住民票はありません。")
    if body.whole_household and found:
        households = {row.household_no for row in found.values()}
        mates = select(ResidentRecord.addressee_no).where(
            *current, ResidentRecord.household_no.in_(households), ResidentRecord.status != "removed"
        )
        numbers += [number for number in await session.scalars(mates) if number not in numbers]
    return sorted(numbers)


def _check(findings: Findings, body: ProtectionEntry) -> None:
    if body.ends_on is not None and body.ends_on < body.starts_on:
        findings.refuse("ends_on", "終了日が開始日より前です。")
    if body.kind != SUPPORT:
        effects = (body.hides_address, body.stops_issue, body.stops_movement, bool(body.note))
        if not any(effects):
            findings.refuse("note", "何を止めるか、または注意の内容を入力してください。")
        if body.hides_from_search and not body.hides_address:
            findings.refuse("hides_from_search", "検索に出さないときは、住所も表示しない指定にしてください。")
        return
    if body.category is None:
        findings.refuse("category", "支援措置の区分を選んでください。", _ARTICLE)
    if not body.applicant:
        findings.refuse("applicant", "申出者を入力してください。", _ARTICLE)
    if body.ends_on is None:
        findings.refuse("ends_on", "支援措置の終了日を入力してください。", _ARTICLE)
    elif body.ends_on > add_months(body.starts_on, _PERIOD_MONTHS):
        findings.warn(
            "long_period", "ends_on", "支援措置の期間は開始日から1年です。1年より長くてよいですか。", _ARTICLE
        )


async def _open(session: WriteSession, protection_no: int) -> Protection:
    query = select(Protection).where(Protection.protection_no == protection_no, Protection.superseded_at.is_(None))
    row = await session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("この抑止の登録は見つかりません。")
    if row.released_on is not None:
        raise Conflict("この抑止はすでに解除されています。必要なら新しく登録してください。")
    return row


async def _revise(
    session: WriteSession, row: Protection, now: datetime, reason: str, action: str, changes: Mapping[str, Any]
) -> ProtectionResult:
    kept = {name: getattr(row, name) for name in _COPIED}
    row.superseded_at = now
    await session.flush()
    after = Protection(**(kept | dict(changes) | _written(session, now, reason)))
    session.add(after)
    return await _told(session, after, await _numbers(session, row.protection_no), action, reason)


def _scope(body: ProtectionEntry) -> list[str]:
    """The acts it stops; all of them when none is named."""
    return [*body.scope] or [*SCOPES]


def _written(session: WriteSession, now: datetime, reason: str) -> dict[str, Any]:
    return {"reason": reason, "staff_id": session.principal.login, "recorded_at": now}


async def _numbers(session: WriteSession, protection_no: int) -> list[int]:
    query = select(ProtectionSubject.addressee_no).where(ProtectionSubject.protection_no == protection_no)
    return sorted(await session.scalars(query))


async def _told(
    session: WriteSession, row: Protection, numbers: list[int], action: str, reason: str, **detail: Any
) -> ProtectionResult:
    """Who did it to whom and why, in the audit trail; that something changed, to the other businesses."""
    await session.flush()
    for number in numbers:
        detail |= {"protection_no": row.protection_no, "kind": row.kind}
        session.audit(AuditEvent(action, f"addressee:{number}", reason=reason, detail=detail))
    # As in every event of the register: whoever follows its events reads the persons of all of them in one way.
    persons = [{"addressee_no": number} for number in numbers]
    payload = {"protection_no": row.protection_no, "kind": row.kind, "persons": persons, "act": action}
    publish(
        session,
        DomainEvent("resident.protection_changed", f"protection:{row.protection_no}", row.starts_on, payload),
    )
    return ProtectionResult(protection_no=row.protection_no, addressee_nos=numbers)
