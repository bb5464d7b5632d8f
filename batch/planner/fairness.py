"""Who waits for whom: when each group's jobs have ended, as a share of the whole plan, and turns among equals."""

from collections import defaultdict
from dataclasses import dataclass

from batch.planner.instance import Instance, PlanJob
from batch.planner.schedule import Schedule, make_schedule


@dataclass(frozen=True)
class Fairness:
    """Thousandths of the makespan at which each group's last job ends, and the groups whose end is the makespan."""

    completion: dict[str, int]
    last: tuple[str, ...]

    @property
    def spread(self) -> int:
        """Between the first group that is done and the last, in thousandths of the makespan."""
        return max(self.completion.values(), default=0) - min(self.completion.values(), default=0)


def measure_fairness(instance: Instance, schedule: Schedule) -> Fairness:
    """The groups of a plan compared; jobs without a group count as one."""
    ends: defaultdict[str, int] = defaultdict(int)
    for job in instance.jobs:
        ends[job.group] = max(ends[job.group], schedule.starts[job.id] + job.duration)
    whole = max(schedule.makespan, 1)
    return Fairness(
        {group: end * 1000 // whole for group, end in sorted(ends.items())},
        tuple(sorted(group for group, end in ends.items() if end == schedule.makespan)),
    )


def take_turns(instance: Instance, schedule: Schedule, rotation: int) -> Schedule:
    """The same plan with municipalities of the same demand in each other's places, `rotation` places on.

    Their jobs, releases, deadlines and orders are equal, so every rule holds as before; who is last goes round from night
    to night. Only groups without waits for other groups' jobs, without held jobs and without a blackout of their own move.
    """
    alike: defaultdict[tuple[object, ...], list[list[int]]] = defaultdict(list)
    for members in _groups_apart(instance):
        place = {instance.jobs[at].id: number for number, at in enumerate(members)}
        alike[tuple(_shape(instance.jobs[at], place) for at in members)].append(members)
    starts = [schedule.starts[job.id] for job in instance.jobs]
    ends = [start + job.duration for start, job in zip(starts, instance.jobs, strict=True)]
    turned = list(starts)
    for equals in alike.values():
        by_end = sorted(equals, key=lambda members: max(ends[at] for at in members))
        for number, source in enumerate(by_end):
            for at, other in zip(equals[(number + rotation) % len(equals)], source, strict=True):
                turned[at] = starts[other]
    return make_schedule(instance, turned)


def _groups_apart(instance: Instance) -> list[list[int]]:
    """The positions of each group that has nothing to do with others or with anything fixed."""
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for at, job in enumerate(instance.jobs):
        groups[job.group].append(at)
    own_times = {blackout.group for blackout in instance.blackouts}
    apart = []
    for group, members in sorted(groups.items()):
        near = {other for at in members for other in (*instance.predecessors[at], *instance.successors[at])}
        is_tied = not near <= set(members) or any(instance.jobs[at].start is not None for at in members)
        if group and group not in own_times and not is_tied:
            apart.append(members)
    return apart


def _shape(job: PlanJob, place: dict[str, int]) -> tuple[object, ...]:
    after = tuple(sorted(place[name] for name in job.after))
    return job.duration, tuple(sorted(job.uses.items())), after, job.release, job.deadline, job.priority
