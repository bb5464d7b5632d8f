"""Serial schedule generation: jobs in list order, each as early as its predecessors and its needs allow."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from batch.planner.bounds import latest_starts
from batch.planner.instance import Instance
from batch.planner.profile import ResourceProfile


@dataclass(frozen=True)
class Schedule:
    """A start for each job. `late` names the jobs that end after their deadline."""

    starts: Mapping[str, int]
    makespan: int
    late: tuple[str, ...] = ()

    @property
    def is_feasible(self) -> bool:
        """Whether every deadline holds (precedence and capacity always do)."""
        return not self.late


def plan_schedule(instance: Instance, *, rotation: int = 0) -> Schedule:
    """Longest tail first. `rotation` (say, the day's ordinal) turns which group comes first among equals."""
    strict = run_list(instance, list_order(instance, rotation=rotation, by_priority=True))
    if strict.is_feasible and len({job.priority for job in instance.jobs}) == 1:
        return strict
    # Priorities are a wish, deadlines are not: where obeying the one costs the other, urgency alone decides.
    urgent = run_list(instance, list_order(instance, rotation=rotation, by_priority=False))
    if len(urgent.late) < len(strict.late):
        return urgent
    return strict


def list_order(instance: Instance, *, rotation: int = 0, by_priority: bool = True) -> list[int]:
    """The list: by priority (a job has that of its most important successor), then latest start, then by turns.

    Latest starts rise along every chain, so the list always has a job after its predecessors.
    """
    latest = latest_starts(instance)
    depth = _depths(instance)
    priority = _inherited_priorities(instance) if by_priority else [0] * len(instance.jobs)
    urgency = [(priority[at], latest[at], depth[at]) for at in range(len(instance.jobs))]
    turn = _turns(instance, urgency)
    place = _places(instance, rotation)
    return sorted(instance.order, key=lambda at: (urgency[at], turn[at], place[instance.jobs[at].group]))


def run_list(instance: Instance, order: list[int]) -> Schedule:
    """Place the jobs of a precedence-feasible list one by one."""
    profile = ResourceProfile(instance.limits)
    ends = [0] * len(instance.jobs)
    starts: dict[str, int] = {}
    late: list[str] = []
    for at in order:
        job = instance.jobs[at]
        ready = max([job.release, *(ends[earlier] for earlier in instance.predecessors[at])])
        start = profile.earliest(instance.needs[at], job.duration, ready)
        profile.add(instance.needs[at], start, job.duration)
        starts[job.id] = start
        ends[at] = start + job.duration
        if job.deadline is not None and ends[at] > job.deadline:
            late.append(job.id)
    return Schedule(starts, max(ends, default=0), tuple(late))


def plan_unstaggered(instance: Instance) -> Schedule:
    """All at once: each job as soon as its predecessors are done, whatever the capacity. For comparison."""
    ends = [0] * len(instance.jobs)
    starts: dict[str, int] = {}
    for at in instance.order:
        job = instance.jobs[at]
        starts[job.id] = max([job.release, *(ends[earlier] for earlier in instance.predecessors[at])])
        ends[at] = starts[job.id] + job.duration
    return Schedule(starts, max(ends, default=0))


def _depths(instance: Instance) -> list[int]:
    depth = [0] * len(instance.jobs)
    for at in instance.order:
        depth[at] = max((depth[earlier] + 1 for earlier in instance.predecessors[at]), default=0)
    return depth


def _inherited_priorities(instance: Instance) -> list[int]:
    priority = [job.priority for job in instance.jobs]
    for at in reversed(instance.order):
        priority[at] = min([priority[at], *(priority[later] for later in instance.successors[at])])
    return priority


def _turns(instance: Instance, urgency: list[tuple[int, int, int]]) -> list[int]:
    """How many equally urgent jobs of the same group come before: equals are dealt by turns, not group by group."""
    dealt: Counter[tuple[str, tuple[int, int, int]]] = Counter()
    turn = [0] * len(instance.jobs)
    for at in instance.order:
        key = (instance.jobs[at].group, urgency[at])
        turn[at] = dealt[key]
        dealt[key] += 1
    return turn


def _places(instance: Instance, rotation: int) -> dict[str, int]:
    groups = sorted({job.group for job in instance.jobs})
    return {group: (position + rotation) % len(groups) for position, group in enumerate(groups)}
