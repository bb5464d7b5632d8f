"""The neutral instance format, so that anyone can compare the planner: JSON in, JSON out, times are integers."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from batch.planner.bounds import plan_bounds
from batch.planner.checker import check_deadlines, check_plan
from batch.planner.instance import DEFAULT_PRIORITY, Blackout, Instance, PlanJob
from batch.planner.levelling import least_capacity, plan_levelled
from batch.planner.peaks import peak_use
from batch.planner.schedule import Schedule, plan_schedule, plan_unstaggered
from batch.planner.validation import PlanInputError, build_instance
from yoriai.errors import FieldError

Objective = Literal["makespan", "peak"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _JobDocument(_Strict):
    id: str
    duration: int
    uses: dict[str, int] = Field(default_factory=dict)
    after: list[str] = Field(default_factory=list)
    release: int = 0
    deadline: int | None = None
    priority: int = DEFAULT_PRIORITY
    group: str = ""
    net: str = ""
    start: int | None = None


class _BlackoutDocument(_Strict):
    start: int
    end: int
    group: str = ""


class _InstanceDocument(_Strict):
    resources: dict[str, int]
    jobs: list[_JobDocument]
    horizon: int | None = None
    steps: dict[str, list[tuple[int, int]]] = Field(default_factory=dict)
    blackouts: list[_BlackoutDocument] = Field(default_factory=list)
    group_limit: int | None = None


def read_instance(path: Path) -> tuple[Instance, int | None]:
    """The instance of a file and its horizon; raises PlanInputError naming file and job."""
    try:
        text = path.read_text(encoding="utf-8")
        json.loads(text)
        document = _InstanceDocument.model_validate_json(text)
    except OSError as error:
        raise PlanInputError(f"ファイルを読めません: {path}（{error.strerror}）") from error
    except UnicodeDecodeError as error:
        raise PlanInputError(fields=[FieldError("", "UTF-8ではありません。", "json", file=str(path))]) from error
    except json.JSONDecodeError as error:
        raise PlanInputError(
            fields=[FieldError("", "JSONとして読めません。", "json", file=str(path), line=error.lineno)]
        ) from error
    except ValidationError as error:
        raise PlanInputError(fields=[_format_error(detail, path) for detail in error.errors()]) from error
    jobs = [PlanJob(**{**job.model_dump(), "after": tuple(job.after), "source": str(path)}) for job in document.jobs]
    instance = build_instance(
        document.resources,
        jobs,
        steps={name: tuple(steps) for name, steps in document.steps.items()},
        blackouts=[Blackout(**blackout.model_dump()) for blackout in document.blackouts],
        group_limit=document.group_limit,
    )
    return instance, document.horizon


def solve_instance(instance: Instance, horizon: int | None, objective: Objective) -> dict[str, Any]:
    """Plan and describe: starts, makespan, peak, bounds, gap, feasibility with its reasons."""
    demand = instance if horizon is None else instance.within(horizon)
    capacity: Mapping[str, int] = demand.ceiling
    schedule = plan_schedule(demand)
    if objective == "peak":
        capacity, schedule = plan_levelled(demand, horizon if horizon is not None else schedule.makespan)
    return describe_plan(demand, schedule, horizon=horizon, capacity=capacity)


def describe_plan(
    instance: Instance, schedule: Schedule, *, horizon: int | None, capacity: Mapping[str, int]
) -> dict[str, Any]:
    """A plan as JSON. The plan has been through the checker: what that finds is a reason, never silent."""
    bounds = plan_bounds(instance)
    at_once = plan_unstaggered(instance)
    peak = peak_use(instance, schedule.starts)
    faults = check_plan(instance.capped(capacity), schedule.starts)
    reasons = [*faults, *check_deadlines(instance, schedule.starts)]
    unstaggered = peak_use(instance, at_once.starts)
    return {
        "starts": dict(schedule.starts),
        "makespan": schedule.makespan,
        "peak": peak,
        "capacity": dict(capacity),
        "bounds": {
            "critical_path": bounds.critical_path,
            "work_area": dict(bounds.work_area),
            "makespan": bounds.best,
            "peak": least_capacity(instance, horizon if horizon is not None else schedule.makespan),
        },
        "gap": bounds.gap_percent(schedule.makespan),
        "unstaggered": {"peak": unstaggered, "makespan": at_once.makespan},
        "feasible": not reasons,
        "reasons": reasons,
    }


def _format_error(detail: Any, path: Path) -> FieldError:
    return FieldError(
        ".".join(str(part) for part in detail["loc"]), str(detail["msg"]), str(detail["type"]), file=str(path)
    )
