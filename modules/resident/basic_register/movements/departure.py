"""What follows a 転出: 転入通知 from where the person went, and 転出取消 by who stays after all."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from modules.resident.basic_register.labels import HEAD
from modules.resident.basic_register.models import (
    ArrivalNotice,
    Movement,
    MovementPerson,
    PlannedRelationship,
    ResidentRecord,
)
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import MoveOutCancel, MoveOutNotice
from modules.resident.basic_register.movements.inputs import MovementResult, Staying
from modules.resident.basic_register.movements.present import (
    PresentHousehold,
    find_record,
    open_household,
)
from modules.resident.basic_register.movements.transitions import Reason, Status
from modules.resident.basic_register.movements.undo import Part, read_undoable, stay, undo
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.dates import OPEN_END
from yoriai.errors import Conflict
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession

_ARTICLE = "住基法24条"
_DEPARTURES = (Reason.MOVE_OUT_PLANNED, Reason.MOVE_OUT)


async def receive_notice(session: WriteSession, body: MoveOutNotice, now: datetime) -> MovementResult:
    """転入通知: 転出予定 becomes 転出; of those confirmed overnight only the notice is kept. Raises Invalid or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    checks.check_dates(findings, body, Reason.MOVE_OUT, now.date())
    records = await _departing(session, findings, household, checks.choose(body.members))
    planned = [record for record in records if record.status == Status.MOVE_OUT_PLANNED]
    checks.check_order(findings, body.event_date, planned)
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, Reason.MOVE_OUT, household.number, now)
    for record in records:
        session.add(
            ArrivalNotice(
                movement_no=record.movement_no,
                addressee_no=record.addressee_no,
                moved_in_on=body.event_date,
                received_at=now,
                staff_id=session.principal.login,
            )
        )
        await writer.change(record, **_left(record, body))
    leaving = [record.addressee_no for record in records]
    relations = await _planned_relations(session, [record.addressee_no for record in planned])
    await writer.relate(household.others(leaving), relations)
    writer.touch(household.household)
    return await writer.finish()


async def cancel_move_out(session: WriteSession, body: MoveOutCancel, now: datetime) -> MovementResult:
    """転出取消: the state before the 転出 is restored, household and 続柄 included; raises Invalid or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    checks.check_dates(findings, body, Reason.MOVE_OUT_CANCELLED, now.date())
    records = await _departing(session, findings, household, checks.choose(body.members))
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, Reason.MOVE_OUT_CANCELLED, household.number, now)
    numbers = {record.addressee_no for record in records}
    restored = await _take_back(writer, records)
    named = {person.addressee_no for person in body.staying if person.relationship}
    others = [record for record in household.others(numbers) if record.addressee_no in named - restored]
    await writer.relate(others, body.staying)
    await _check_result(session, findings, household)
    findings.settle()
    writer.touch(household.household)
    return await writer.finish()


def _left(record: ResidentRecord, body: MoveOutNotice) -> dict[str, Any]:
    """The day of 転入 there is the day of 転出 here; who was removed overnight on the planned day keeps that day."""
    destination: dict[str, Any] = {"destination": body.destination or record.destination}
    if record.status == Status.REMOVED:
        return destination
    removal = {"status": Status.REMOVED, "removed_on": body.event_date, "removal_reason": Reason.MOVE_OUT}
    return {**destination, **removal, "planned_removal_on": None}


async def _departing(
    session: WriteSession, findings: Findings, household: PresentHousehold, chosen: dict[str, int]
) -> list[ResidentRecord]:
    """Those of the chosen who have announced to leave or have left from this household."""
    if not chosen:
        findings.refuse("members", "対象の人を1人以上選んでください。")
    found = []
    for place, number in chosen.items():
        record = await find_record(session, number)
        if record is None or record.household_no != household.number:
            findings.refuse(place, f"宛名番号{number}の人はこの世帯にいません。")
        elif record.status == Status.REMOVED and record.removal_reason != Reason.MOVE_OUT:
            findings.refuse(place, f"{record.name}さんが除票になったのは転出のためではありません。", _ARTICLE)
        elif record.status == Status.RESIDENT:
            findings.refuse(place, f"{record.name}さんの転出の届出はありません。", _ARTICLE)
        else:
            found.append(record)
    return found


async def _planned_relations(session: WriteSession, leaving: Sequence[int]) -> list[Staying]:
    """What those who stay become by the last plan of those who leave; their 住民票 may have changed since it was announced."""
    plans = (
        select(func.max(MovementPerson.movement_no))
        .join(Movement, Movement.movement_no == MovementPerson.movement_no)
        .where(MovementPerson.addressee_no.in_(leaving), Movement.reason == Reason.MOVE_OUT_PLANNED)
        .group_by(MovementPerson.addressee_no)
    )
    movements = (await session.scalars(plans)).all()
    query = select(PlannedRelationship).where(PlannedRelationship.movement_no.in_(movements))
    return [
        Staying(addressee_no=row.addressee_no, relationship=row.relationship)
        for row in (await session.scalars(query.order_by(PlannedRelationship.movement_no))).all()
    ]


async def _take_back(writer: MovementWriter, records: Sequence[ResidentRecord]) -> set[int]:
    """Bring the people back to before their 転出 was announced; when all who left return, the others' 続柄 too."""
    numbers = {record.addressee_no for record in records}
    chains = {record.addressee_no: await _chain(writer.session, record) for record in records}
    movements = {movement_no for chain, _, _ in chains.values() for movement_no in chain}
    others: dict[int, Part] = {}
    for movement_no in sorted(movements):
        for part in (await read_undoable(writer.session, movement_no)).parts:
            if part.current.addressee_no not in numbers:
                others[part.current.addressee_no] = part
    for record in records:
        _, content, has_changed = chains[record.addressee_no]
        await (stay(writer, record) if has_changed else undo(writer, record, content))
    if any(part.current.status != Status.RESIDENT for part in others.values()):
        return numbers
    returned = [part for part in others.values() if part.current.movement_no in movements]
    for part in returned:
        await undo(writer, part.current, part.before)
    return numbers | {part.current.addressee_no for part in returned}


async def _chain(session: WriteSession, record: ResidentRecord) -> tuple[list[int], ResidentRecord, bool]:
    """The movements from the plan to the notice by which the person leaves, the version before, and whether others came between."""
    movements, content, has_changed = [], record, False
    while content.status != Status.RESIDENT:
        movement = await session.get_one(Movement, content.movement_no)
        if movement.reason in _DEPARTURES:
            movements.append(content.movement_no)
        else:
            has_changed = True
        part = await session.get_one(MovementPerson, (content.movement_no, content.addressee_no))
        before = await session.get(ResidentRecord, part.before_record_id) if part.before_record_id else None
        if before is None:
            raise Conflict("転出前の記載がこのシステムにありません。職権回復をしてください。")
        content = before
    return movements, content, has_changed


async def _check_result(session: WriteSession, findings: Findings, household: PresentHousehold) -> None:
    """Afterwards there is one head again; who came back as a second one makes the clerk name the relations."""
    query = select(ResidentRecord.relationship).where(
        ResidentRecord.household_no == household.number,
        ResidentRecord.superseded_at.is_(None),
        ResidentRecord.valid_to == OPEN_END,
        ResidentRecord.status != Status.REMOVED,
    )
    codes = list(await session.scalars(query))
    if codes.count(HEAD) != 1:
        message = f"取り消した後の世帯主が{codes.count(HEAD)}人になります。今いる人の続柄を選び直してください。"
        findings.refuse("staying", message, "住基法25条")
