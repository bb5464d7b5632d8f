"""What no plan can beat: the critical path, and the work of each resource spread over its whole capacity."""

from collections.abc import Mapping
from dataclasses import dataclass

from batch.planner.instance import Instance


@dataclass(frozen=True)
class Bounds:
    """Lower bounds of the makespan, in the plan's unit of time."""

    critical_path: int
    work_area: Mapping[str, int]

    @property
    def best(self) -> int:
        """The largest of the bounds: the makespan can never be less."""
        return max([self.critical_path, *self.work_area.values()])

    def gap_percent(self, makespan: int) -> str:
        """How much longer than the best bound a plan takes, rounded up: `1.25%`."""
        if not self.best:
            return "0.00%"
        hundredths = -((self.best - makespan) * 10_000 // self.best)
        return f"{hundredths // 100}.{hundredths % 100:02d}%"


def plan_bounds(instance: Instance) -> Bounds:
    """The bounds of an instance. Releases count in both: nothing is worked on before the first of them."""
    return Bounds(critical_path(instance), {name: _area(instance, at) for at, name in enumerate(instance.resources)})


def critical_path(instance: Instance) -> int:
    """The earliest end of everything if capacity were endless."""
    ends = [0] * len(instance.jobs)
    for at in instance.order:
        job = instance.jobs[at]
        ends[at] = max([job.release, *(ends[earlier] for earlier in instance.predecessors[at])]) + job.duration
    return max(ends, default=0)


def latest_starts(instance: Instance) -> list[int]:
    """The latest start of each job by its deadline, its successors' and the earliest end the bounds allow."""
    horizon = plan_bounds(instance).best
    latest = [0] * len(instance.jobs)
    for at in reversed(instance.order):
        job = instance.jobs[at]
        limits = [horizon, *(latest[later] for later in instance.successors[at])]
        if job.deadline is not None:
            limits.append(job.deadline)
        latest[at] = min(limits) - job.duration
    return latest


def total_work(instance: Instance, resource: int) -> int:
    """Units × time that all jobs use of the resource at this position of `resources`."""
    return sum(job.duration * instance.needs[at][resource] for at, job in enumerate(instance.jobs))


def _area(instance: Instance, resource: int) -> int:
    users = [job.release for at, job in enumerate(instance.jobs) if instance.needs[at][resource] and job.duration]
    if not users:
        return 0
    return min(users) - (-total_work(instance, resource) // instance.limits[resource])
