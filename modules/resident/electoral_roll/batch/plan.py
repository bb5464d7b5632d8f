"""When the jobs have something to do, and how they are cut into chunks."""

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


def base_day(day: date) -> date:
    """The first day of the 登録月 that the day is in, or of the last one before it."""
    month = max((month for month in REGULAR_MONTHS if month <= day.month), default=REGULAR_MONTHS[-1])
    return date(day.year if month <= day.month else day.year - 1, month, 1)


def registration_day(base_on: date, calendar: OperatingCalendar) -> date:
    """The base day itself or, where it is a closed day of the municipality, the first open day after it (22条1項)."""
    return calendar.next_business_day(base_on)


def due_elections(session: BulkReadSession, context: JobContext) -> list[dict[str, object]]:
    """The elections whose day of registration has come and whose list of voters has not been made."""
    return list(session.read(_DUE, (context.business_date,)).iter_rows(named=True))


def plan_people(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of 宛名番号, of all who are or were on a 住民票."""
    return _chunks(session, _RANGES)


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
