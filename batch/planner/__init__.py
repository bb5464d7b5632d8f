"""Planning a night: which municipality's job starts when, on stated capacity. Pure: no database, no clock."""

from batch.planner.bounds import Bounds, average_load, least_capacity, plan_bounds
from batch.planner.checker import check_deadlines, check_plan
from batch.planner.fairness import Fairness, measure_fairness
from batch.planner.instance import Blackout, Instance, PlanJob
from batch.planner.levelling import plan_levelled
from batch.planner.peaks import peak_use, use_over_time
from batch.planner.planning import Objective, plan
from batch.planner.relaxation import Relaxation, explain, relax
from batch.planner.schedule import Schedule, plan_unstaggered
from batch.planner.validation import PlanInputError, build_instance

__all__ = [
    "Blackout",
    "Bounds",
    "Fairness",
    "Instance",
    "Objective",
    "PlanInputError",
    "PlanJob",
    "Relaxation",
    "Schedule",
    "average_load",
    "build_instance",
    "check_deadlines",
    "check_plan",
    "explain",
    "least_capacity",
    "measure_fairness",
    "peak_use",
    "plan",
    "plan_bounds",
    "plan_levelled",
    "plan_unstaggered",
    "relax",
    "use_over_time",
]
