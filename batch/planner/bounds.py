"""What no plan can beat: the critical path, and the work of each resource spread over all the room there is for it."""

from collections.abc import Mapping
from dataclasses import dataclass

from batch.planner.instance import Instance
from batch.planner.profile import ResourceProfile
from batch.planner.room import Room, group_room, resource_room


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
        if self.best <= 0:
            return "0.00%"
        hundredths = -((self.best - makespan) * 10_000 // self.best)
        return f"{hundredths // 100}.{hundredths % 100:02d}%"


def plan_bounds(instance: Instance) -> Bounds:
    """The bounds of an instance. Releases, blackouts, steps and held jobs count."""
    return Bounds(critical_path(instance), {name: _area(instance, at) for at, name in enumerate(instance.resources)})


def critical_path(instance: Instance) -> int:
    """The earliest end of everything if capacity were endless."""
    return max((start + job.duration for start, job in zip(heads(instance), instance.jobs, strict=True)), default=0)


def heads(instance: Instance) -> list[int]:
    """The earliest start of each job if capacity were endless; blackouts hold all the same."""
    slots = _blackout_profiles(instance)
    starts = [0] * len(instance.jobs)
    for at in instance.order:
        job = instance.jobs[at]
        if job.start is not None:
            starts[at] = job.start
            continue
        ready = [starts[earlier] + instance.jobs[earlier].duration for earlier in instance.predecessors[at]]
        starts[at] = max([job.release, *ready])
        if job.group in slots:
            starts[at] = slots[job.group].earliest((1,), job.duration, starts[at])
    return starts


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


def average_load(instance: Instance, horizon: int) -> dict[str, int]:
    """What all work would need if it were spread evenly from the first start to the horizon, rounded up."""
    first = min((job.release if job.start is None else job.start for job in instance.jobs), default=0)
    span = max(horizon - first, 1)
    return {name: -(-total_work(instance, at) // span) for at, name in enumerate(instance.resources)}


def least_capacity(instance: Instance, horizon: int) -> dict[str, int]:
    """What no plan within the horizon can do without: the largest single job, and the average load."""
    average = average_load(instance, horizon)
    working = [needs for needs, job in zip(instance.needs, instance.jobs, strict=True) if job.duration]
    return {
        name: max([1, average[name], *(needs[at] for needs in working)]) for at, name in enumerate(instance.resources)
    }


def _area(instance: Instance, resource: int) -> int:
    """The earliest moment by which there has been room for all the work of the jobs that can still be placed."""
    users = [
        (job.release, job.duration * instance.needs[at][resource])
        for at, job in enumerate(instance.jobs)
        if job.start is None and instance.needs[at][resource] and job.duration
    ]
    if not users:
        return 0
    work = sum(amount for _, amount in users)
    return _filled(resource_room(instance, resource), min(release for release, _ in users), work)


def _filled(room: Room, start: int, work: int) -> int:
    for (begin, amount), following in zip(room, [*room[1:], None], strict=True):
        first = max(begin, start)
        if following is None:
            return first + -(-work // amount) if amount else first
        if amount and following[0] > first:
            if (following[0] - first) * amount >= work:
                return first + -(-work // amount)
            work -= (following[0] - first) * amount
    return start


def _blackout_profiles(instance: Instance) -> dict[str, ResourceProfile]:
    if not instance.blackouts:
        return {}
    profiles = {}
    for group in {job.group for job in instance.jobs}:
        room = group_room(Instance(instance.capacity, instance.jobs, blackouts=instance.blackouts), group)
        if room is not None:
            profiles[group] = ResourceProfile([moment for moment, _ in room], [(amount,) for _, amount in room])
    return profiles
