"""How long a job will take: learnt from its past runs in that municipality, or declared for the first run."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median_high

from psycopg import Connection

from yoriai.jobs import Job

_RECENT_RUNS = 20
_START_MS = 300
"""Claiming, connecting and reporting, whatever the size."""
_LOW_PERCENT, _HIGH_PERCENT = 10, 90
_OUTLIER_DEVIATIONS = 5
_LIKENESS = 1000
# From one job of a municipality to the next by the index, and of each the latest runs: what it costs does not grow with the years.
_HISTORY = """
WITH RECURSIVE kind AS (
  (SELECT municipality_code, job_name FROM batch_job WHERE status IN ('succeeded', 'warned')
    ORDER BY municipality_code, job_name LIMIT 1)
  UNION ALL
  SELECT later.municipality_code, later.job_name FROM kind CROSS JOIN LATERAL (
    SELECT j.municipality_code, j.job_name FROM batch_job j WHERE j.status IN ('succeeded', 'warned')
      AND (j.municipality_code, j.job_name) > (kind.municipality_code, kind.job_name)
    ORDER BY j.municipality_code, j.job_name LIMIT 1) AS later
)
SELECT kind.municipality_code, kind.job_name, run.size, (extract(epoch FROM run.ended_at - run.started_at) * 1000)::bigint
FROM kind CROSS JOIN LATERAL (
  SELECT j.size, j.started_at, j.ended_at FROM batch_job j
  WHERE j.municipality_code = kind.municipality_code AND j.job_name = kind.job_name AND j.status IN ('succeeded', 'warned')
    AND j.attempts = 1 AND j.worker IS NOT NULL
  ORDER BY j.ended_at DESC LIMIT %s) AS run
ORDER BY kind.municipality_code, kind.job_name, run.ended_at DESC
"""


@dataclass(frozen=True)
class PastRun:
    """The size a job had and the milliseconds it took."""

    size: int
    ms: int


@dataclass(frozen=True)
class Estimate:
    """Milliseconds a job will likely take, a low and a high figure (one run in ten is beyond each), and from how many runs."""

    ms: int
    low_ms: int
    high_ms: int
    runs: int = 0


@dataclass(frozen=True)
class History:
    """Recent runs by (municipality code, job name), the latest first."""

    runs: Mapping[tuple[str, str], Sequence[PastRun]] = field(default_factory=dict)

    def estimate(self, municipality_code: str, job: Job, size: int) -> Estimate:
        """From the job's past runs in the municipality; without any, from the declared rate (half to double of it)."""
        past = self.runs.get((municipality_code, job.name))
        if past:
            return learn_estimate(past, size)
        declared = max(1, _START_MS + size * 1000 // job.rows_per_second)
        return Estimate(declared, declared // 2, declared * 2)

    def estimate_ms(self, municipality_code: str, job: Job, size: int) -> int:
        """The likely duration alone."""
        return self.estimate(municipality_code, job, size).ms


def learn_estimate(past: Sequence[PastRun], size: int) -> Estimate:
    """The weighted median of past runs (the latest first), each scaled to today's size; never empty.

    A run of a like size counts more than one of another, a recent one more than an old one. Runs far from all others (a
    machine that stood still, a run cut short) are left out. Few runs say little about the spread: it is never taken for
    narrower than 1/(runs + 1) of the estimate.
    """
    scaled = [(_scaled(run, size), _weight(run, size, age, len(past))) for age, run in enumerate(past)]
    kept = _without_outliers(scaled)
    ms = _weighted_quantile(kept, 50)
    spread = ms // (len(kept) + 1)
    return Estimate(
        ms=ms,
        low_ms=max(1, min(_weighted_quantile(kept, _LOW_PERCENT), ms - spread)),
        high_ms=max(_weighted_quantile(kept, _HIGH_PERCENT), ms + spread),
        runs=len(kept),
    )


def read_history(connection: Connection) -> History:
    """The recent undisturbed runs of every job; an interrupted one would say too much."""
    runs: defaultdict[tuple[str, str], list[PastRun]] = defaultdict(list)
    for code, name, size, ms in connection.execute(_HISTORY, (_RECENT_RUNS,)):
        runs[code, name].append(PastRun(size, ms))
    return History(runs)


def _scaled(run: PastRun, size: int) -> int:
    """What the run would have taken with today's rows: the start does not grow with them."""
    work = max(run.ms - _START_MS, 0)
    return max(1, min(run.ms, _START_MS) + work * max(size, 1) // max(run.size, 1))


def _weight(run: PastRun, size: int, age: int, count: int) -> int:
    larger, smaller = max(run.size, size, 1), max(min(run.size, size), 1)
    return max(1, _LIKENESS * smaller * smaller // (larger * larger)) * (count - age)


def _without_outliers(scaled: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    middle = median_high(value for value, _ in scaled)
    deviation = median_high(abs(value - middle) for value, _ in scaled)
    limit = _OUTLIER_DEVIATIONS * max(deviation, middle // 10, 1)
    return [(value, weight) for value, weight in scaled if abs(value - middle) <= limit]


def _weighted_quantile(values: Iterable[tuple[int, int]], percent: int) -> int:
    """The first value at which so many hundredths of the weight are reached."""
    ordered = sorted(values)
    total = sum(weight for _, weight in ordered)
    reached = 0
    for value, weight in ordered:
        reached += weight
        if reached * 100 >= total * percent:
            return value
    return ordered[-1][0]
