"""Giving, changing, correcting a number; reading it for a purpose; finding a person by it."""

from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field
from sqlalchemy import select

from modules.resident.basic_register.facts import find_concealed
from modules.resident.basic_register.models import PersonNumber
from modules.resident.basic_register.movements.present import find_record
from modules.resident.basic_register.numbers.kinds import KINDS, REASONS, check_number, masked
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.audit import AuditEvent
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki_time
from yoriai.errors import NotFound
from yoriai.findings import Findings
from yoriai.outbox import DomainEvent, publish
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader, WriteSession
from yoriai.web.fields import Day

_OF_PERSON = """
SELECT n.id, n.kind, n.sealed, n.valid_from, n.reason, n.note, n.recorded_at, n.superseded_at,
       coalesce(s.display_name, CASE n.staff_id WHEN 'conversion' THEN '移行' ELSE n.staff_id END) AS staff
  FROM person_number n LEFT JOIN staff s ON s.login = n.staff_id WHERE n.addressee_no = $1 ORDER BY n.kind, n.id DESC"""
_FOUND = """
SELECT n.addressee_no, r.name FROM person_number n
  JOIN resident_record r ON r.addressee_no = n.addressee_no AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 WHERE n.kind = $1 AND n.fingerprint = ANY($2::text[]) AND n.superseded_at IS NULL"""
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'number' || $1, 0))"
Purpose = Field(min_length=1, max_length=200, title="利用目的")


class NumberEntry(BaseModel):
    """A number given, changed on request or ex officio, or corrected."""

    kind: Literal["my_number", "resident_code"] = Field(title="番号の種類")
    number: str = Field(min_length=1, max_length=12, title="番号")
    reason: Literal["assigned", "requested", "ex_officio", "corrected"] = Field(title="事由")
    valid_from: Day = Field(title="付番・変更の日")
    note: str | None = Field(default=None, max_length=200, title="備考")
    confirmed: list[str] = Field(default=[])


class NumberSight(BaseModel):
    """A wish to read a person's numbers, and for what; of a notice, where it is printed (empty: as PDF)."""

    purpose: str = Purpose
    printer: str = Field(default="", max_length=90, title="印刷先・トレイ")


class NumberQuery(BaseModel):
    """A search for whom a number belongs to, and for what."""

    kind: Literal["my_number", "resident_code"] = Field(title="番号の種類")
    number: str = Field(min_length=1, max_length=12, title="番号")
    purpose: str = Purpose


class NumberRow(BaseModel):
    """A number of a person, masked unless it was asked for with a purpose."""

    kind: str
    number: str
    valid_from: date
    reason: str
    note: str
    staff: str
    recorded_at: str
    is_ended: bool


class NumberResult(BaseModel):
    """The person whose number was written."""

    addressee_no: int
    kind: str


class Holder(BaseModel):
    """Who holds a number."""

    addressee_no: int
    name: str


async def record_number(
    session: WriteSession, sealer: Sealer, tenant: TenantRef, addressee_no: int, body: NumberEntry, now: datetime
) -> NumberResult:
    """Write a number; the one before stays in the history. Raises NotFound, Invalid or NeedsConfirmation."""
    record = await find_record(session, addressee_no)
    if record is None or await find_concealed(session, [addressee_no]):
        raise NotFound("この宛名番号の人は見つかりません。")
    findings = Findings()
    check_number(findings, body.kind, body.number, "number")
    current = await session.scalar(
        select(PersonNumber)
        .where(
            PersonNumber.addressee_no == addressee_no,
            PersonNumber.kind == body.kind,
            PersonNumber.superseded_at.is_(None),
        )
        .with_for_update()
    )
    prints = sealer.fingerprints(tenant, body.kind, body.number)
    await session.fetchval(_ONE_AT_A_TIME, prints[0])
    _check_reason(findings, body, current, now.date())
    await _check_free(session, findings, body, prints, addressee_no)
    findings.settle(body.confirmed)
    if current is not None:
        current.superseded_at = now
        await session.flush()
    session.add(
        PersonNumber(
            addressee_no=addressee_no,
            kind=body.kind,
            sealed=sealer.seal(_place(tenant, body.kind, addressee_no), body.number),
            fingerprint=prints[0],
            valid_from=body.valid_from,
            reason=body.reason,
            note=body.note,
            staff_id=session.principal.login,
            recorded_at=now,
        )
    )
    detail = {"kind": body.kind, "reason": body.reason}
    session.audit(AuditEvent("number.record", f"addressee:{addressee_no}", detail=detail))
    payload = {"addressee_no": addressee_no, **detail}
    event = DomainEvent("resident.number_changed", f"addressee:{addressee_no}", body.valid_from, payload)
    publish(session, event)
    return NumberResult(addressee_no=addressee_no, kind=body.kind)


async def list_numbers(
    session: Reader, sealer: Sealer, tenant: TenantRef, addressee_no: int, purpose: str = ""
) -> list[NumberRow]:
    """A person's numbers and those before, masked; with a purpose opened, which is audited with it."""
    rows = await session.fetch(_OF_PERSON, addressee_no)
    if purpose and rows:
        detail: dict[str, Any] = {"kinds": sorted({row["kind"] for row in rows})}
        session.audit(AuditEvent("number.view", f"addressee:{addressee_no}", reason=purpose, detail=detail))
    return [
        NumberRow(
            kind=KINDS[row["kind"]].label,
            number=sealer.open(_place(tenant, row["kind"], addressee_no), row["sealed"])
            if purpose
            else masked(row["kind"]),
            valid_from=row["valid_from"],
            reason=REASONS[row["reason"]],
            note=row["note"] or "",
            staff=row["staff"],
            recorded_at=format_wareki_time(row["recorded_at"].astimezone(JAPAN)),
            is_ended=row["superseded_at"] is not None,
        )
        for row in rows
    ]


async def find_holder(session: Reader, sealer: Sealer, tenant: TenantRef, query: NumberQuery) -> Holder | None:
    """Who holds the number now; the search is audited with its purpose, without the number."""
    findings = Findings()
    check_number(findings, query.kind, query.number, "number")
    findings.alerts.clear()
    findings.settle()
    row = await session.fetchrow(_FOUND, query.kind, sealer.fingerprints(tenant, query.kind, query.number))
    veil = await find_veil(session, [row["addressee_no"]] if row else [], "number")
    if row is not None and row["addressee_no"] in veil.concealed:
        row = None
    subject = f"addressee:{row['addressee_no']}" if row else ""
    session.audit(AuditEvent("number.search", subject, reason=query.purpose, detail={"kind": query.kind}))
    return Holder(addressee_no=row["addressee_no"], name=row["name"]) if row else None


def _place(tenant: TenantRef, kind: str, addressee_no: int) -> Sealed:
    return Sealed(tenant, kind, f"addressee:{addressee_no}")


def _check_reason(findings: Findings, body: NumberEntry, current: PersonNumber | None, today: date) -> None:
    rule = KINDS[body.kind]
    if body.valid_from > today:
        findings.refuse("valid_from", "付番・変更の日が未来の日付です。")
    if body.reason == "assigned" and current is not None:
        findings.refuse(
            "reason", f"{rule.label}はすでに付番されています。変更か訂正の事由を選んでください。", rule.changed_by
        )
    elif body.reason != "assigned" and current is None:
        findings.refuse("reason", f"{rule.label}がまだありません。付番を選んでください。", rule.assigned_by)
    elif current is not None and body.valid_from < current.valid_from:
        findings.refuse("valid_from", "今の番号の付番・変更の日より前の日付です。", rule.changed_by)


async def _check_free(
    session: WriteSession, findings: Findings, body: NumberEntry, prints: list[str], addressee_no: int
) -> None:
    """Nobody else has the number or had it, and it is not the present one."""
    query = select(PersonNumber.addressee_no, PersonNumber.superseded_at).where(
        PersonNumber.kind == body.kind, PersonNumber.fingerprint.in_(prints)
    )
    for holder, superseded_at in (await session.execute(query)).all():
        if holder != addressee_no:
            who = "" if await find_concealed(session, [holder]) else f"（宛名番号{holder}）"
            message = f"この番号は別の人{who}のものです。番号か人を確かめてください。"
            findings.refuse("number", message, KINDS[body.kind].assigned_by)
            return
        if superseded_at is None:
            findings.refuse("number", "今の番号と同じです。")
            return
