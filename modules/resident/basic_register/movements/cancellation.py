"""異動取消: the last movement of everybody in it is taken back; its row, and what it wrote, stay readable."""

from datetime import date, datetime

from sqlalchemy import select

from modules.resident.basic_register.models import Movement
from modules.resident.basic_register.movements.change_inputs import Cancellation
from modules.resident.basic_register.movements.inputs import MovementInput, MovementResult, TargetRef
from modules.resident.basic_register.movements.present import open_household
from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason
from modules.resident.basic_register.movements.undo import read_undoable, undo
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.errors import Conflict
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


async def cancel_movement(session: WriteSession, movement_no: int, body: Cancellation, now: datetime) -> MovementResult:
    """Take a movement back; raises NotFound, Conflict when it was taken back before, Invalid when a later one builds on it."""
    undoable = await read_undoable(session, movement_no)
    movement = undoable.movement
    if await _was_cancelled(session, movement_no):
        raise Conflict("この異動はすでに取り消されています。二重に取り消すことはできません。")
    findings = Findings()
    if movement.reason == Reason.CONVERSION:
        findings.refuse("movement_no", "移行したときの記載は取り消せません。訂正か職権修正をしてください。")
    for text in undoable.obstacles:
        findings.refuse("movement_no", text)
    findings.settle(body.confirmed)
    numbers = {part.current.household_no for part in undoable.parts} | {
        part.before.household_no for part in undoable.parts if part.before
    }
    opened = [await open_household(session, TargetRef(household_no=number)) for number in sorted(numbers)]
    writer = await MovementWriter.begin(
        session,
        _as_input(body, movement, now.date()),
        Reason.CANCELLATION,
        movement.household_no,
        now,
        cancels=movement_no,
    )
    for part in undoable.parts:
        await undo(writer, part.current, part.before)
    for household in opened:
        writer.touch(household.household)
    return await writer.finish()


def _as_input(body: Cancellation, movement: Movement, today: date) -> MovementInput:
    label = TRANSITIONS[Reason(movement.reason)].label
    return MovementInput(
        movement_class="ex_officio",
        event_date=movement.event_date,
        notified_on=today,
        note=f"{label}（異動番号{movement.movement_no}）の取消",
        ground=body.reason_text,
        approval_no=body.approval_no,
    )


async def _was_cancelled(session: WriteSession, movement_no: int) -> bool:
    return await session.scalar(select(Movement.movement_no).where(Movement.cancels == movement_no)) is not None
