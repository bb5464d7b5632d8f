"""Put a planned night into the queue, open it, and read how it stands."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from psycopg import Connection
from psycopg.errors import UniqueViolation
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb

from batch.queue.admission import counter_load
from batch.queue.claims import settle_night
from batch.queue.events import log_changes
from batch.states import DONE, Act, JobFacts, Status, next_status
from yoriai.errors import Conflict

_NEXT_RERUN = """
SELECT max(rerun_no), bool_or(status <> 'cancelled') FROM batch_night WHERE business_date = %s
"""
_NIGHT = """
INSERT INTO batch_night (night_key, business_date, rerun_no, status, is_staggered, cpu, io, connections,
  print, counter_limit_ms, counter_quiet_us, origin, plan, steps, blackouts, municipality_limit, class_limits, use_limits,
  parameters, confirmed_by)
VALUES (%(night_key)s, %(business_date)s, %(rerun_no)s, 'planned', %(is_staggered)s, %(cpu)s, %(io)s, %(connections)s,
  %(print)s, %(counter_limit_ms)s, NULL, %(origin)s, %(plan)s, %(steps)s, %(blackouts)s, %(municipality_limit)s,
  %(class_limits)s, %(use_limits)s, %(parameters)s, %(actor)s)
"""
_JOB = """
INSERT INTO batch_job (night_key, municipality_code, net, job_name, label, run_key, status, priority, cpu, io,
  connections, print, job_class, size, estimate_ms, high_ms, timeout_seconds, planned_start, planned_end, not_before,
  deadline_at, start_by, end_by, max_ms, waits_for, max_attempts)
VALUES (%(night_key)s, %(municipality_code)s, %(net)s, %(job_name)s, %(label)s, %(run_key)s, %(status)s, %(priority)s,
  %(cpu)s, %(io)s, %(connections)s, %(print)s, %(job_class)s, %(size)s, %(estimate_ms)s, %(high_ms)s, %(timeout_seconds)s,
  %(planned_start)s, %(planned_end)s, %(not_before)s, %(deadline_at)s, %(start_by)s, %(end_by)s, %(max_ms)s,
  %(waits_for)s, %(max_attempts)s)
"""
_PREDECESSORS = """
INSERT INTO batch_job_predecessor (job_id, predecessor_id, municipality_code)
SELECT s.id, p.id, edge.code FROM unnest(%(codes)s::text[], %(jobs)s::text[], %(afters)s::text[]) AS edge (code, job, after)
JOIN batch_job s ON s.night_key = %(night_key)s AND s.municipality_code = edge.code AND s.job_name = edge.job
JOIN batch_job p ON p.night_key = %(night_key)s AND p.municipality_code = edge.code AND p.job_name = edge.after
"""
KEEP_PLAN = """
INSERT INTO batch_plan (night_key, plan_no, made_by, reason, starts, expected_end) VALUES (%s, %s, %s, %s, %s, %s)
"""
_RUNNING = """
UPDATE batch_night SET status = 'running', started_at = clock_timestamp(), counter_quiet_us = %s,
  jobs_beside_counters = CASE WHEN %s THEN 1 END
WHERE night_key = %s AND status = 'planned'
"""
_WITHDRAW = "UPDATE batch_night SET status = 'cancelled' WHERE night_key = %s AND status = 'planned'"
_OPEN = """
UPDATE batch_job j SET status = CASE WHEN EXISTS (
  SELECT 1 FROM batch_job_predecessor d JOIN batch_job p ON p.id = d.predecessor_id
  WHERE d.job_id = j.id AND p.status <> ALL(%(done)s)) THEN %(waiting)s ELSE %(ready)s END
WHERE j.night_key = %(night_key)s AND j.status = %(planned)s RETURNING j.id
"""
_STATUS = """
SELECT id, municipality_code, net, job_name, label, status, size, estimate_ms, planned_start, planned_end, started_at,
  ended_at, expected_end, deadline_at, attempts, worker, chunks_done, chunks_total, rows_in, rows_out, rows_error,
  control_total, message
FROM batch_job WHERE night_key = %s ORDER BY municipality_code, planned_start, id
"""
_LATEST = """
SELECT night_key FROM batch_night WHERE status <> 'cancelled'
ORDER BY (status = 'running') DESC, coalesce(started_at, origin) DESC LIMIT 1
"""
_OF_DATE = """
SELECT night_key FROM batch_night WHERE business_date = %s AND status <> 'cancelled' ORDER BY rerun_no DESC LIMIT 1
"""
_CONFIRMED = """
SELECT night_key FROM batch_night WHERE status = 'planned' AND business_date = coalesce(%s, business_date)
ORDER BY business_date, rerun_no DESC LIMIT 1
"""
_HEAD = """
SELECT night_key, business_date, rerun_no, status, is_staggered, cpu, io, connections, origin, plan, created_at,
  started_at, ended_at
FROM batch_night WHERE night_key = %s
"""


@dataclass(frozen=True)
class NightRow:
    """A night to enqueue."""

    business_date: date
    is_staggered: bool
    capacity: Mapping[str, int]
    origin: datetime
    plan: Mapping[str, Any]
    counter_limit_ms: int | None = None
    steps: Sequence[Mapping[str, Any]] = ()
    blackouts: Sequence[Mapping[str, Any]] = ()
    municipality_limit: int | None = None
    class_limits: Mapping[str, int] = field(default_factory=dict)
    use_limits: Mapping[str, int] = field(default_factory=dict)
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class JobRow:
    """A job to enqueue, with the names of its predecessors of the same municipality."""

    municipality_code: str
    net: str
    job_name: str
    label: str
    priority: int
    cpu: int
    io: int
    connections: int
    size: int
    estimate_ms: int
    planned_start: datetime
    planned_end: datetime
    not_before: datetime
    deadline_at: datetime
    max_attempts: int
    after: tuple[str, ...] = ()
    is_held: bool = False
    print: int = 0
    job_class: str = ""
    high_ms: int | None = None
    timeout_seconds: int = 900
    start_by: datetime | None = None
    end_by: datetime | None = None
    max_ms: int | None = None
    waits_for: tuple[str, ...] = ()


def enqueue_night(
    connection: Connection, night: NightRow, jobs: Sequence[JobRow], *, rerun: bool, actor: str = ""
) -> str:
    """Store the plan and its jobs: it is confirmed from now on; returns the night's key.

    Raises Conflict when the date has run or has a confirmed plan, unless a rerun is asked for.
    """
    last = connection.execute(_NEXT_RERUN, (night.business_date,)).fetchone()
    rerun_no = 0 if last is None or last[0] is None else int(last[0]) + 1
    if rerun_no and last and last[1] and not rerun:
        raise Conflict(
            f"業務日付{night.business_date}の夜間処理は実行済みです。やり直すときは --rerun を付けてください。"
        )
    night_key = f"{night.business_date}" + (f"#{rerun_no}" if rerun_no else "")
    values = {
        **vars(night),
        "print": 0,
        **night.capacity,
        "plan": Jsonb(dict(night.plan)),
        "steps": Jsonb(list(night.steps), dumps=_dumps),
        "blackouts": Jsonb(list(night.blackouts), dumps=_dumps),
        "class_limits": Jsonb(dict(night.class_limits)),
        "use_limits": Jsonb(dict(night.use_limits)),
        "parameters": Jsonb(dict(night.parameters), dumps=_dumps),
        "actor": actor,
        "night_key": night_key,
        "rerun_no": rerun_no,
    }
    try:
        connection.execute(_NIGHT, values)
    except UniqueViolation as error:
        raise Conflict(f"業務日付{night.business_date}の夜間処理は、別の操作で登録されました。") from error
    rows = [
        {
            **vars(job),
            "waits_for": list(job.waits_for),
            "night_key": night_key,
            "status": (Status.HELD if job.is_held else Status.PLANNED).value,
            "run_key": f"{job.municipality_code}:{night.business_date}:{job.job_name}:{rerun_no}",
        }
        for job in jobs
    ]
    with connection.cursor() as cursor:
        cursor.executemany(_JOB, rows)
    _enqueue_predecessors(connection, night_key, jobs)
    end = max((job.planned_end for job in jobs), default=night.origin)
    connection.execute(KEEP_PLAN, (night_key, 1, actor, "計画の確定", Jsonb({}), end))
    return night_key


def open_night(connection: Connection, night_key: str, *, actor: str) -> None:
    """Let the workers begin. Raises Conflict while another night runs: the capacity is one for all."""
    try:
        # With people at the counters it begins with one job; the caretaker lets more in as long as nobody notices.
        load = counter_load(connection)
        started = connection.execute(_RUNNING, (load.quiet_us, load.are_busy, night_key)).rowcount
    except UniqueViolation as error:
        raise Conflict("別の夜間処理が実行中です。終わってから実行してください。") from error
    if not started:
        raise Conflict(f"夜間処理{night_key}は開始できる状態ではありません。")
    values = {
        "night_key": night_key,
        "planned": Status.PLANNED.value,
        "ready": next_status(Act.OPEN, JobFacts(Status.PLANNED)).value,
        "waiting": next_status(Act.OPEN, JobFacts(Status.PLANNED, predecessors_left=1)).value,
        "done": sorted(status.value for status in DONE),
    }
    opened = [(row[0], Status.PLANNED.value) for row in connection.execute(_OPEN, values)]
    log_changes(connection, Act.OPEN, opened, actor=actor)
    settle_night(connection, night_key)


def withdraw_night(connection: Connection, night_key: str) -> None:
    """Take back a plan that was confirmed and has not begun. Raises Conflict for any other."""
    if not connection.execute(_WITHDRAW, (night_key,)).rowcount:
        raise Conflict(f"夜間処理{night_key}は開始前ではないため、取り消せません。")


def find_night(connection: Connection, business_date: date | None = None) -> str | None:
    """The key of the date's last night; without a date the running one, else the latest. None was taken back."""
    row = connection.execute(_OF_DATE, (business_date,)) if business_date else connection.execute(_LATEST)
    found = row.fetchone()
    return str(found[0]) if found else None


def find_confirmed_night(connection: Connection, business_date: date | None = None) -> str | None:
    """The key of the night that is confirmed and has not begun: of the date, or the next one."""
    found = connection.execute(_CONFIRMED, (business_date,)).fetchone()
    return str(found[0]) if found else None


def get_night(connection: Connection, night_key: str) -> dict[str, Any]:
    """The night's row. Raises Conflict when there is none of that key."""
    with connection.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(_HEAD, (night_key,)).fetchone()
    if row is None:
        raise Conflict(f"夜間処理{night_key}はありません。")
    return row


def is_night_running(connection: Connection) -> bool:
    """Whether any night is open."""
    return connection.execute("SELECT 1 FROM batch_night WHERE status = 'running'").fetchone() is not None


def list_jobs(connection: Connection, night_key: str) -> list[dict[str, Any]]:
    """All jobs of the night, by municipality in plan order."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(_STATUS, (night_key,)).fetchall()


def _dumps(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)


def _enqueue_predecessors(connection: Connection, night_key: str, jobs: Sequence[JobRow]) -> None:
    edges = [(job.municipality_code, job.job_name, name) for job in jobs for name in job.after]
    codes, names, afters = ([edge[part] for edge in edges] for part in range(3))
    connection.execute(_PREDECESSORS, {"night_key": night_key, "codes": codes, "jobs": names, "afters": afters})
