"""The centre's lists: nights, workers, alerts, acts, plans, requests. Newest first; `LIMIT` rows at most."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from yoriai.tenancy.session import Reader

LIMIT = 5000

_NIGHTS = """
SELECT n.night_key, n.business_date, n.rerun_no, n.status, n.started_at, n.ended_at, n.confirmed_by, n.is_staggered, n.plan,
  n.totals IS NOT NULL AS is_cleared, coalesce((n.totals ->> 'jobs')::bigint, j.jobs) AS jobs,
  coalesce((n.totals ->> 'good')::bigint, j.good) AS good, coalesce((n.totals ->> 'warned')::bigint, j.warned) AS warned,
  coalesce((n.totals ->> 'stopped')::bigint, j.stopped) AS stopped,
  coalesce((n.totals ->> 'forced')::bigint, j.forced) AS forced, coalesce((n.totals ->> 'reruns')::bigint, j.reruns) AS reruns
FROM batch_night n JOIN LATERAL (
  SELECT count(*) AS jobs, count(*) FILTER (WHERE status IN ('succeeded', 'skipped')) AS good,
    count(*) FILTER (WHERE status = 'warned') AS warned,
    count(*) FILTER (WHERE status IN ('failed', 'cutoff', 'killed')) AS stopped,
    count(*) FILTER (WHERE is_forced) AS forced, coalesce(sum(generation), 0)::bigint AS reruns
  FROM batch_job WHERE night_key = n.night_key) j ON true
ORDER BY n.business_date DESC, n.rerun_no DESC LIMIT 1500
"""
_WORKERS = """
SELECT w.name, w.host, w.pid, w.started_at, w.seen_at, w.job_id, w.cpu_millicores, w.io_kilobytes, w.memory_kilobytes,
  j.label, j.municipality_code
FROM batch_worker w LEFT JOIN batch_job j ON j.id = w.job_id ORDER BY w.seen_at DESC LIMIT $1
"""
_ALERTS = """
SELECT id, night_key, kind, job_id, municipality_code, severity, message, affected, raised_at, cleared_at, acknowledged_by,
  acknowledged_at, note, escalated_at
FROM batch_alert WHERE $1 = '' OR night_key = $1 ORDER BY raised_at DESC, id DESC LIMIT $2
"""
_ALERT = """
SELECT id, night_key, kind, job_id, municipality_code, severity, message, affected, raised_at, cleared_at, acknowledged_by,
  acknowledged_at, note, escalated_at
FROM batch_alert WHERE id = $1
"""
_ACTS = """
SELECT at, staff, action, subject, reason, detail, terminal FROM audit_event
WHERE action LIKE 'batch.%' AND ($1 = '' OR detail ->> 'night' = $1 OR subject = 'night:' || $1) ORDER BY seq DESC LIMIT $2
"""
_PLANS = """
SELECT night_key, plan_no, made_at, made_by, reason, expected_end, counted.moved
FROM batch_plan CROSS JOIN LATERAL (SELECT count(*) AS moved FROM jsonb_object_keys(starts)) AS counted
WHERE $1 = '' OR night_key = $1 ORDER BY made_at DESC LIMIT $2
"""
_REQUESTS = """
SELECT r.id, r.night_key, r.job_id, r.municipality_code, r.status, r.reason, r.asked_by, r.asked_at, r.decided_by, r.decided_at,
  r.decision, j.label
FROM batch_request r JOIN batch_job j ON j.id = r.job_id WHERE $1 = '' OR r.night_key = $1
ORDER BY (r.status = 'open') DESC, r.asked_at DESC LIMIT $2
"""
_MAILS = """
SELECT m.mail_key, m.night_key, m.alert_id, m.created_at, m.attempts, m.tried_at, m.sent_at, m.error, a.municipality_code
FROM batch_mail m LEFT JOIN batch_alert a ON a.id = m.alert_id WHERE $1 = '' OR m.night_key = $1
ORDER BY (m.sent_at IS NULL) DESC, m.created_at DESC LIMIT $2
"""


async def list_night_results(session: Reader) -> Sequence[Mapping[str, Any]]:
    """The nights with how their jobs ended; 1,500 at most."""
    return await session.fetch(_NIGHTS)


async def list_workers(session: Reader) -> Sequence[Mapping[str, Any]]:
    """The workers as they last reported."""
    return await session.fetch(_WORKERS, LIMIT)


async def list_alerts(session: Reader, night_key: str) -> Sequence[Mapping[str, Any]]:
    """The alerts of a night, or of all."""
    return await session.fetch(_ALERTS, night_key, LIMIT)


async def find_alert(session: Reader, alert_id: int) -> Mapping[str, Any] | None:
    """One alert."""
    return await session.fetchrow(_ALERT, alert_id)


async def list_acts(session: Reader, night_key: str) -> Sequence[Mapping[str, Any]]:
    """What operators did, from the audit trail: who held, skipped, forced, ran again, and why."""
    return await session.fetch(_ACTS, night_key, LIMIT)


async def list_plans(session: Reader, night_key: str) -> Sequence[Mapping[str, Any]]:
    """Each plan of a night, or of all: the first and those made while it ran, with how many jobs moved."""
    return await session.fetch(_PLANS, night_key, LIMIT)


async def list_mails(session: Reader, night_key: str) -> Sequence[Mapping[str, Any]]:
    """Mails to the duty person, those that no server has taken yet first."""
    return await session.fetch(_MAILS, night_key, LIMIT)


async def list_requests(session: Reader, night_key: str) -> Sequence[Mapping[str, Any]]:
    """強制正常 asked for, open ones first."""
    return await session.fetch(_REQUESTS, night_key, LIMIT)


def seconds_since(moment: datetime, at: datetime) -> int:
    """Whole seconds from a moment to the present."""
    return int((at - moment).total_seconds())
