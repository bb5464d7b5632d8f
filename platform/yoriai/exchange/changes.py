"""Change numbers: each data set is compared with what is published now, and each row that differs gets the next number.

So no business has to remember to tell: what a view shows is what others get; a row that becomes protected is given anew, masked.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from yoriai.exchange.data_sets import DataSet
from yoriai.extraction.statement import MASKED
from yoriai.tenancy.session import Reader, WriteSession

_LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || 'exchange' || $1))"
_STATE = "SELECT refreshed_at, change_no FROM exchange_set WHERE data_set = $1"
# Names are the views' own, see `DataSet.statement`; {keys} and {first} are its columns. Whoever has no number, such as a child
# abroad, cannot be named to others.
_PUBLISHED = """
WITH published AS (
  SELECT concat_ws(':', {keys}) AS key, min({first}) AS number, md5(string_agg(r::text, '' ORDER BY r::text)) AS digest
    FROM ({statement}) AS r WHERE {first} IS NOT NULL GROUP BY 1
)"""
_CHANGED = """
INSERT INTO exchange_change (data_set, key, number, digest, change_no, is_gone, changed_at)
SELECT $2::text, n.key, n.number, n.digest, $3::bigint + row_number() OVER (ORDER BY n.number, n.key), false, $4::timestamptz
  FROM published n LEFT JOIN exchange_change c ON c.data_set = $2::text AND c.key = n.key
 WHERE c.key IS NULL OR c.is_gone OR c.digest <> n.digest
ON CONFLICT (data_set, key) DO UPDATE SET digest = excluded.digest, change_no = excluded.change_no, is_gone = false,
       changed_at = excluded.changed_at
RETURNING change_no"""
_GONE = """
, gone AS (
  SELECT c.key, $3::bigint + row_number() OVER (ORDER BY c.number, c.key) AS change_no FROM exchange_change c
   WHERE c.data_set = $2::text AND NOT c.is_gone AND NOT EXISTS (SELECT FROM published n WHERE n.key = c.key)
)
UPDATE exchange_change c SET is_gone = true, change_no = gone.change_no, changed_at = $4::timestamptz
  FROM gone WHERE c.data_set = $2::text AND c.key = gone.key RETURNING c.change_no"""
_SAVE = """
INSERT INTO exchange_set (data_set, refreshed_at, change_no) VALUES ($1, $2, $3)
ON CONFLICT (data_set) DO UPDATE SET refreshed_at = excluded.refreshed_at, change_no = excluded.change_no
RETURNING change_no"""
_PAGE = """
SELECT key, number, change_no, is_gone FROM exchange_change
 WHERE data_set = $1 AND change_no > $2 AND change_no <= $3 ORDER BY change_no LIMIT $4"""


async def refresh(
    session: WriteSession, data_set: DataSet, now: datetime, *, not_before: timedelta = timedelta()
) -> int:
    """Compare and number; the highest change number. Within `not_before` of the last comparison that one still holds.

    One at a time for a data set: a number that is seen has no smaller one that appears later.
    """
    await session.fetchval(_LOCK, data_set.name)
    state = await session.fetchrow(_STATE, data_set.name)
    if state and now - state["refreshed_at"] < not_before:
        return int(state["change_no"])
    highest = int(state["change_no"]) if state else 0
    statement = data_set.statement(now.date())
    published = _PUBLISHED.format(
        statement=statement.sql, keys=", ".join(data_set.key_columns), first=data_set.key_columns[0]
    )
    for act in (_CHANGED, _GONE):
        changed = await session.fetch(published + act, *statement.arguments, data_set.name, highest, now)
        highest = max([highest, *(row["change_no"] for row in changed)])
    number: int = await session.fetchval(_SAVE, data_set.name, now, highest)
    return number


async def list_changes(
    session: Reader, data_set: DataSet, since: int, until: int, limit: int
) -> Sequence[Mapping[str, Any]]:
    """Rows with a change number above `since` and up to `until`, in the order of these numbers."""
    return [dict(row) for row in await session.fetch(_PAGE, data_set.name, since, until, limit)]


def people_of(numbers: Sequence[int], rows: Mapping[str, Mapping[str, Any]]) -> list[int]:
    """Everybody who is told of: the numbers asked for and whoever else the rows name."""
    return sorted(set(numbers).union(*(row["persons"] for row in rows.values())))


async def read_rows(session: Reader, data_set: DataSet, numbers: Sequence[int], day: date) -> dict[str, dict[str, Any]]:
    """The rows of these people (or papers) as published now, by key: `values` by item, `is_masked`, `persons` they tell of."""
    statement = data_set.statement(day)
    place = len(statement.arguments) + 1
    keys, first = ", ".join(data_set.key_columns), data_set.key_columns[0]
    names = [column.name for column in statement.columns] + list(statement.persons)
    listed = ", ".join([*names, MASKED] if statement.persons else names)
    sql = f"""SELECT concat_ws(':', {keys}) AS key_of_row, {listed} FROM ({statement.sql}) AS r
               WHERE {first} = ANY(${place}::bigint[])"""  # noqa: S608  names are the views' own
    rows = await session.fetch(sql, *statement.arguments, list(numbers))
    found = {}
    for row in rows:
        values = {item.key: _plain(row[f"c{index}"]) for index, item in enumerate(data_set.items)}
        persons = {row[name] for name in statement.persons if row[name] is not None}
        found[row["key_of_row"]] = {
            "values": values,
            "is_masked": bool(row[MASKED]) if statement.persons else False,
            "persons": persons,
        }
    return found


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
