"""How the jobs are cut into chunks."""

from yoriai.jobs import Chunk, JobContext
from yoriai.tenancy.bulk import BulkReadSession

_ROWS = 500
_RANGES = """
SELECT (place - 1) / $1 AS part, min(case_no) AS lower, max(case_no) + 1 AS upper
  FROM (SELECT case_no, row_number() OVER (ORDER BY case_no) AS place FROM child_allowance_case) AS numbered
 GROUP BY part ORDER BY part
"""


def plan_whole(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """One chunk for the whole municipality."""
    return [Chunk(1, 0, 1)]


def plan_by_case(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Ranges of case numbers with at most 500 cases each."""
    ranges = session.read(_RANGES, (_ROWS,))
    return [Chunk(number, lower, upper) for number, (_, lower, upper) in enumerate(ranges.iter_rows(), 1)]
