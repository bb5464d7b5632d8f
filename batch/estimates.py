"""How long a job will take: learnt from its past runs in that municipality, or declared for the first run."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import median_high

from psycopg import Connection

from yoriai.jobs import Job

_RECENT_RUNS = 5
_START_MS = 300
"""Claiming, connecting and reporting, whatever the size."""
_HISTORY = """
SELECT municipality_code, job_name, size, ms FROM (
  SELECT municipality_code, job_name, size, (extract(epoch FROM ended_at - started_at) * 1000)::bigint AS ms,
    row_number() OVER (PARTITION BY municipality_code, job_name ORDER BY ended_at DESC) AS age
  FROM batch_job WHERE status IN ('succeeded', 'warned') AND attempts = 1
) AS run WHERE age <= %s
"""


@dataclass(frozen=True)
class PastRun:
    """The size a job had and the milliseconds it took."""

    size: int
    ms: int


@dataclass(frozen=True)
class History:
    """Recent runs by (municipality code, job name)."""

    runs: Mapping[tuple[str, str], list[PastRun]] = field(default_factory=dict)

    def estimate_ms(self, municipality_code: str, job: Job, size: int) -> int:
        """The median of the recent runs, each scaled to today's size; without any, the declared rate."""
        past = self.runs.get((municipality_code, job.name))
        if past:
            return max(1, median_high(run.ms * max(size, 1) // max(run.size, 1) for run in past))
        return _START_MS + size * 1000 // job.rows_per_second


def read_history(connection: Connection) -> History:
    """The recent undisturbed runs of every job; an interrupted one would say too much."""
    runs: defaultdict[tuple[str, str], list[PastRun]] = defaultdict(list)
    for code, name, size, ms in connection.execute(_HISTORY, (_RECENT_RUNS,)):
        runs[code, name].append(PastRun(size, ms))
    return History(runs)
