"""What the morning report (日次運用報告) is made of, for the whole centre or for one municipality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from batch.reads.jobs import DIFFERS_PERCENT
from batch.reads.nights import Night
from batch.reads.shown import STATES, with_shown
from yoriai.tenancy.session import Reader

_MUNICIPALITIES = with_shown("""
SELECT j.municipality_code, count(*) AS jobs,
  count(*) FILTER (WHERE s.state IN ('succeeded', 'forced')) AS good, count(*) FILTER (WHERE s.state = 'warned') AS warned,
  count(*) FILTER (WHERE s.state IN ('failed', 'cutoff', 'killed')) AS stopped,
  count(*) FILTER (WHERE s.state = 'skipped') AS skipped,
  count(*) FILTER (WHERE s.state NOT IN ('succeeded', 'forced', 'warned', 'failed', 'cutoff', 'killed', 'skipped')) AS open,
  min(j.started_at) AS started_at, max(j.ended_at) AS ended_at, max(j.planned_end) AS planned_end,
  max(j.deadline_at) AS deadline_at,
  coalesce(sum(j.rows_out), 0)::bigint AS rows_out, coalesce(sum(j.rows_error), 0)::bigint AS rows_error
FROM batch_job j JOIN shown s ON s.id = j.id WHERE j.night_key = $1 AND ($3 = '' OR j.municipality_code = $3)
GROUP BY j.municipality_code
ORDER BY count(*) FILTER (WHERE s.state IN ('failed', 'cutoff', 'killed')) DESC, j.municipality_code
""")
_EXCEPTIONS = with_shown("""
SELECT j.id, j.municipality_code, j.label, s.state, j.message, j.planned_start, j.planned_end, j.started_at, j.ended_at,
  j.deadline_at, j.start_by, j.end_by, j.attempts, j.generation, j.is_forced, j.is_changed, j.rows_error
FROM batch_job j JOIN shown s ON s.id = j.id WHERE j.night_key = $1 AND ($3 = '' OR j.municipality_code = $3)
  AND (s.state IN ('failed', 'cutoff', 'killed', 'skipped', 'held', 'blocked', 'warned') OR j.is_forced OR j.is_changed
    OR j.generation > 0 OR j.attempts > 1 OR coalesce(j.ended_at, $2) > j.deadline_at
    OR coalesce(j.started_at, $2) > j.start_by OR coalesce(j.ended_at, $2) > j.end_by)
ORDER BY array_position(ARRAY['failed', 'cutoff', 'killed', 'blocked', 'held'], s.state), j.municipality_code, j.planned_start, j.id
LIMIT 2000
""")
_ACTS = """
SELECT e.at, e.act, e.actor, e.message, e.municipality_code, j.label
FROM batch_event e JOIN batch_job j ON j.id = e.job_id
WHERE e.night_key = $1 AND ($2 = '' OR e.municipality_code = $2)
  AND e.act IN ('hold', 'release', 'skip', 'skip_warned', 'skip_failed', 'kill', 'force', 'start_now', 'change', 'rerun', 'cut_off')
ORDER BY e.at, e.id LIMIT 2000
"""
_ALERTS = """
SELECT raised_at, severity, municipality_code, message, affected, acknowledged_by, acknowledged_at, note, cleared_at
FROM batch_alert WHERE night_key = $1 AND ($2 = '' OR municipality_code = $2)
ORDER BY array_position(ARRAY['critical', 'warning', 'info'], severity), raised_at LIMIT 500
"""
# The last good run of the same job and municipality before this night began, a year back at most.
_DIFFERENCES = """
SELECT j.municipality_code, j.label, j.rows_out, p.rows_out AS last_rows_out, j.control_total,
  p.control_total AS last_control_total, p.ended_at AS last_ended_at
FROM batch_job j CROSS JOIN LATERAL (
  SELECT past.rows_out, past.control_total, past.ended_at FROM batch_job past
  WHERE past.municipality_code = j.municipality_code AND past.job_name = j.job_name AND past.night_key <> j.night_key
    AND past.status IN ('succeeded', 'warned') AND NOT past.is_forced
    AND past.ended_at < $3 AND past.ended_at > $3 - interval '400 days'
  ORDER BY past.ended_at DESC LIMIT 1) AS p
WHERE j.night_key = $1 AND j.status IN ('succeeded', 'warned') AND ($2 = '' OR j.municipality_code = $2)
  AND (abs(j.control_total - p.control_total) * 100 > $4 * abs(p.control_total)
    OR abs(j.rows_out - p.rows_out) * 100 > $4 * p.rows_out)
ORDER BY j.municipality_code, j.planned_start LIMIT 1000
"""


@dataclass(frozen=True)
class NightReport:
    """The rows of a report; see the statements for their columns."""

    municipalities: Sequence[Mapping[str, Any]]
    exceptions: Sequence[Mapping[str, Any]]
    acts: Sequence[Mapping[str, Any]]
    alerts: Sequence[Mapping[str, Any]]
    differences: Sequence[Mapping[str, Any]]


async def read_report(session: Reader, night: Night, at: datetime, municipality_code: str = "") -> NightReport:
    """All that is reported of a night; of one municipality when its code is given."""
    key = night.night_key
    return NightReport(
        municipalities=await session.fetch(_MUNICIPALITIES, key, at, municipality_code),
        exceptions=await session.fetch(_EXCEPTIONS, key, at, municipality_code),
        acts=await session.fetch(_ACTS, key, municipality_code),
        alerts=await session.fetch(_ALERTS, key, municipality_code),
        differences=await session.fetch(_DIFFERENCES, key, municipality_code, night.begins, DIFFERS_PERCENT),
    )


def marks_of(row: Mapping[str, Any], at: datetime) -> list[str]:
    """Why a job is among the exceptions, in words."""
    ended = row["ended_at"] or at
    begun = row["started_at"] or at
    found = [STATES[row["state"]].label] if row["state"] not in ("succeeded", "running", "ready", "waiting") else []
    for text, holds in (
        ("打切時刻超過", ended > row["deadline_at"]),
        ("終了遅延", row["end_by"] is not None and ended > row["end_by"]),
        ("開始遅延", row["start_by"] is not None and begun > row["start_by"]),
        (f"リラン{row['generation']}回", row["generation"] > 0),
        (f"試行{row['attempts']}回", row["attempts"] > 1),
        ("今夜変更", row["is_changed"]),
    ):
        if holds:
            found.append(text)
    return found
