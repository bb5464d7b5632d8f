"""異動訂正: what a past movement said of a person, corrected from its day on. Later movements keep what they changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from modules.resident.basic_register.models import Movement, ResidentRecord
from modules.resident.basic_register.movements.change_inputs import Correction
from modules.resident.basic_register.movements.inputs import MovementInput, MovementResult, TargetRef
from modules.resident.basic_register.movements.item_change import corrected_columns
from modules.resident.basic_register.movements.present import open_household
from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.dates import OPEN_END, format_wareki
from yoriai.errors import NotFound
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


async def correct_movement(session: WriteSession, movement_no: int, body: Correction, now: datetime) -> MovementResult:
    """Correct a movement's items or its day for one person; raises NotFound, Invalid or Conflict."""
    movement = await session.get(Movement, movement_no)
    version = await _version_of(session, movement_no, body.addressee_no) if movement else None
    if movement is None or version is None:
        raise NotFound("この異動による記載は見つかりません。取り消された異動は訂正できません。")
    findings = Findings()
    household = await open_household(session, TargetRef(household_no=version.household_no))
    changes = await corrected_columns(session, findings, version, body)
    is_moved = body.event_date is not None and body.event_date != version.valid_from
    before = await _before(session, version)
    if is_moved:
        _check_day(findings, body, version, before, now)
    elif not changes:
        findings.refuse("reason_text", "訂正する項目がありません。正しい内容を入力してください。")
    findings.settle(body.confirmed)
    entry = MovementInput(
        movement_class="ex_officio",
        event_date=body.event_date or version.valid_from,
        notified_on=now.date(),
        note=f"{TRANSITIONS[Reason(movement.reason)].label}（異動番号{movement_no}）の訂正",
        ground=body.reason_text,
        approval_no=body.approval_no,
    )
    writer = await MovementWriter.begin(
        session, entry, Reason.CORRECTION, version.household_no, now, corrects=movement_no
    )
    if is_moved and body.event_date is not None:
        version = await writer.shift(version, before, body.event_date, _days(version, body) | changes)
    else:
        await writer.change_since(version.addressee_no, version.valid_from, changes)
    writer.touch(household.household)
    return await writer.finish()


def _days(version: ResidentRecord, body: Correction) -> dict[str, Any]:
    """The days of the 住民票 that were the movement's own move with it."""
    names = ("became_resident_on", "address_since", "removed_on")
    return {name: body.event_date for name in names if getattr(version, name) == version.valid_from}


def _check_day(
    findings: Findings, body: Correction, version: ResidentRecord, before: ResidentRecord | None, now: datetime
) -> None:
    day = body.event_date
    if day is None:
        return
    if day > now.date():
        findings.refuse("event_date", "正しい異動日が未来の日付です。")
    if day < version.birth_date and not version.birth_date_unknown:
        findings.refuse("event_date", "正しい異動日が生年月日より前です。")
    if before is not None and day <= before.valid_from:
        since = format_wareki(before.valid_from)
        findings.refuse("event_date", f"その前の異動の日（{since}）より後の日付にしてください。")
    if version.valid_to != OPEN_END and day >= version.valid_to:
        until = format_wareki(version.valid_to)
        findings.refuse("event_date", f"その後の異動の日（{until}）より前の日付にしてください。")


async def _version_of(session: WriteSession, movement_no: int, addressee_no: int) -> ResidentRecord | None:
    """The first known version the movement made of the person, locked."""
    query = select(ResidentRecord).where(
        ResidentRecord.addressee_no == addressee_no,
        ResidentRecord.movement_no.in_(
            [
                movement_no,
                *(await session.scalars(select(Movement.movement_no).where(Movement.corrects == movement_no))),
            ]
        ),
        ResidentRecord.superseded_at.is_(None),
    )
    return await session.scalar(query.order_by(ResidentRecord.valid_from).limit(1).with_for_update())


async def _before(session: WriteSession, version: ResidentRecord) -> ResidentRecord | None:
    query = select(ResidentRecord).where(
        ResidentRecord.addressee_no == version.addressee_no,
        ResidentRecord.superseded_at.is_(None),
        ResidentRecord.valid_to == version.valid_from,
    )
    return await session.scalar(query.with_for_update())
