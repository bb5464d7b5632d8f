"""Where a running night is heading: each job's end, the night's end, and the deadlines that will be missed. Pure and cheap.

The caretaker asks every few seconds, so that 「8:30に間に合わない」 shows hours before it happens.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from batch.estimates import Estimate
from batch.planner import Blackout, Instance, PlanJob
from batch.replay import replay_night

_SLACK_PERCENT = 120
"""A running job's own pace may slow down by a fifth in the high figure."""
_OVERDUE_PART = 10
"""A job past its estimate without showing progress is given a tenth of the estimate more, again and again."""


@dataclass(frozen=True)
class NightJobState:
    """How a job stands. Times are milliseconds from any one origin, `done` of `total` any units of progress.

    `stopped` is a job that goes on only by an operator's act (保留, 異常終了, 閉塞): what comes after it is stuck.
    """

    key: str
    status: Literal["done", "running", "waiting", "stopped"]
    estimate: Estimate
    planned_start: int
    uses: Mapping[str, int]
    after: tuple[str, ...] = ()
    release: int = 0
    deadline: int | None = None
    priority: int = 3
    group: str = ""
    started: int = 0
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class JobForecast:
    """When a job will end, likely and at worst; None for one that is stuck behind a stopped job."""

    end: int | None
    high_end: int | None
    deadline: int | None

    @property
    def will_miss(self) -> bool:
        """Whether the deadline will be missed even if nothing more goes wrong."""
        return self.end is not None and self.deadline is not None and self.end > self.deadline

    @property
    def may_miss(self) -> bool:
        """Whether it will be missed if the jobs take their high figures."""
        return self.high_end is not None and self.deadline is not None and self.high_end > self.deadline


@dataclass(frozen=True)
class NightForecast:
    """The forecast of every job that is not done, and of the night."""

    jobs: Mapping[str, JobForecast]
    end: int
    high_end: int
    stuck: tuple[str, ...] = field(default=())

    @property
    def missed(self) -> tuple[str, ...]:
        """The jobs that will miss their deadline, the earliest deadline first."""
        return self._those(lambda job: job.will_miss)

    @property
    def endangered(self) -> tuple[str, ...]:
        """The jobs that may miss their deadline and are not yet lost."""
        return self._those(lambda job: job.may_miss and not job.will_miss)

    def _those(self, chosen: Callable[[JobForecast], bool]) -> tuple[str, ...]:
        found = [(job.deadline or 0, key) for key, job in self.jobs.items() if chosen(job)]
        return tuple(key for _, key in sorted(found))


def forecast_night(
    jobs: Sequence[NightJobState],
    capacity: Mapping[str, int],
    now: int,
    *,
    steps: Mapping[str, tuple[tuple[int, int], ...]] | None = None,
    blackouts: tuple[Blackout, ...] = (),
    group_limit: int | None = None,
) -> NightForecast:
    """Play the rest of the night through from `now`, once with likely and once with high durations.

    Running jobs keep their start; what is left of them comes from their progress and, the less of it there is, from the
    estimate. In the high figure every job is slow at once: right for a single chain, pessimistic for the whole night.
    """
    stuck = _stuck(jobs)
    open_jobs = [job for job in jobs if job.status in ("running", "waiting") and job.key not in stuck]
    names = {job.key for job in open_jobs}
    supply = {name: max(amount, 0) for name, amount in capacity.items()}
    planned = {job.key: job.planned_start for job in open_jobs}
    ends = []
    for is_high in (False, True):
        plan_jobs = tuple(_plan_job(job, now, names, is_high=is_high) for job in open_jobs)
        rest = Instance(supply, plan_jobs, dict(steps or {}), blackouts, group_limit)
        ends.append(replay_night(rest, planned, [job.duration for job in plan_jobs], now=now).ends)
    found = {
        job.key: JobForecast(end, high, job.deadline)
        for job, end, high in zip(open_jobs, ends[0], ends[1], strict=True)
    }
    found |= {job.key: JobForecast(None, None, job.deadline) for job in jobs if job.key in stuck}
    never = [key for key, job in found.items() if job.end is None]
    return NightForecast(
        jobs=found,
        end=max((job.end for job in found.values() if job.end is not None), default=now),
        high_end=max((job.high_end for job in found.values() if job.high_end is not None), default=now),
        stuck=tuple(never),
    )


def remaining_ms(job: NightJobState, now: int, *, is_high: bool = False) -> int:
    """What a running job has left: its own pace, the more of it is done, else the estimate. At least 1."""
    estimate = job.estimate.high_ms if is_high else job.estimate.ms
    elapsed = max(now - job.started, 0)
    if not job.done or not job.total:
        return max(estimate - elapsed, estimate // _OVERDUE_PART, 1)
    done = min(job.done, job.total)
    pace = elapsed * job.total // done
    if is_high:
        pace = pace * _SLACK_PERCENT // 100
    whole = (estimate * (job.total - done) + pace * done) // job.total
    return max(whole * (job.total - done) // job.total, 1)


def _plan_job(job: NightJobState, now: int, names: set[str], *, is_high: bool) -> PlanJob:
    is_running = job.status == "running"
    duration = job.estimate.high_ms if is_high else job.estimate.ms
    if is_running:
        duration = now - job.started + remaining_ms(job, now, is_high=is_high)
    return PlanJob(
        id=job.key,
        duration=duration,
        uses=job.uses,
        after=tuple(name for name in job.after if name in names),
        release=job.release,
        priority=job.priority,
        group=job.group,
        start=job.started if is_running else None,
    )


def _stuck(jobs: Sequence[NightJobState]) -> set[str]:
    """The stopped jobs and everything that waits for one of them, however far behind."""
    later: dict[str, list[str]] = {}
    waiting = {job.key for job in jobs if job.status == "waiting"}
    for job in jobs:
        for name in job.after:
            later.setdefault(name, []).append(job.key)
    stuck = {job.key for job in jobs if job.status == "stopped"}
    reached = list(stuck)
    while reached:
        for key in later.get(reached.pop(), ()):
            if key in waiting and key not in stuck:
                stuck.add(key)
                reached.append(key)
    return stuck
