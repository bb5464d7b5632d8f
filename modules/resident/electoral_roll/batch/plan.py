"""When the jobs have something to do, and how they are cut into chunks."""

from dataclasses import dataclass
from datetime import date

from yoriai.calendar import OperatingCalendar
from yoriai.jobs import Chunk, JobContext
from yoriai.tenancy.bulk import BulkReadSession

REGULAR_MONTHS = (3, 6, 9, 12)
"""登録月 (公職選挙法22条1項): a matter of the calendar that every municipality has in common."""
ROWS = 10_000
_RANGES = """
SELECT (place - 1) / $1 AS part, min(no) AS lower, max(no) + 1 AS upper
  FROM (SELECT no, row_number() OVER (ORDER BY no) AS place FROM (
          SELECT DISTINCT addressee_no AS no FROM fact_resident_period UNION SELECT addressee_no FROM electoral_entry
        ) AS people) AS numbered
 GROUP BY part ORDER BY part
"""
_ENTRIES = """
SELECT (place - 1) / $1 AS part, min(no) AS lower, max(no) + 1 AS upper
  FROM (SELECT entry_no AS no, row_number() OVER (ORDER BY entry_no) AS place FROM electoral_entry WHERE status <> 'removed')
    AS numbered
 GROUP BY part ORDER BY part
"""
_DUE = """
SELECT election_no, kind, base_on, registered_on, vote_on FROM election
 WHERE status = 'planned' AND registered_on <= $1 ORDER BY election_no
"""


_CHANGED = "SELECT registered_on FROM electoral_regular_change WHERE base_on = $1"
_POSTPONED = """
SELECT c.base_on FROM electoral_regular_change c
 WHERE c.registered_on = $1 OR (c.registered_on < $1
   AND NOT EXISTS (SELECT 1 FROM electoral_run r WHERE r.run_key = 'regular:' || c.base_on::text)) ORDER BY c.base_on
"""
# 公職選挙法22条2項: the first of the month lies between the announcement of an election and the day before its vote.
_ELECTION_ON = """
SELECT vote_on FROM election WHERE status <> 'cancelled' AND notice_on <= $1 AND vote_on > $1 ORDER BY vote_on LIMIT 1
"""


@dataclass(frozen=True)
class Regular:
    """A 定時登録: as of which day, on which day, and the age as of which (of an election under way, its day of voting)."""

    base_on: date
    registered_on: date
    age_on: date


def base_day(day: date) -> date:
    """The first day of the 登録月 that the day is in, or of the last one before it."""
    month = max((month for month in REGULAR_MONTHS if month <= day.month), default=REGULAR_MONTHS[-1])
    return date(day.year if month <= day.month else day.year - 1, month, 1)


def registration_day(base_on: date, calendar: OperatingCalendar) -> date:
    """The base day itself or, where it is a closed day of the municipality, the first open day after it (22条1項)."""
    return calendar.next_business_day(base_on)


def regular_of(session: BulkReadSession, calendar: OperatingCalendar, base_on: date) -> Regular:
    """The 定時登録 of a base day (公職選挙法22条1項・2項).

    While an election is under way on the base day, it is not put off for a closed day and the age is asked on the day of voting,
    unless the 登録日 was changed to a day after the vote.
    """
    changed = session.read(_CHANGED, (base_on,))["registered_on"].to_list()
    voting = session.read(_ELECTION_ON, (base_on,))["vote_on"].to_list()
    if changed:
        is_during = bool(voting) and changed[0] <= voting[0]
        return Regular(base_on, changed[0], voting[0] if is_during else base_on)
    if voting:
        return Regular(base_on, base_on, voting[0])
    return Regular(base_on, registration_day(base_on, calendar), base_on)


def due_elections(session: BulkReadSession, context: JobContext) -> list[dict[str, object]]:
    """The elections whose day of registration has come and whose list of voters has not been made."""
    return list(session.read(_DUE, (context.business_date,)).iter_rows(named=True))


def plan_people(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of 宛名番号, of all who are or were on a 住民票."""
    return _chunks(session, _RANGES)


def plan_regular(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of 宛名番号 for a 定時登録; nothing where its 登録日 was changed to a later day, which `plan_postponed` watches."""
    changed = session.read(_CHANGED, (base_day(context.business_date),))["registered_on"].to_list()
    return [] if changed and changed[0] > context.business_date else plan_people(session, context)


def plan_postponed(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of 宛名番号 on the first night from the changed 登録日 on, until that registration has been made."""
    return plan_people(session, context) if not session.read(_POSTPONED, (context.business_date,)).is_empty() else []


def plan_entries(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of the registrations that stand."""
    return _chunks(session, _ENTRIES)


def plan_elections(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of 宛名番号 on a day on which an election is due, else nothing."""
    return plan_people(session, context) if due_elections(session, context) else []


def plan_lists(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """A chunk for each election whose list is to be fixed."""
    due = due_elections(session, context)
    return [
        Chunk(number, int(str(item["election_no"])), int(str(item["election_no"])) + 1)
        for number, item in enumerate(due, 1)
    ]


def _chunks(session: BulkReadSession, ranges: str) -> list[Chunk]:
    rows = session.read(ranges, (ROWS,)).iter_rows()
    return [Chunk(number, lower, upper) for number, (_, lower, upper) in enumerate(rows, 1)]
