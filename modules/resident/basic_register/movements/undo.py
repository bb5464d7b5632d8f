"""Taking back a movement: each person's last version is superseded, and what stood before is written again as a new row."""

from dataclasses import dataclass

from sqlalchemy import select

from modules.resident.basic_register.models import Movement, MovementPerson, ResidentRecord
from modules.resident.basic_register.movements.persons import NOBODY_LEAVES
from modules.resident.basic_register.movements.present import find_record
from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason, Status
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.errors import NotFound
from yoriai.tenancy.session import WriteSession


@dataclass(frozen=True)
class Part:
    """One person's part in the movement that is taken back: how it stood before, how it stands now."""

    before: ResidentRecord | None
    current: ResidentRecord


@dataclass(frozen=True)
class Undoable:
    """A movement with everybody's part; `obstacles` say in words why some part cannot be taken back."""

    movement: Movement
    parts: tuple[Part, ...]
    obstacles: tuple[str, ...]


async def read_undoable(session: WriteSession, movement_no: int) -> Undoable:
    """The movement, its people's current versions locked; raises NotFound."""
    movement = await session.get(Movement, movement_no)
    if movement is None:
        raise NotFound("この異動は見つかりません。")
    parts, obstacles = [], []
    query = select(MovementPerson).where(MovementPerson.movement_no == movement_no)
    for row in (await session.scalars(query.order_by(MovementPerson.addressee_no))).all():
        current = await find_record(session, row.addressee_no)
        if current is None:
            continue
        if current.movement_no != movement_no:
            obstacles.append(await _later(session, current, movement_no))
        before = await session.get(ResidentRecord, row.before_record_id) if row.before_record_id else None
        parts.append(Part(before, current))
    return Undoable(movement, tuple(parts), tuple(obstacles))


async def undo(writer: MovementWriter, current: ResidentRecord, content: ResidentRecord | None) -> ResidentRecord:
    """Write an earlier version as the present one, as it is known now. Who was entered by the movement becomes a 除票."""
    if content is None:
        return await writer.change(
            current,
            status=Status.REMOVED,
            removed_on=current.valid_from,
            removal_reason=Reason.CANCELLATION,
            planned_removal_on=None,
        )
    rows = await writer.known(current.addressee_no)
    # The version may have been corrected since: what its movement says now is what is restored.
    known = [row for row in rows if row.movement_no == content.movement_no and row.id != current.id]
    source = known[-1] if known else content
    for row in rows:
        if row.valid_from >= source.valid_from:
            await writer.supersede(row)
    return await writer.restore(current, source, source.valid_from)


async def stay(writer: MovementWriter, current: ResidentRecord) -> ResidentRecord:
    """Let somebody who has left, or was going to, live here on: what changed between the notice and now is kept."""
    rows = await writer.known(current.addressee_no)
    last_here = max((index for index, row in enumerate(rows) if row.status == Status.RESIDENT), default=-1)
    after = current
    for row in rows[last_here + 1 :]:
        after = await writer.rewrite(row, NOBODY_LEAVES)
    await writer.note(current, after)
    return after


async def _later(session: WriteSession, current: ResidentRecord, movement_no: int) -> str:
    if current.movement_no < movement_no:
        return (
            f"{current.name}さんについては、別の異動より前の日にさかのぼって登録した異動なので、取り消せません。"
            "職権修正で直してください。"
        )
    later = await session.get(Movement, current.movement_no)
    label = TRANSITIONS[Reason(later.reason)].label if later and later.reason in set(Reason) else "別の異動"
    return f"{current.name}さんには、その後の{label}（異動番号{current.movement_no}）があります。先にそれを取り消してください。"
