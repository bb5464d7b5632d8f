"""Resource levelling: the least capacity on which everything still ends in time, for the peak is what is paid for."""

from collections.abc import Mapping

from batch.planner.bounds import total_work
from batch.planner.instance import Instance
from batch.planner.schedule import Schedule, plan_schedule


def plan_levelled(instance: Instance, horizon: int) -> tuple[dict[str, int], Schedule]:
    """The smallest capacities found on which all jobs end by the horizon, and the plan on them.

    All resources shrink together first, by bisection; then each is tried alone. Where even the full capacity misses the
    horizon, the plan on the full capacity comes back, with the jobs that are late.
    """
    demand = instance.within(horizon)
    capacity, schedule = dict(instance.ceiling), plan_schedule(demand)
    if not schedule.is_feasible:
        return capacity, schedule
    floor = least_capacity(instance, horizon)
    capacity, schedule = _shrink_together(demand, capacity, floor, schedule)
    for name in instance.resources:
        capacity, schedule = _shrink_alone(demand, name, capacity, floor, schedule)
    return capacity, schedule


def least_capacity(instance: Instance, horizon: int) -> dict[str, int]:
    """What no plan within the horizon can do without: the largest single job, and the average load."""
    first = min((job.release for job in instance.jobs), default=0)
    span = max(horizon - first, 1)
    return {
        name: max([1, -(-total_work(instance, at) // span), *(needs[at] for needs in instance.needs)])
        for at, name in enumerate(instance.resources)
    }


def _shrink_together(
    demand: Instance, capacity: dict[str, int], floor: Mapping[str, int], schedule: Schedule
) -> tuple[dict[str, int], Schedule]:
    steps = max((capacity[name] - floor[name] for name in capacity), default=0)
    best = capacity
    low, high = 0, steps
    while low < high:
        middle = (low + high) // 2
        trial = {name: floor[name] + (capacity[name] - floor[name]) * middle // steps for name in capacity}
        attempt = plan_schedule(demand.capped(trial))
        if attempt.is_feasible:
            high, best, schedule = middle, trial, attempt
        else:
            low = middle + 1
    return best, schedule


def _shrink_alone(
    demand: Instance, name: str, capacity: dict[str, int], floor: Mapping[str, int], schedule: Schedule
) -> tuple[dict[str, int], Schedule]:
    low, high = floor[name], capacity[name]
    while low < high:
        middle = (low + high) // 2
        attempt = plan_schedule(demand.capped({**capacity, name: middle}))
        if attempt.is_feasible:
            high, schedule = middle, attempt
        else:
            low = middle + 1
    return {**capacity, name: high}, schedule
