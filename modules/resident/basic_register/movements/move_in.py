"""転入 (住基法22条): several people at once, into a new or an existing household; who lived here before keeps the number."""

from datetime import datetime
from typing import Any

from modules.resident.basic_register.labels import STATUS_LABELS
from modules.resident.basic_register.models import Household, ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import ExOfficioEntry
from modules.resident.basic_register.movements.inputs import MoveIn, MoveInMember, MovementResult
from modules.resident.basic_register.movements.persons import (
    NOBODY_LEAVES,
    address_columns,
    address_of,
    identity_columns,
)
from modules.resident.basic_register.movements.present import PresentHousehold, find_record, find_town, open_household
from modules.resident.basic_register.movements.transitions import Reason, Status
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.audit import AuditEvent
from yoriai.findings import Findings
from yoriai.japanese import fold_kana, fold_name
from yoriai.numbering import allocate
from yoriai.tenancy.session import WriteSession

_ARTICLE = "住基法22条"
_SAME_PERSON = """
SELECT addressee_no, name, status FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND birth_date = $1 AND (kana_fold = $2 OR name_fold = $3)
 ORDER BY addressee_no LIMIT 5
"""
_ENTERING = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || 'move_in' || $1, 0))"


async def move_in(session: WriteSession, body: MoveIn, now: datetime) -> MovementResult:
    """Record a 転入, or a 職権記載, after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    for day in sorted({member.birth_date for member in body.members if member.addressee_no is None}):
        # Two clerks who enter the same person at once: the second waits, and is then told of the namesake.
        await session.fetchval(_ENTERING, day.isoformat())
    reason = Reason.EX_OFFICIO_ENTRY if isinstance(body, ExOfficioEntry) else Reason.MOVE_IN
    findings = Findings()
    joined = await open_household(session, body.household) if body.household else None
    returning = await _returning(session, body)
    checks.check_dates(findings, body, reason, now.date())
    address = await _address(session, findings, body, joined)
    for index, member in enumerate(body.members):
        _check_member(findings, body, index, member)
        if member.addressee_no is None:
            await _warn_of_namesakes(session, findings, index, member)
    _check_returning(findings, body, returning)
    codes = [member.relationship for member in body.members]
    present = [record.relationship for record in joined.members.values()] if joined else []
    checks.check_heads(findings, [*present, *codes], "members")
    findings.settle(body.confirmed)
    return await _write(session, body, now, reason, joined, returning, address)


async def _write(
    session: WriteSession,
    body: MoveIn,
    now: datetime,
    reason: Reason,
    joined: PresentHousehold | None,
    returning: dict[int, ResidentRecord],
    address: dict[str, Any],
) -> MovementResult:
    newcomers = sum(member.addressee_no is None for member in body.members)
    number = await allocate(session, "addressee", newcomers) if newcomers else 0
    household = joined.household if joined else await _new_household(session, body)
    writer = await MovementWriter.begin(
        session, body, reason, household.household_no, now, former_address=body.former_address or None
    )
    for member in body.members:
        columns = {
            **identity_columns(member),
            **address,
            **NOBODY_LEAVES,
            "household_no": household.household_no,
            "birth_date": member.birth_date,
            "birth_date_unknown": member.birth_date_unknown,
            "previous_address": body.former_address or None,
            "became_resident_on": body.event_date,
            "address_since": body.event_date,
        }
        if member.addressee_no is not None:
            await writer.change(returning[member.addressee_no], **columns)
        else:
            await writer.enter(addressee_no=number, **columns)
            number += 1
    if joined:
        writer.touch(joined.household)
    return await writer.finish()


async def _new_household(session: WriteSession, body: MoveIn) -> Household:
    household = Household(household_no=await allocate(session, "household"), created_on=body.event_date, version=1)
    session.add(household)
    await session.flush()
    return household


async def _returning(session: WriteSession, body: MoveIn) -> dict[int, ResidentRecord]:
    numbers = sorted({member.addressee_no for member in body.members if member.addressee_no is not None})
    found = [await find_record(session, number) for number in numbers]
    return {record.addressee_no: record for record in found if record}


async def _address(
    session: WriteSession, findings: Findings, body: MoveIn, joined: PresentHousehold | None
) -> dict[str, Any]:
    """The address of the household joined, else the one entered."""
    if joined is not None:
        if not joined.members:
            findings.refuse(
                "household.household_no", "この世帯には今だれも住んでいません。新しい世帯として登録してください。"
            )
            return {}
        return address_of(joined.head or next(iter(joined.members.values())))
    town = await find_town(session, body.address) if body.address else None
    checks.check_address(findings, body.address, is_known=town is not None)
    return address_columns(town, body.address) if town and body.address else {}


def _check_member(findings: Findings, body: MoveIn, index: int, member: MoveInMember) -> None:
    place = f"members.{index}."
    checks.check_names(findings, member.name, member.name_kana, place)
    checks.check_birth(findings, member.birth_date, body.event_date, f"{place}birth_date")
    checks.check_relationship(findings, member.relationship, f"{place}relationship")
    checks.check_foreign_items(findings, member.nationality, member, body.event_date, place)


def _check_returning(findings: Findings, body: MoveIn, returning: dict[int, ResidentRecord]) -> None:
    """The number of an earlier 住民票 belongs to the same person, who has left and not died."""
    for index, member in enumerate(body.members):
        if member.addressee_no is None:
            continue
        place = f"members.{index}.addressee_no"
        record = returning.get(member.addressee_no)
        if record is None:
            findings.refuse(place, "この宛名番号の住民票はありません。", _ARTICLE)
            continue
        checks.check_states(findings, Reason.MOVE_IN, [(place, record)])
        checks.check_order(findings, body.event_date, [record])
        if record.removal_reason == Reason.DEATH:
            findings.refuse(place, f"{record.name}さんは死亡により除票になっています。", _ARTICLE)
        if record.birth_date != member.birth_date:
            findings.refuse(f"members.{index}.birth_date", "以前の住民票の生年月日と違います。", _ARTICLE)


async def _warn_of_namesakes(session: WriteSession, findings: Findings, index: int, member: MoveInMember) -> None:
    """Nobody may be registered twice: the same birth date with the same name or the same kana makes the clerk look."""
    rows = await session.fetch(_SAME_PERSON, member.birth_date, fold_kana(member.name_kana), fold_name(member.name))
    for row in rows:
        session.audit(AuditEvent("person.view", f"addressee:{row['addressee_no']}", detail={"as": "namesake"}))
    if rows:
        known = "、".join(
            f"{row['name']}（宛名番号{row['addressee_no']}・{STATUS_LABELS[row['status']]}）" for row in rows
        )
        advice = "同じ人なら、その宛名番号を選んで再転入にしてください。"
        if any(row["status"] != Status.REMOVED for row in rows):
            advice = "同じ人がすでに住民なら、登録をやめてください。二重の登録になります。"
        message = f"氏名と生年月日が同じ人がいます: {known}。{advice}"
        findings.warn_at("duplicate", f"members.{index}.name", message, _ARTICLE)
