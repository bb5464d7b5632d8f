"""What a plan means for people: who waits how long, which jobs decide the end, how much is used when. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from batch.planner import Instance, Schedule, measure_fairness, plan_unstaggered, use_over_time


@dataclass(frozen=True)
class Share:
    """How a municipality fares: when it is done, and when it would be if it had the machine to itself."""

    municipality: str
    end: int
    alone_end: int

    @property
    def delay(self) -> int:
        """What sharing costs it."""
        return self.end - self.alone_end

    def to_json(self) -> dict[str, Any]:
        """The share; times in milliseconds from the plan's moment 0."""
        return {
            "municipality": self.municipality,
            "end_ms": self.end,
            "alone_end_ms": self.alone_end,
            "delay_ms": self.delay,
        }


@dataclass(frozen=True)
class Link:
    """A job of the chain that decides the end, and what kept it from starting earlier."""

    job: str
    start: int
    end: int
    cause: Literal["predecessor", "capacity", "release"]


def list_shares(instance: Instance, schedule: Schedule) -> list[Share]:
    """Every municipality's share, the longest delay first."""
    alone = plan_unstaggered(instance).starts
    ends: dict[str, tuple[int, int]] = {}
    for job in instance.jobs:
        end, alone_end = ends.get(job.group, (0, 0))
        ends[job.group] = (
            max(end, schedule.starts[job.id] + job.duration),
            max(alone_end, alone[job.id] + job.duration),
        )
    shares = [Share(group, end, alone_end) for group, (end, alone_end) in ends.items()]
    return sorted(shares, key=lambda share: (-share.delay, share.municipality))


def fairness_of(instance: Instance, schedule: Schedule) -> dict[str, Any]:
    """Every municipality's share with the mean and largest delay, and who is done last (the turn goes round)."""
    shares = list_shares(instance, schedule)
    delays = [share.delay for share in shares]
    measured = measure_fairness(instance, schedule)
    return {
        "spread_per_mille": measured.spread,
        "last": list(measured.last),
        "mean_delay_ms": sum(delays) // len(delays) if delays else 0,
        "largest_delay_ms": max(delays, default=0),
        "municipalities": [share.to_json() for share in shares],
    }


def critical_chain(instance: Instance, schedule: Schedule) -> list[Link]:
    """From the job that ends last back to a start: each job with the one whose end it waited for.

    A job that starts when no predecessor ends waited for capacity, and the chain goes on with the longest of those that
    made room at that moment.
    """
    if not instance.jobs:
        return []
    starts = schedule.starts
    ends = {job.id: starts[job.id] + job.duration for job in instance.jobs}
    by_end: dict[int, list[str]] = {}
    for name, end in ends.items():
        if end > starts[name]:
            by_end.setdefault(end, []).append(name)
    at = max(ends, key=lambda name: (ends[name], name))
    chain: list[Link] = []
    while True:
        job = instance.jobs[instance.index[at]]
        start = starts[at]
        before = [name for name in job.after if ends[name] == start]
        cause: Literal["predecessor", "capacity", "release"] = "predecessor"
        if not before:
            before, cause = by_end.get(start, []), "capacity"
        is_first = not before or start <= job.release
        chain.append(Link(at, start, ends[at], "release" if is_first else cause))
        if is_first:
            return chain[::-1]
        at = max(before, key=lambda name: (job_length(instance, name), name))


def job_length(instance: Instance, name: str) -> int:
    """The planned duration of a job."""
    return instance.jobs[instance.index[name]].duration


def capacity_curve(instance: Instance, starts: Mapping[str, int]) -> list[dict[str, Any]]:
    """The moments (milliseconds) at which use changes, with the use of every resource from each on."""
    return [
        {"at_ms": moment, **dict(zip(instance.resources, level, strict=True))}
        for moment, level in use_over_time(instance, starts)
    ]
