"""Make a plan: a good list, placed and improved; with time to spend, a search for a better one."""

from collections.abc import Sequence
from dataclasses import replace

from batch.planner.bounds import plan_bounds
from batch.planner.instance import Instance
from batch.planner.justification import justify
from batch.planner.kernels import is_warm
from batch.planner.schedule import Schedule, list_order, make_schedule, run_list

_LARGE = 500
"""From so many jobs on the compiled kernels are worth loading without a search."""


def plan_quickly(instance: Instance, *, rotation: int = 0) -> Schedule:
    """Longest tail first, then forward-backward passes.

    Priorities are a wish, deadlines are not: where obeying the one costs the other, urgency alone decides the list.
    """
    strict = _place(instance, list_order(instance, rotation=rotation, by_priority=True), is_strict=True)
    if not strict.is_feasible and len({job.priority for job in instance.jobs}) > 1:
        urgent = _place(instance, list_order(instance, rotation=rotation, by_priority=False), is_strict=False)
        if urgent.is_better_than(strict):
            return urgent
    return strict


def improve(
    instance: Instance,
    schedule: Schedule,
    *,
    until: float,
    seed: int = 0,
    target: tuple[int, int] | None = None,
    is_target_all: bool = False,
    known: Sequence[Sequence[int]] = (),
) -> Schedule:
    """A plan at least as good, searched for until that moment of `time.monotonic()` or until `target` (lateness, makespan).

    With `is_target_all` it gives up when it is proven that no plan reaches the target. `known` are further starts to begin
    from, which need not hold.
    """
    if target is None:
        target = (0, plan_bounds(instance).best)
    if (schedule.lateness, schedule.makespan) <= target or all(job.start is not None for job in instance.jobs):
        return schedule
    from batch.planner.effort import Effort
    from batch.planner.search import search

    effort = Effort(until=until, seed=seed, target=target, is_target_all=is_target_all)
    found = make_schedule(instance, search(instance, [starts_of(instance, schedule), *known], effort))
    best = found if found.is_better_than(schedule) else schedule
    # What is proven of a target's trial holds on the trial's capacity, which is not that of the plan it becomes.
    return replace(best, is_shortest=effort.is_shortest and best.is_feasible and not is_target_all)


def starts_of(instance: Instance, schedule: Schedule) -> Sequence[int]:
    """The starts in the order of the instance's jobs."""
    return [schedule.starts[job.id] for job in instance.jobs]


def _place(instance: Instance, order: list[int], *, is_strict: bool) -> Schedule:
    if len(instance.jobs) >= _LARGE and is_warm():
        from batch.planner.search import place_list

        return make_schedule(instance, place_list(instance, order, is_strict=is_strict))
    return justify(instance, run_list(instance, order), is_strict=is_strict)
