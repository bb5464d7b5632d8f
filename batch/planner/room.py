"""What is left for the jobs that can still be placed, over time: steps and blackouts counted, held jobs taken out.

Every stretch of room is a list of (moment, amount from there on), beginning before everything and never below zero.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from batch.planner.instance import Instance

Room = list[tuple[int, int]]


def beginning(instance: Instance) -> int:
    """A moment that nothing is before."""
    held = [job.start for job in instance.jobs if job.start is not None]
    moments = [moment for steps in instance.steps.values() for moment, _ in steps]
    return min([0, *held, *moments, *(blackout.start for blackout in instance.blackouts)])


def overflow(instance: Instance) -> int:
    """A moment before which all jobs that fit what there is in the end have ended, whatever their order.

    A job that fits at no time has no room for it before, because the steps or other jobs take it. It is placed from here
    on, where there is enough for any one job, and the checker names it.
    """
    held = [job.start + job.duration for job in instance.jobs if job.start is not None]
    moments = [moment for steps in instance.steps.values() for moment, _ in steps]
    ends = [blackout.end for blackout in instance.blackouts]
    releases = [job.release for job in instance.jobs]
    return max([0, *held, *moments, *ends, *releases]) + sum(job.duration for job in instance.jobs) + 1


def resource_room(instance: Instance, resource: int) -> Room:
    """What free jobs can have of the resource at this position of `resources`."""
    name = instance.resources[resource]
    room = [(beginning(instance), instance.capacity[name])]
    room += instance.steps.get(name, ())
    most = max([instance.ceiling[name], *(needs[resource] for needs in instance.needs)])
    if room[-1][1] < most:
        room.append((overflow(instance), most))
    held = [
        (job.start, job.start + job.duration, needs[resource])
        for job, needs in zip(instance.jobs, instance.needs, strict=True)
        if job.start is not None and needs[resource]
    ]
    return _without(room, held)


def group_room(instance: Instance, group: str) -> Room | None:
    """How many more jobs of the group may run; None where there is no limit and no blackout for it."""
    blackouts = [blackout for blackout in instance.blackouts if blackout.group in ("", group)]
    if instance.group_limit is None and not blackouts:
        return None
    most = len(instance.jobs) if instance.group_limit is None else instance.group_limit
    taken = [(blackout.start, blackout.end, most) for blackout in blackouts]
    if instance.group_limit is not None:
        taken += [
            (job.start, job.start + job.duration, 1)
            for job in instance.jobs
            if job.start is not None and job.group == group
        ]
    return _without([(beginning(instance), most)], taken)


def joint_room(rooms: Sequence[Room]) -> tuple[list[int], list[tuple[int, ...]]]:
    """Rooms of several resources on one axis: the moments at which any changes, and all amounts from each on."""
    moments = sorted({moment for room in rooms for moment, _ in room})
    columns = []
    for room in rooms:
        known, column, amount = dict(room), [], 0
        for moment in moments:
            amount = known.get(moment, amount)
            column.append(amount)
        columns.append(column)
    return moments, list(zip(*columns, strict=True)) if columns else []


def _without(room: Room, taken: Iterable[tuple[int, int, int]]) -> Room:
    """The room with (start, end, amount) taken out. A later entry for the same moment counts."""
    changes: defaultdict[int, int] = defaultdict(int)
    for start, end, amount in taken:
        changes[start] += amount
        changes[end] -= amount
    given = dict(room)
    amount = used = 0
    result: Room = []
    for moment in sorted({*given, *changes}):
        amount = given.get(moment, amount)
        used += changes.get(moment, 0)
        left = max(0, amount - used)
        if not result or result[-1][1] != left:
            result.append((moment, left))
    return result
