"""Forward-backward improvement in plain Python, for nights too small to load the compiled kernels for.

All jobs are moved as late as the makespan and their deadlines allow, in the order of their ends, then as early as possible in
the order of their starts (Valls, Ballestín, Quintanilla 2005). Neither lateness nor the makespan can grow.
"""

from dataclasses import replace

from batch.planner.instance import Blackout, Instance, PlanJob, Steps
from batch.planner.schedule import Schedule, inherited_priorities, run_list


def justify(instance: Instance, schedule: Schedule, *, is_strict: bool = False) -> Schedule:
    """The plan after forward-backward passes, as long as they help; the plan itself where they do not.

    With `is_strict` no pass is taken after which the last job of some priority ends later than in the plan itself, unless
    there is less lateness for it.
    """
    best = schedule
    limits = _ends_by_priority(instance, schedule) if is_strict else {}
    while True:
        passed = _pass(instance, best)
        if not passed.is_better_than(best):
            return best
        if is_strict and passed.lateness >= schedule.lateness:
            ends = _ends_by_priority(instance, passed)
            if any(ends[level] > limit for level, limit in limits.items()):
                return best
        best = passed


def _ends_by_priority(instance: Instance, schedule: Schedule) -> dict[int, int]:
    ends: dict[int, int] = {}
    for job, level in zip(instance.jobs, inherited_priorities(instance), strict=True):
        ends[level] = max(
            ends.get(level, schedule.starts[job.id] + job.duration), schedule.starts[job.id] + job.duration
        )
    return ends


def _pass(instance: Instance, schedule: Schedule) -> Schedule:
    origin = max(schedule.makespan, 0)
    turned = _turned(instance, schedule, origin)
    rank = {at: number for number, at in enumerate(instance.order)}
    ends = [schedule.starts[job.id] + job.duration for job in instance.jobs]
    by_end = sorted(instance.order, key=lambda at: (-ends[at], -rank[at]))
    late = run_list(turned, by_end).starts
    begins = [origin - late[job.id] - job.duration for job in instance.jobs]
    return run_list(instance, sorted(instance.order, key=lambda at: (begins[at], rank[at])))


def _turned(instance: Instance, schedule: Schedule, origin: int) -> Instance:
    """The same demand with time running backwards from the origin: [a, b) becomes [origin - b, origin - a)."""
    jobs = tuple(_turned_job(instance, schedule, at, origin) for at in range(len(instance.jobs)))
    capacity: dict[str, int] = {}
    steps: dict[str, Steps] = {}
    for name, limit in instance.capacity.items():
        moments = [moment for moment, _ in instance.steps.get(name, ())]
        amounts = [limit, *(amount for _, amount in instance.steps.get(name, ()))]
        capacity[name] = amounts[-1]
        steps[name] = tuple(
            (origin - moment, amount) for moment, amount in zip(reversed(moments), reversed(amounts[:-1]), strict=True)
        )
    blackouts = tuple(Blackout(origin - one.end, origin - one.start, one.group) for one in instance.blackouts)
    return Instance(capacity, jobs, steps, blackouts, instance.group_limit)


def _turned_job(instance: Instance, schedule: Schedule, at: int, origin: int) -> PlanJob:
    job = instance.jobs[at]
    end = schedule.starts[job.id] + job.duration
    if job.start is not None:
        return replace(job, after=(), start=origin - end, release=0, deadline=None)
    limit = origin if job.deadline is None else min(origin, job.deadline)
    # A job that is late keeps its end; another may move up to its deadline.
    after = tuple(instance.jobs[later].id for later in instance.successors[at])
    return replace(job, after=after, release=origin - max(limit, end), deadline=None)
