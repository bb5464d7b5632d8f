"""Loading: all of what passed in one transaction, written by the businesses, compared with the files before it is committed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.errors import Conflict, Invalid
from yoriai.onboarding.catalogue import all_parts, all_tables
from yoriai.onboarding.checking import Checked, Progress
from yoriai.onboarding.layout import POLARS, Context, Frames, Part, Table
from yoriai.onboarding.reconciling import ItemResult, reconcile
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession
from yoriai.tenancy.ref import TenantRef

_PERSONS_OF_EVENT = 5_000
# Two loads at once would both find the municipality empty. The lock ends with the transaction.
_LOCK = "SELECT 1 AS one FROM pg_advisory_xact_lock(hashtextextended(current_schema() || 'onboarding', 0))"
_COUNTER = """
INSERT INTO number_counter (kind, next) VALUES ($1, $2)
ON CONFLICT (kind) DO UPDATE SET next = greatest(number_counter.next, excluded.next)"""
# Within its transaction nothing is analysed: the planner takes thousands of rows for one and compares all with all.
_UNCOUNTED = "SELECT set_config('enable_nestloop', 'off', true)"
Finish = Callable[[BulkWriteSession, Sequence[ItemResult]], None]
"""What else belongs into the transaction of a load, once all agrees."""


def _nothing(_session: BulkWriteSession, _items: Sequence[ItemResult]) -> None:
    return


def load(
    database: BulkDatabase,
    tenant: TenantRef,
    checked: Checked,
    context: Context,
    progress: Progress = lambda _: None,
    finish: Finish = _nothing,
) -> list[ItemResult]:
    """Write what passed; the comparison of the files with the database, which agrees. `tenant` may be the practice copy.

    `finish` writes what belongs to it: it is committed with the load or not at all.

    Raises Conflict where there are data already, Invalid where file and database differ; then nothing is written.
    """
    with database.write(tenant) as session:
        session.read(_UNCOUNTED)
        session.read(_LOCK)
        for name in checked.frames:
            if not _rows(session, all_tables()[name]).is_empty():
                label = all_tables()[name].label
                raise Conflict(f"{label}のデータがすでにあるため、移行できません。何も登録していません。")
        for business, part in all_parts().items():
            mine = {table.name: checked.frames.get(table.name, _none_of(table)) for table in part.tables}
            if any(not frame.is_empty() for frame in mine.values()):
                progress(f"{business}: {'・'.join(table.label for table in part.tables)}を登録しています")
                _load_part(session, part, {**checked.frames, **mine}, context)
        results = []
        for result in checked.tables:
            progress(f"{result.table.label}を移行元と突き合わせています")
            results += reconcile(result.table, checked.frames[result.table.name], session, context)
        if wrong := [item for item in results if not item.agrees]:
            names = "、".join(f"{item.table}の{item.label}" for item in wrong)
            raise Invalid(f"移行元と登録した内容が一致しません（{names}）。何も登録していません。")
        # Counters before the chain of the audit, as everywhere: two that wait for each other would both be lost.
        finish(session, results)
        _audit(session, checked, context)
    return results


def _load_part(session: BulkWriteSession, part: Part, frames: Frames, context: Context) -> None:
    """Let the business write. What the database refuses is told in its own words: a rule no check has looked for."""
    from adbc_driver_manager.dbapi import DatabaseError

    try:
        part.load(session, frames, context)
    except DatabaseError as error:
        tables = "・".join(table.label for table in part.tables)
        raise Invalid(
            f"{tables}をデータベースが受け付けません（{_first_line(error)}）。何も登録していません。"
        ) from error


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__


def set_counter(session: BulkWriteSession, kind: str, highest: int) -> None:
    """Let new numbers of the kind begin after the highest number taken over."""
    session.execute(_COUNTER, (kind, highest + 1))


def _rows(session: BulkWriteSession, table: Table) -> pl.DataFrame:
    return session.read(f"SELECT 1 AS one FROM ({table.loaded}) AS loaded LIMIT 1")  # noqa: S608  a business's own text


def _none_of(table: Table) -> pl.DataFrame:
    schema: Mapping[str, Any] = {column.key: POLARS[column.kind] for column in table.columns}
    return pl.DataFrame(schema=schema)


def _audit(session: BulkWriteSession, checked: Checked, context: Context) -> None:
    """One event for each table, and the numbers of all whose data were written in events of some thousands."""
    who = Principal(context.staff, terminal=context.terminal, request_id=f"onboarding:{checked.digest}")
    events = []
    for result in checked.tables:
        subject = f"onboarding:{result.table.name}"
        reason = f"データ移行（移行基準日 {context.as_of}）"
        events.append(AuditEvent("onboarding.load", subject, reason, result.to_json() | {"digest": checked.digest}))
        if not result.table.person:
            continue
        people = checked.frames[result.table.name][result.table.person].drop_nulls().unique().sort().to_list()
        for start in range(0, len(people), _PERSONS_OF_EVENT):
            persons = people[start : start + _PERSONS_OF_EVENT]
            events.append(AuditEvent("onboarding.write", subject, reason, {"persons": persons, "count": len(persons)}))
    session.read(APPEND, (to_argument(to_rows(who, events)),))
