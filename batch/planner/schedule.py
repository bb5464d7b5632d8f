"""Serial schedule generation: jobs in list order, each as early as its predecessors and its needs allow."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from batch.planner.bounds import heads, latest_starts
from batch.planner.instance import Instance
from batch.planner.profile import ResourceProfile
from batch.planner.room import group_room, joint_room, overflow, resource_room


@dataclass(frozen=True)
class Schedule:
    """A start for each job.

    `late` names the jobs that end after their deadline, `lateness` sums by how much; `without_room` names those that never
    fit what the steps of capacity leave, and are placed after everything else. `is_shortest` where a search has proven that no
    plan without lateness has a smaller makespan; not knowing is False.
    """

    starts: Mapping[str, int]
    makespan: int
    late: tuple[str, ...] = ()
    without_room: tuple[str, ...] = ()
    lateness: int = 0
    is_shortest: bool = False

    @property
    def is_feasible(self) -> bool:
        """Whether every deadline holds and every job has room (precedence always holds)."""
        return not self.late and not self.without_room

    def is_better_than(self, other: "Schedule") -> bool:
        """Less lateness, or as little of it and a smaller makespan."""
        return (self.lateness, self.makespan) < (other.lateness, other.makespan)


def list_order(instance: Instance, *, rotation: int = 0, by_priority: bool = True) -> list[int]:
    """The list: by priority (a job has that of its most important successor), then latest start, then by turns.

    Latest starts rise along every chain, so the list always has a job after its predecessors.
    """
    latest = latest_starts(instance)
    depth = _depths(instance)
    priority = inherited_priorities(instance) if by_priority else [0] * len(instance.jobs)
    urgency = [(priority[at], latest[at], depth[at]) for at in range(len(instance.jobs))]
    turn = _turns(instance, urgency)
    place = _places(instance, rotation)
    return sorted(instance.order, key=lambda at: (urgency[at], turn[at], place[instance.jobs[at].group]))


def run_list(instance: Instance, order: list[int]) -> Schedule:
    """Place the jobs of a precedence-feasible list one by one."""
    room = _Room(instance)
    ends = [0 if job.start is None else job.start + job.duration for job in instance.jobs]
    starts = [0 if job.start is None else job.start for job in instance.jobs]
    for at in order:
        job = instance.jobs[at]
        if job.start is None:
            ready = max([job.release, *(ends[earlier] for earlier in instance.predecessors[at])])
            starts[at] = room.place(at, ready)
            ends[at] = starts[at] + job.duration
    return make_schedule(instance, starts)


def make_schedule(instance: Instance, starts: Sequence[int]) -> Schedule:
    """The schedule of these starts, one for each of the instance's jobs."""
    ends = [start + job.duration for start, job in zip(starts, instance.jobs, strict=True)]
    over = {
        job.id: end - job.deadline for job, end in zip(instance.jobs, ends, strict=True) if job.deadline is not None
    }
    late = {name: amount for name, amount in over.items() if amount > 0}
    named = {job.id: start for job, start in zip(instance.jobs, starts, strict=True)}
    last = overflow(instance)
    without_room = tuple(name for name, start in named.items() if start >= last)
    return Schedule(named, max(ends, default=0), tuple(late), without_room, sum(late.values()))


class _Room:
    """What the jobs placed so far leave of the resources, and of what each group may run at once."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        rooms = [resource_room(instance, at) for at in range(len(instance.resources))]
        self._resources = ResourceProfile(*joint_room(rooms))
        self._slots: dict[str, ResourceProfile] = {}
        if instance.group_limit is not None or instance.blackouts:
            for group in {job.group for job in instance.jobs}:
                slots = group_room(instance, group)
                if slots is not None:
                    self._slots[group] = ResourceProfile(*joint_room([slots]))

    def place(self, at: int, ready: int) -> int:
        """Reserve the earliest room for the job at this position, not before `ready`; says where that is."""
        job, needs = self._instance.jobs[at], self._instance.needs[at]
        start = self._resources.earliest(needs, job.duration, ready)
        slots = self._slots.get(job.group)
        if slots is not None:
            while (later := slots.earliest((1,), job.duration, start)) > start:
                start = self._resources.earliest(needs, job.duration, later)
            slots.add((1,), start, job.duration)
        self._resources.add(needs, start, job.duration)
        return start


def plan_unstaggered(instance: Instance) -> Schedule:
    """All at once: each job as soon as its predecessors are done, whatever the capacity. For comparison."""
    return make_schedule(instance, heads(instance))


def _depths(instance: Instance) -> list[int]:
    depth = [0] * len(instance.jobs)
    for at in instance.order:
        depth[at] = max((depth[earlier] + 1 for earlier in instance.predecessors[at]), default=0)
    return depth


def inherited_priorities(instance: Instance) -> list[int]:
    """A job has the priority of the most important job that waits for it, if that is higher."""
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
