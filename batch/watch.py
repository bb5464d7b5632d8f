"""遅延監視: what the duty person has to know of a running night. One cause is one alert; what only waits for it is counted."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from psycopg import Connection
from psycopg.rows import class_row

from batch.queue.events import audit_act
from batch.states import ENDED, STOPPED, Status
from yoriai.audit import SYSTEM
from yoriai.clock import now

_JOBS = """
SELECT j.id, j.municipality_code, j.label, j.status, j.planned_start, j.start_by, j.end_by, j.max_ms, j.high_ms, j.started_at,
  j.deadline_at, j.expected_end, j.message, ARRAY(
    SELECT w.event FROM unnest(j.waits_for) AS w (event) WHERE NOT EXISTS (
      SELECT 1 FROM batch_arrival a WHERE a.business_date = n.business_date
        AND a.municipality_code = j.municipality_code AND a.event = w.event)) AS awaited
FROM batch_job j JOIN batch_night n USING (night_key)
WHERE j.night_key = %(night)s AND (j.status <> ALL(%(done)s))
"""
_EDGES = """
SELECT d.predecessor_id, d.job_id FROM batch_job_predecessor d JOIN batch_job j ON j.id = d.job_id
WHERE j.night_key = %(night)s AND j.status = 'waiting'
"""
_NIGHT = "SELECT pace, clock_timestamp() FROM batch_night WHERE night_key = %s"
_REQUESTS = """
SELECT r.job_id, r.municipality_code, j.label, r.asked_by FROM batch_request r JOIN batch_job j ON j.id = r.job_id
WHERE r.night_key = %s AND r.status = 'open'
"""
_RAISE = """
INSERT INTO batch_alert (night_key, kind, job_id, municipality_code, severity, message, affected)
SELECT %(night)s, * FROM unnest(%(kinds)s::text[], %(jobs)s::bigint[], %(codes)s::text[], %(severities)s::text[],
  %(messages)s::text[], %(affected)s::bigint[])
ON CONFLICT (night_key, kind, job_id) DO UPDATE SET seen_at = clock_timestamp(), message = excluded.message,
  affected = excluded.affected, severity = excluded.severity, cleared_at = NULL
"""
_CLEAR = """
UPDATE batch_alert a SET cleared_at = clock_timestamp() WHERE a.night_key = %(night)s AND a.cleared_at IS NULL
  AND NOT EXISTS (SELECT 1 FROM unnest(%(kinds)s::text[], %(jobs)s::bigint[]) AS now (kind, job_id)
    WHERE now.kind = a.kind AND now.job_id = a.job_id)
"""
_ESCALATE = """
UPDATE batch_alert SET escalated_at = clock_timestamp()
WHERE night_key = %s AND severity = 'critical' AND cleared_at IS NULL AND acknowledged_at IS NULL AND escalated_at IS NULL
  AND raised_at < clock_timestamp() - %s::interval RETURNING id, message
"""
ESCALATE_AFTER = timedelta(minutes=10)
_UNUSUAL_FACTOR = 2
"""Longer than so many times the high quantile of past runs is unusual."""
_LEAST_UNUSUAL = timedelta(seconds=60)
_GATHERED = {
    "held": "保留のまま開始予定を過ぎました",
    "outside": "外部からの到着を待っています",
    "late_start": "開始遅延",
    "late_end": "終了遅延",
    "long": "いつもより長くかかっています",
}
_NAMED_MUNICIPALITIES = 10
"""When more municipalities than these will miss their deadline, one alert says so for all."""


@dataclass(frozen=True)
class WatchedJob:
    """What the watch looks at of a job that is not done."""

    id: int
    municipality_code: str
    label: str
    status: str
    planned_start: datetime
    start_by: datetime | None
    end_by: datetime | None
    max_ms: int | None
    high_ms: int | None
    started_at: datetime | None
    deadline_at: datetime
    expected_end: datetime | None
    message: str
    awaited: Sequence[str] = ()


@dataclass(frozen=True)
class Alert:
    """Something to tell; `job_id` 0 is the whole night. `severity` is info, warning or critical."""

    kind: str
    job_id: int
    municipality_code: str
    severity: str
    message: str
    affected: int = 0


@dataclass(frozen=True)
class Watched:
    """A night as the watch sees it. `blocked` says for each job behind a stopped one which job that is."""

    jobs: Sequence[WatchedJob]
    now: datetime
    pace: int = 100
    blocked: Mapping[int, int] = field(default_factory=dict)


def find_alerts(night: Watched) -> list[Alert]:
    """All there is to tell at this moment. Pure."""
    behind = Counter(night.blocked.values())
    alerts = _gathered([alert for job in night.jobs for alert in _alerts_of(job, night, behind[job.id])])
    alerts += _forecast_alerts(night)
    if night.pace < 100:
        what = "一時停止しています" if night.pace == 0 else "速度を落としています"
        alerts.append(Alert("slow_counters", 0, "", "info", f"窓口の応答を優先して、夜間処理は{what}。"))
    return alerts


def blocked_by(edges: Iterable[tuple[int, int]], stopped: Iterable[int]) -> dict[int, int]:
    """For each job behind a stopped one, over any number of steps: the first stopped job found. `edges` are (before, after)."""
    after: dict[int, list[int]] = {}
    for before, later in edges:
        after.setdefault(before, []).append(later)
    cause: dict[int, int] = {}
    for root in stopped:
        reached = [root]
        while reached:
            for later in after.get(reached.pop(), ()):
                if later not in cause:
                    cause[later] = root
                    reached.append(later)
    return cause


def watch_night(connection: Connection, night_key: str) -> list[Alert]:
    """Raise, keep and clear the night's alerts, and escalate what nobody has seen to; returns those that stand."""
    alerts = [*find_alerts(_read(connection, night_key)), *_requests(connection, night_key)]
    # In one order in every process, so that two who watch at once do not lock each other's rows crosswise.
    alerts.sort(key=lambda alert: (alert.kind, alert.job_id))
    standing = {
        "night": night_key,
        "kinds": [alert.kind for alert in alerts],
        "jobs": [alert.job_id for alert in alerts],
        "codes": [alert.municipality_code for alert in alerts],
        "severities": [alert.severity for alert in alerts],
        "messages": [alert.message for alert in alerts],
        "affected": [alert.affected for alert in alerts],
    }
    connection.execute(_RAISE, standing)
    connection.execute(_CLEAR, standing)
    for alert_id, message in connection.execute(_ESCALATE, (night_key, ESCALATE_AFTER)).fetchall():
        facts = {"night": night_key, "message": message}
        audit_act(connection, SYSTEM, "batch.alert.escalated", f"alert:{alert_id}", "", facts)
    return alerts


def _gathered(alerts: Sequence[Alert]) -> list[Alert]:
    """What many municipalities have at once has one cause (a delivery that is late, a mass hold): one warning says so for all."""
    found: list[Alert] = []
    for kind in dict.fromkeys(alert.kind for alert in alerts):
        same = [alert for alert in alerts if alert.kind == kind]
        places = {alert.municipality_code for alert in same}
        if kind in _GATHERED and len(places) > _NAMED_MUNICIPALITIES:
            message = f"{_GATHERED[kind]}: {len(places)}団体の{len(same)}ジョブ。例: {same[0].message}"
            found.append(Alert(kind, 0, "", same[0].severity, message, len(same)))
        else:
            found += same
    return found


def _alerts_of(job: WatchedJob, night: Watched, waiting: int) -> Iterable[Alert]:
    """What there is to tell of a job behind which so many wait."""
    status = Status(job.status)
    if status in STOPPED:
        behind = f"（後続{waiting}ジョブが待っています）" if waiting else ""
        yield _alert("stopped", job, "critical", f"{status.label}: {job.label}{behind} {job.message}".strip(), waiting)
        return
    if job.id in night.blocked or status in ENDED:
        return
    is_begun = status is Status.RUNNING
    if status is Status.HELD and job.planned_start < night.now:
        yield _alert("held", job, "warning", f"{job.label}は保留のまま、開始予定を過ぎました。")
    if job.awaited and job.planned_start < night.now:
        yield _alert("outside", job, "warning", f"{job.label}は「{'、'.join(job.awaited)}」の到着を待っています。")
    if job.start_by and job.start_by < night.now and not is_begun:
        yield _alert("late_start", job, "warning", f"開始遅延: {job.label}が予定の時刻までに始まっていません。")
    if job.end_by and job.end_by < night.now:
        yield _alert("late_end", job, "warning", f"終了遅延: {job.label}が予定の時刻までに終わっていません。")
    if is_begun and job.started_at and _is_long(job, night.now - job.started_at):
        yield _alert("long", job, "warning", f"{job.label}の実行が、いつもより長くかかっています。")


def _is_long(job: WatchedJob, taken: timedelta) -> bool:
    if job.max_ms and taken > timedelta(milliseconds=job.max_ms):
        return True
    usual = timedelta(milliseconds=job.high_ms * _UNUSUAL_FACTOR) if job.high_ms else None
    return usual is not None and taken > max(usual, _LEAST_UNUSUAL)


def _forecast_alerts(night: Watched) -> list[Alert]:
    """Which municipalities will not be ready in time; visible as soon as it can be reckoned."""
    missed: dict[str, list[WatchedJob]] = {}
    for job in night.jobs:
        is_open = Status(job.status) not in STOPPED and job.id not in night.blocked
        if is_open and job.expected_end and job.expected_end > job.deadline_at:
            missed.setdefault(job.municipality_code, []).append(job)
    if len(missed) > _NAMED_MUNICIPALITIES:
        count = sum(map(len, missed.values()))
        message = f"{len(missed)}団体の{count}ジョブが、打切時刻に間に合わない見込みです。"
        return [Alert("forecast", 0, "", "critical", message, count)]
    alerts = []
    for jobs in missed.values():
        first = min(jobs, key=lambda job: (job.deadline_at, job.id))
        others = f"ほか{len(jobs) - 1}ジョブ" if len(jobs) > 1 else ""
        message = f"{first.label}{others}が、打切時刻に間に合わない見込みです。"
        alerts.append(_alert("forecast", first, "critical", message, len(jobs)))
    return alerts


def _alert(kind: str, job: WatchedJob, severity: str, message: str, affected: int = 0) -> Alert:
    return Alert(kind, job.id, job.municipality_code, severity, message, affected)


def _read(connection: Connection, night_key: str) -> Watched:
    done = sorted(status.value for status in ENDED - STOPPED)
    with connection.cursor(row_factory=class_row(WatchedJob)) as cursor:
        jobs = cursor.execute(_JOBS, {"night": night_key, "done": done}).fetchall()
    pace, moment = connection.execute(_NIGHT, (night_key,)).fetchone() or (100, now())
    edges = [(row[0], row[1]) for row in connection.execute(_EDGES, {"night": night_key})]
    stopped = [job.id for job in jobs if Status(job.status) in STOPPED]
    return Watched(jobs, moment, pace, blocked_by(edges, stopped))


def _requests(connection: Connection, night_key: str) -> list[Alert]:
    return [
        Alert("request", job_id, code, "info", f"{label}の強制正常の承認を待っています（申請 {asked_by}）。")
        for job_id, code, label, asked_by in connection.execute(_REQUESTS, (night_key,))
    ]
