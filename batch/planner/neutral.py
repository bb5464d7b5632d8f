"""The neutral instance format, so that anyone can compare the planner: JSON in, JSON out, times are integers."""

import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from batch.planner.bounds import average_load, least_capacity, plan_bounds
from batch.planner.checker import check_plan
from batch.planner.fairness import measure_fairness
from batch.planner.instance import DEFAULT_PRIORITY, Blackout, Instance, PlanJob
from batch.planner.making import improve, plan_quickly
from batch.planner.peaks import peak_use
from batch.planner.planning import Objective, plan
from batch.planner.proof import prove as prove_plan
from batch.planner.relaxation import explain, relax
from batch.planner.schedule import Schedule, plan_unstaggered
from batch.planner.validation import PlanInputError, build_instance
from yoriai.errors import FieldError

_SHARE_OF_SEARCH = 0.5
"""Of the seconds, where it seems that the demand does not fit; the rest is for what would help."""


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


def solve_instance(
    instance: Instance,
    horizon: int | None,
    objective: Objective,
    *,
    seconds: float = 0.0,
    seed: int = 0,
    prove: bool = False,
) -> dict[str, Any]:
    """Plan and describe: starts, makespan, peak, bounds, gap, fairness; if it does not fit, why and what would help.

    The seconds are for everything but the description itself; with `prove`, CP-SAT gets as many for the same.
    """
    demand = instance if horizon is None else instance.within(horizon)
    begin = time.monotonic()
    if objective == "makespan":
        schedule = plan_quickly(demand)
        share = 1.0 if schedule.is_feasible else _SHARE_OF_SEARCH
        if seconds:
            schedule = improve(demand, schedule, until=begin + seconds * share, seed=seed)
    else:
        schedule = plan(demand, objective=objective, horizon=horizon, seconds=seconds, seed=seed)
    answer = describe_plan(demand, schedule, horizon=horizon)
    if not schedule.is_feasible:
        left = max(0.0, seconds - (time.monotonic() - begin))
        answer["relaxations"] = [found.to_json() for found in relax(demand, schedule, seconds=left, seed=seed)]
    if prove:
        answer["proof"] = _describe_proof(demand, schedule, objective, horizon, seconds)
    return answer


def describe_plan(instance: Instance, schedule: Schedule, *, horizon: int | None) -> dict[str, Any]:
    """A plan as JSON. The plan has been through the checker: what that finds is a reason, never silent."""
    bounds = replace(plan_bounds(instance), searched=schedule.makespan if schedule.is_shortest else None)
    at_once = plan_unstaggered(instance)
    end = horizon if horizon is not None else schedule.makespan
    reasons = [*check_plan(instance, schedule.starts), *explain(instance, schedule)]
    fairness = measure_fairness(instance, schedule)
    return {
        "starts": dict(schedule.starts),
        "makespan": schedule.makespan,
        "peak": peak_use(instance, schedule.starts),
        "capacity": dict(instance.capacity),
        "bounds": {
            "critical_path": bounds.critical_path,
            "work_area": dict(bounds.work_area),
            "head_tail": dict(bounds.head_tail),
            "exclusive": bounds.exclusive,
            "patterns": bounds.patterns,
            "searched": bounds.searched,
            "makespan": bounds.best,
            "average_load": average_load(instance, end),
            "peak": least_capacity(instance, end),
        },
        "gap": bounds.gap_percent(schedule.makespan),
        "unstaggered": {"peak": peak_use(instance, at_once.starts), "makespan": at_once.makespan},
        "fairness": {"completion_permille": fairness.completion, "spread_permille": fairness.spread},
        "feasible": not reasons,
        "reasons": reasons,
        "relaxations": [],
    }


def _describe_proof(
    instance: Instance, schedule: Schedule, objective: Objective, horizon: int | None, seconds: float
) -> dict[str, Any]:
    end = horizon if horizon is not None or objective == "makespan" else schedule.makespan
    proof = prove_plan(instance, objective=objective, horizon=end, seconds=max(seconds, 1.0))
    return {"solver": "OR-Tools CP-SAT", "status": proof.status, "value": proof.value, "bound": proof.bound}


def _format_error(detail: Any, path: Path) -> FieldError:
    return FieldError(
        ".".join(str(part) for part in detail["loc"]), str(detail["msg"]), str(detail["type"]), file=str(path)
    )
