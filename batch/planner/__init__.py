"""Planning a night: which municipality's job starts when, on stated capacity. Pure: no database, no clock."""

from batch.planner.bounds import Bounds, plan_bounds
from batch.planner.checker import check_deadlines, check_plan
from batch.planner.instance import Blackout, Instance, PlanJob
from batch.planner.levelling import least_capacity, plan_levelled
from batch.planner.peaks import peak_use, use_over_time
from batch.planner.schedule import Schedule, plan_schedule, plan_unstaggered
from batch.planner.validation import PlanInputError, build_instance

__all__ = [
    "Blackout",
    "Bounds",
    "Instance",
    "PlanInputError",
    "PlanJob",
    "Schedule",
    "build_instance",
    "check_deadlines",
    "check_plan",
    "least_capacity",
    "peak_use",
    "plan_bounds",
    "plan_levelled",
    "plan_schedule",
    "plan_unstaggered",
    "use_over_time",
]
