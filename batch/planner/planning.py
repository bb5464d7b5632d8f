"""Plan: a good list, improved; with time to spend, a search for a better one."""

import time
from typing import Literal

from batch.planner.fairness import take_turns
from batch.planner.instance import Instance
from batch.planner.levelling import plan_levelled
from batch.planner.making import improve, plan_quickly
from batch.planner.schedule import Schedule

Objective = Literal["makespan", "peak"]


def plan(
    instance: Instance,
    *,
    objective: Objective = "makespan",
    horizon: int | None = None,
    seconds: float = 0.0,
    seed: int = 0,
    rotation: int = 0,
) -> Schedule:
    """The best plan found: as little lateness as possible, then the smallest makespan, or the smallest peak in time.

    `horizon` is a deadline for all jobs. With 0 seconds, a constructive pass with forward-backward improvement, the same
    for the same input; otherwise a search that ends early where a bound proves that nothing better exists. `rotation` (say,
    the day's ordinal) turns which group comes first among equals. For `peak` see `plan_levelled`; without a horizon it is the
    makespan of the plan for `makespan`. A demand that does not fit is planned all the same: `late` and `without_room` say why.
    """
    until = time.monotonic() + seconds
    demand = instance if horizon is None else instance.within(horizon)
    if objective == "peak":
        first = None
        if horizon is None:
            first = plan(instance, seconds=seconds / 3, seed=seed, rotation=rotation)
            horizon = first.makespan
        left = max(0.0, until - time.monotonic())
        return plan_levelled(instance, horizon, seconds=left, seed=seed, rotation=rotation, known=first)[1]
    schedule = plan_quickly(demand, rotation=rotation)
    if seconds > 0:
        schedule = improve(demand, schedule, until=until, seed=seed)
    return take_turns(demand, schedule, rotation) if rotation else schedule
