"""The rest of a running night: where it is heading, and a new plan for what has not begun while running jobs are held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from psycopg import Connection
from psycopg.rows import class_row, dict_row
from psycopg.types.json import Jsonb

from batch.estimates import Estimate
from batch.forecast import NightForecast, NightJobState, forecast_night, remaining_ms
from batch.planner import Blackout, Instance, PlanJob, Schedule, plan
from batch.queue.admission import lock_night
from batch.queue.events import audit_act
from batch.queue.nights import KEEP_PLAN
from batch.states import DONE, NOT_STARTED, STOPPED, Status
from yoriai.audit import Principal
from yoriai.errors import Conflict

_NIGHT = """
SELECT night_key, status, origin, cpu, io, connections, print, steps, blackouts, municipality_limit,
  clock_timestamp() AS now, coalesce((SELECT max(plan_no) FROM batch_plan p WHERE p.night_key = n.night_key), 0) AS plan_no
FROM batch_night n WHERE night_key = %s
"""
_JOBS = """
SELECT id, municipality_code, status, estimate_ms, high_ms, cpu, io, connections, print, planned_start, not_before,
  deadline_at, priority, started_at, chunks_done, chunks_total, ARRAY(
    SELECT d.predecessor_id FROM batch_job_predecessor d WHERE d.job_id = j.id) AS after
FROM batch_job j WHERE night_key = %s AND status <> ALL(%s) ORDER BY id
"""
_EXPECT = """
UPDATE batch_job j SET expected_end = f.expected FROM unnest(%s::bigint[], %s::timestamptz[]) AS f (id, expected)
WHERE j.id = f.id AND (j.expected_end IS NULL OR f.expected IS NULL OR abs(extract(epoch FROM j.expected_end - f.expected)) > 5)
"""
_FORECAST = "UPDATE batch_night SET forecast = %s WHERE night_key = %s"
_MOVE = """
UPDATE batch_job j SET planned_start = m.start, planned_end = m.start + j.estimate_ms * interval '1 millisecond'
FROM unnest(%s::bigint[], %s::timestamptz[], %s::timestamptz[]) AS m (id, known, start)
WHERE j.id = m.id AND j.planned_start = m.known AND j.status = ANY(%s) RETURNING j.id
"""
_RESOURCES = ("cpu", "io", "connections", "print")
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True)
class RestJob:
    """A job that is not done. Predecessors that are done are left out of `after` when the rest is read."""

    id: int
    municipality_code: str
    status: str
    estimate_ms: int
    high_ms: int | None
    cpu: int
    io: int
    connections: int
    print: int
    planned_start: datetime
    not_before: datetime
    deadline_at: datetime
    priority: int
    started_at: datetime | None
    chunks_done: int
    chunks_total: int | None
    after: Sequence[int]

    @property
    def state(self) -> Literal["running", "waiting", "stopped"]:
        """How the forecast sees it: what goes on only by an operator's act is stopped."""
        if self.status == Status.RUNNING:
            return "running"
        return "stopped" if self.status in STOPPED or self.status == Status.HELD else "waiting"

    @property
    def uses(self) -> dict[str, int]:
        """What it reserves."""
        return {"cpu": self.cpu, "io": self.io, "connections": self.connections, "print": self.print}


@dataclass(frozen=True)
class Rest:
    """What is left of a night; moments count in milliseconds from the night's origin."""

    night: Mapping[str, Any]
    jobs: tuple[RestJob, ...]

    def moment(self, at: datetime) -> int:
        """A moment in the plan's unit."""
        origin: datetime = self.night["origin"]
        return (at - origin) // _MILLISECOND

    def at(self, moment: int) -> datetime:
        """The moment of a time in the plan's unit."""
        origin: datetime = self.night["origin"]
        return origin + moment * _MILLISECOND

    @property
    def now(self) -> int:
        """The present."""
        return self.moment(self.night["now"])

    @property
    def capacity(self) -> dict[str, int]:
        """What there is of each resource at the night's beginning."""
        return {name: self.night[name] for name in _RESOURCES}

    @property
    def steps(self) -> dict[str, tuple[tuple[int, int], ...]]:
        """How the capacity changes."""
        found: dict[str, tuple[tuple[int, int], ...]] = {}
        for step in self.night["steps"]:
            moment = self.moment(datetime.fromisoformat(step["at"]))
            for name, amount in step["capacity"].items():
                found[name] = (*found.get(name, ()), (moment, amount))
        return found

    @property
    def blackouts(self) -> tuple[Blackout, ...]:
        """When nothing runs."""
        return tuple(
            Blackout(
                self.moment(datetime.fromisoformat(span["start"])),
                self.moment(datetime.fromisoformat(span["end"])),
                span["municipality_code"],
            )
            for span in self.night["blackouts"]
        )


def read_rest(connection: Connection, night_key: str) -> Rest:
    """The night and its jobs that are not done. Raises Conflict when there is no such night."""
    night = _read_night(connection, night_key)
    done = sorted(status.value for status in DONE)
    with connection.cursor(row_factory=class_row(RestJob)) as cursor:
        jobs = cursor.execute(_JOBS, (night_key, done)).fetchall()
    return Rest(night, tuple(jobs))


def _read_night(connection: Connection, night_key: str) -> dict[str, Any]:
    with connection.cursor(row_factory=dict_row) as cursor:
        night = cursor.execute(_NIGHT, (night_key,)).fetchone()
    if night is None:
        raise Conflict(f"夜間処理{night_key}はありません。")
    return night


def forecast_rest(rest: Rest) -> NightForecast:
    """Where the night is heading. Pure."""
    names = {job.id for job in rest.jobs}
    return forecast_night(
        [_state(job, rest, names) for job in rest.jobs],
        rest.capacity,
        rest.now,
        steps=rest.steps,
        blackouts=rest.blackouts,
        group_limit=rest.night["municipality_limit"],
    )


def store_forecast(connection: Connection, rest: Rest) -> NightForecast:
    """Reckon and keep the forecast of each job and of the night."""
    forecast = forecast_rest(rest)
    ends = [None if job.end is None else rest.at(job.end) for job in forecast.jobs.values()]
    connection.execute(_EXPECT, ([int(key) for key in forecast.jobs], ends))
    document = {
        "at": rest.night["now"].isoformat(),
        "end": rest.at(forecast.end).isoformat(),
        "high_end": rest.at(forecast.high_end).isoformat(),
        "missed": [int(key) for key in forecast.missed],
        "endangered": [int(key) for key in forecast.endangered],
        "stuck": len(forecast.stuck),
    }
    connection.execute(_FORECAST, (Jsonb(document), rest.night["night_key"]))
    return forecast


def plan_rest(rest: Rest) -> Schedule:
    """A new plan for what has not begun: running jobs stay where they are, stopped and held ones come when they may. Pure."""
    movable = [job for job in rest.jobs if job.status not in STOPPED]
    names = {job.id for job in movable}
    jobs = tuple(_plan_job(job, rest, names) for job in movable)
    limit = rest.night["municipality_limit"]
    return plan(Instance(rest.capacity, jobs, rest.steps, rest.blackouts, limit))


def replan_night(connection: Connection, night_key: str, *, by: Principal, reason: str) -> dict[str, Any]:
    """Plan the rest of a running night anew, and keep what moved. Raises Conflict when it does not run.

    The night goes on while the plan is made, for minutes perhaps: what has begun or was changed by then keeps its place.
    """
    rest = read_rest(connection, night_key)
    _require_running(rest.night)
    schedule = plan_rest(rest)
    lock_night(connection, night_key)
    night = _read_night(connection, night_key)
    _require_running(night)
    moved = {
        job.id: (job.planned_start, rest.at(schedule.starts[str(job.id)]))
        for job in rest.jobs
        if job.state != "running" and str(job.id) in schedule.starts
    }
    olds, news = [old for old, _ in moved.values()], [new for _, new in moved.values()]
    kept = {row[0] for row in connection.execute(_MOVE, (list(moved), olds, news, sorted(NOT_STARTED)))}
    starts = {
        str(key): [old.isoformat(), new.isoformat()] for key, (old, new) in moved.items() if old != new and key in kept
    }
    end = rest.at(max(schedule.makespan, rest.now))
    plan_no = night["plan_no"] + 1
    connection.execute(KEEP_PLAN, (night_key, plan_no, by.login, reason, Jsonb(starts), end))
    detail = {"plan_no": plan_no, "moved": len(starts), "expected_end": end.isoformat(), "late": len(schedule.late)}
    audit_act(connection, by, "batch.night.replanned", f"night:{night_key}", reason, detail)
    return detail


def _require_running(night: Mapping[str, Any]) -> None:
    if night["status"] != "running":
        raise Conflict(f"夜間処理{night['night_key']}は実行中ではないため、計画し直せません。")


def _state(job: RestJob, rest: Rest, names: set[int]) -> NightJobState:
    high = job.high_ms if job.high_ms is not None else job.estimate_ms * 2
    return NightJobState(
        key=str(job.id),
        status=job.state,
        estimate=Estimate(job.estimate_ms, job.estimate_ms, max(high, job.estimate_ms)),
        planned_start=rest.moment(job.planned_start),
        uses=job.uses,
        after=tuple(str(before) for before in job.after if before in names),
        release=max(rest.moment(job.not_before), 0),
        deadline=rest.moment(job.deadline_at),
        priority=job.priority,
        group=job.municipality_code,
        started=rest.moment(job.started_at) if job.started_at else 0,
        done=job.chunks_done,
        total=job.chunks_total or 0,
    )


def _plan_job(job: RestJob, rest: Rest, names: set[int]) -> PlanJob:
    duration, start = job.estimate_ms, None
    if job.state == "running":
        state = _state(job, rest, names)
        start = state.started
        duration = rest.now - start + remaining_ms(state, rest.now)
    return PlanJob(
        id=str(job.id),
        duration=duration,
        uses=job.uses,
        after=tuple(str(before) for before in job.after if before in names),
        release=max(rest.moment(job.not_before), rest.now),
        deadline=rest.moment(job.deadline_at),
        priority=job.priority,
        group=job.municipality_code,
        start=start,
    )
