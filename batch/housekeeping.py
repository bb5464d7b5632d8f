"""Old nights: their samples are thinned, then everything but how they ended goes. As the owner: the application deletes no log.

The audit trail keeps what operators did, and the municipalities keep their runs' marks, for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from yoriai.database.migrate import owner_connection
from yoriai.tenancy.choice import PLATFORM_SCHEMA

# One a minute is what the pictures can show: of each minute the highest of everything that is compared with a limit.
_THIN = text("""
WITH gone AS (
  DELETE FROM batch_use WHERE night_key = :night RETURNING night_key, at, running, reserved_cpu, reserved_io,
    reserved_connections, reserved_print, worker_cpu_millicores, database_cpu_millicores, database_connections, io_kilobytes,
    counter_p95_us, pace
)
INSERT INTO batch_use (night_key, at, running, reserved_cpu, reserved_io, reserved_connections, reserved_print,
  worker_cpu_millicores, database_cpu_millicores, database_connections, io_kilobytes, counter_p95_us, pace)
SELECT night_key, date_trunc('minute', at), max(running), max(reserved_cpu), max(reserved_io), max(reserved_connections),
  max(reserved_print), max(worker_cpu_millicores), max(database_cpu_millicores), max(database_connections), max(io_kilobytes),
  max(counter_p95_us), min(pace)
FROM gone GROUP BY night_key, date_trunc('minute', at)
""")
_TO_THIN = text("""
SELECT night_key FROM batch_night WHERE status = 'ended' AND ended_at < :before AND thinned_at IS NULL ORDER BY ended_at
""")
_THINNED = text("UPDATE batch_night SET thinned_at = :now WHERE night_key = :night")
_TO_CLEAR = text("""
SELECT night_key FROM batch_night WHERE status IN ('ended', 'cancelled') AND coalesce(ended_at, created_at) < :before
  AND totals IS NULL ORDER BY created_at
""")
_TOTALS = text("""
UPDATE batch_night SET totals = jsonb_build_object('jobs', j.jobs, 'good', j.good, 'warned', j.warned, 'stopped', j.stopped,
  'forced', j.forced, 'reruns', j.reruns, 'cleared_at', CAST(:now AS text))
FROM (
  SELECT count(*) AS jobs, count(*) FILTER (WHERE status IN ('succeeded', 'skipped')) AS good,
    count(*) FILTER (WHERE status = 'warned') AS warned,
    count(*) FILTER (WHERE status IN ('failed', 'cutoff', 'killed')) AS stopped,
    count(*) FILTER (WHERE is_forced) AS forced, coalesce(sum(generation), 0)::bigint AS reruns
  FROM batch_job WHERE night_key = :night) j
WHERE night_key = :night
""")
_CLEAR = (
    text("DELETE FROM batch_job_predecessor p USING batch_job j WHERE j.id = p.job_id AND j.night_key = :night"),
    text("DELETE FROM batch_request WHERE night_key = :night"),
    text("DELETE FROM batch_mail WHERE night_key = :night"),
    text("DELETE FROM batch_alert WHERE night_key = :night"),
    text("DELETE FROM batch_event WHERE night_key = :night"),
    text("DELETE FROM batch_plan WHERE night_key = :night"),
    text("DELETE FROM batch_use WHERE night_key = :night"),
    text("DELETE FROM batch_job WHERE night_key = :night"),
)


@dataclass(frozen=True)
class Keeping:
    """How long a night is kept (`night_history` of the deployment file)."""

    full_days: int = 14
    """Samples of every half second; then one a minute."""
    days: int = 1_130
    """Jobs, log and warnings: three years and a month, so that a yearly job's estimate has three runs to go by."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Keeping":
        """The deployment file's section."""
        return cls(**(document.get("night_history") or {}))


@dataclass(frozen=True)
class Tidied:
    """The nights that were thinned, and those of which only the totals are left."""

    thinned: tuple[str, ...]
    cleared: tuple[str, ...]


def tidy_nights(admin_dsn: str, keeping: Keeping, now: datetime) -> Tidied:
    """Thin and clear what is old enough, a night to a transaction: it may be cut off and run again."""
    with owner_connection(admin_dsn, PLATFORM_SCHEMA) as connection:
        to_clear = _keys(connection, _TO_CLEAR, now - timedelta(days=keeping.days))
        old = _keys(connection, _TO_THIN, now - timedelta(days=keeping.full_days))
    to_thin = [key for key in old if key not in to_clear]
    for night in to_thin:
        with owner_connection(admin_dsn, PLATFORM_SCHEMA) as connection:
            connection.execute(_THIN, {"night": night})
            connection.execute(_THINNED, {"night": night, "now": now})
    for night in to_clear:
        with owner_connection(admin_dsn, PLATFORM_SCHEMA) as connection:
            connection.execute(_TOTALS, {"night": night, "now": now.isoformat()})
            for statement in _CLEAR:
                connection.execute(statement, {"night": night})
    return Tidied(tuple(to_thin), tuple(to_clear))


def _keys(connection: Connection, statement: Any, before: datetime) -> list[str]:
    return [str(key) for key in connection.execute(statement, {"before": before}).scalars()]
