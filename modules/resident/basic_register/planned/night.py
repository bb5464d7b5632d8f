"""異動予定の適用: the night records the plans whose day has come, each like a clerk would, one transaction each."""

from datetime import date, datetime

from modules.resident.basic_register.planned.service import apply_plan
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession
from yoriai.tenancy.use_cases import Opener

_PER_CHUNK = 20
_DUE = """
SELECT plan_no, household_no FROM planned_movement
 WHERE status = 'planned' AND event_date <= $1 AND plan_no >= $2 AND plan_no < $3 ORDER BY event_date, plan_no"""
_ALL = (0, 2**62)


def plan_due(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """The plans whose day has come, twenty to a chunk; none on most days."""
    numbers = sorted(session.read(_DUE, (_day(context), *_ALL))["plan_no"].to_list())
    parts = [numbers[start : start + _PER_CHUNK] for start in range(0, len(numbers), _PER_CHUNK)]
    return [Chunk(no, part[0], part[-1] + 1) for no, part in enumerate(parts, start=1)]


def run_due(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Record the plans of a chunk; those refused stand in the error list, and in the clerks' list with the reason.

    Each commits by itself before the chunk's mark: run again, the chunk finds them done.
    """
    due = session.read(_DUE, (_day(context), chunk.lower, chunk.upper)).rows()
    if not due:
        return ChunkResult(0, 0)
    if context.use_cases is None:
        raise RuntimeError("this job needs the use cases of the counter")
    numbers = [number for number, _ in due]
    refusals = context.use_cases.run(lambda opened: _apply(opened, numbers, context.now))
    errors = tuple(
        RowError(f"household:{household}", f"異動予定{number}を登録できません。理由は異動予定の一覧にあります。")
        for number, household in due
        if refusals[number]
    )
    return ChunkResult(len(due), len(due) - len(errors), len(errors), errors=errors)


async def _apply(opened: Opener, numbers: list[int], now: datetime) -> dict[int, str]:
    refusals = {}
    for number in numbers:
        async with opened() as session:
            refusals[number] = await apply_plan(session, number, now)
    return refusals


def _day(context: JobContext) -> date:
    """A night rehearsed or run for a day ahead records nothing before the day has really come."""
    return min(context.business_date, context.now.date())
