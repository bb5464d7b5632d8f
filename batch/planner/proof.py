"""OR-Tools' CP-SAT on the same instance: a proof of small plans, and a second opinion on large ones. Optional: requirements-dev."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from batch.planner.instance import Instance
from batch.planner.room import beginning, overflow, resource_room
from batch.planner.schedule import Schedule, make_schedule
from yoriai.errors import Unavailable


@dataclass(frozen=True)
class Proof:
    """What CP-SAT found in its time: `value` and `bound` are makespans or peaks in thousandths; None where it found no plan."""

    status: str
    value: int | None
    bound: int
    schedule: Schedule | None
    seconds: float

    @property
    def is_optimal(self) -> bool:
        """Whether the value is proven to be the least."""
        return self.status == "OPTIMAL"


def prove(
    instance: Instance,
    *,
    objective: Literal["makespan", "peak"] = "makespan",
    horizon: int | None = None,
    seconds: float = 60.0,
    workers: int = 2,
    hint: Sequence[int] = (),
) -> Proof:
    """Let CP-SAT minimise the makespan, or the largest peak ÷ most there is (in thousandths, rounded up), deadlines kept.

    Raises Unavailable where ortools is not installed.
    """
    cp_model = _load()
    model = cp_model.CpModel()
    demand = instance if horizon is None else instance.within(horizon)
    last = overflow(demand)
    starts, intervals = _intervals(model, demand, last)
    for at, earlier in enumerate(demand.predecessors):
        for other in earlier:
            model.add(starts[at] >= starts[other] + demand.jobs[other].duration)
    share = model.new_int_var(0, 1000, "share")
    _limit_resources(model, demand, intervals, last, share if objective == "peak" else None)
    _limit_groups(model, demand, starts, intervals)
    span = model.new_int_var(beginning(demand), last, "span")
    for start, job in zip(starts, demand.jobs, strict=True):
        model.add(span >= start + job.duration)
    model.minimize(span if objective == "makespan" else share)
    for start, value in zip(starts, hint, strict=False):
        model.add_hint(start, value)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = workers
    status = solver.solve(model)
    is_found = status in (cp_model.OPTIMAL, cp_model.FEASIBLE)
    schedule = make_schedule(instance, [solver.value(start) for start in starts]) if is_found else None
    return Proof(
        str(solver.status_name(status)),
        round(solver.objective_value) if is_found else None,
        round(solver.best_objective_bound),
        schedule,
        float(solver.wall_time),
    )


def _load() -> Any:
    try:
        from ortools.sat.python import cp_model
    except ImportError as error:
        raise Unavailable(
            "OR-Tools がありません。pip install ortools を実行してください（計画そのものには不要です）。"
        ) from error
    return cp_model


def _intervals(model: Any, demand: Instance, last: int) -> tuple[list[Any], list[Any]]:
    starts, intervals = [], []
    for job in demand.jobs:
        end = last if job.deadline is None else min(last, job.deadline)
        if job.start is None:
            start = model.new_int_var(job.release, max(job.release, end - job.duration), job.id)
            model.add(start + job.duration <= end)
        else:
            start = model.new_constant(job.start)
        starts.append(start)
        intervals.append(model.new_fixed_size_interval_var(start, job.duration, job.id))
    return starts, intervals


def _limit_resources(model: Any, demand: Instance, intervals: list[Any], last: int, share: Any) -> None:
    """Free jobs and what steps and held jobs take from the ceiling; with a share, no more than that of the ceiling."""
    for resource, (name, ceiling) in enumerate(demand.ceiling.items()):
        users = [at for at, job in enumerate(demand.jobs) if job.start is None and demand.needs[at][resource]]
        used = [intervals[at] for at in users]
        amounts = [demand.needs[at][resource] for at in users]
        room = resource_room(demand, resource)
        taken = [
            (begin, following, ceiling - amount)
            for (begin, amount), (following, _) in zip(room, [*room[1:], (last, 0)], strict=True)
            if amount < ceiling and following > begin
        ]
        blocks = [model.new_fixed_size_interval_var(begin, end - begin, "") for begin, end, _ in taken]
        model.add_cumulative([*used, *blocks], [*amounts, *(amount for _, _, amount in taken)], ceiling)
        if share is not None:
            peak = model.new_int_var(0, ceiling, name)
            held = [at for at, job in enumerate(demand.jobs) if job.start is not None and demand.needs[at][resource]]
            everybody = [*users, *held]
            model.add_cumulative(
                [intervals[at] for at in everybody], [demand.needs[at][resource] for at in everybody], peak
            )
            model.add(share * ceiling >= peak * 1000)


def _limit_groups(model: Any, demand: Instance, starts: list[Any], intervals: list[Any]) -> None:
    groups: dict[str, list[int]] = {}
    for at, job in enumerate(demand.jobs):
        groups.setdefault(job.group, []).append(at)
    for group, members in groups.items():
        if demand.group_limit is not None:
            held = sum(demand.jobs[at].start is not None for at in members)
            limit = max(demand.group_limit, held)
            model.add_cumulative([intervals[at] for at in members], [1] * len(members), limit)
        for blackout in demand.blackouts:
            if blackout.group not in ("", group):
                continue
            pause = model.new_fixed_size_interval_var(blackout.start, blackout.end - blackout.start, "")
            for at in members:
                if demand.jobs[at].start is None and demand.jobs[at].duration:
                    model.add_no_overlap([intervals[at], pause])
