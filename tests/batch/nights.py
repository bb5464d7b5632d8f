"""Small nights for the queue's tests."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from batch.queue import JobRow, NightRow, QueueLink, enqueue_night, open_night
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.database.migrate import owner_connection
from yoriai.tenancy.ref import TenantRef

BUSINESS_DATE = date(2026, 6, 1)
OPERATOR = Principal("operator", "運用 太郎")


class Queue:
    """Makes small nights."""

    def __init__(self, link: QueueLink) -> None:
        self.link = link

    def open(
        self, *jobs: JobRow, cpu: int = 4, staggered: bool = True, limit_ms: int | None = None, **options: object
    ) -> str:
        """Enqueue the jobs and open the night."""
        night = NightRow(
            business_date=BUSINESS_DATE,
            is_staggered=staggered,
            capacity={"cpu": cpu, "io": 100, "connections": 100},
            origin=now(),
            plan={},
            counter_limit_ms=limit_ms,
            **options,
        )
        with self.link.transaction() as connection:
            night_key = enqueue_night(connection, night, jobs, rerun=True)
            open_night(connection, night_key, actor="test")
        return night_key

    def job_id(self, name: str) -> int:
        """The number of a job."""
        with self.link.transaction() as connection:
            row = connection.execute("SELECT id FROM batch_job WHERE job_name = %s", (name,)).fetchone()
        assert row is not None
        return int(row[0])

    def one(self, sql: str, *arguments: object) -> tuple[object, ...]:
        """The one row of a query."""
        with self.link.transaction() as connection:
            row = connection.execute(sql.encode(), arguments).fetchone()
        assert row is not None
        return tuple(row)

    def statuses(self) -> dict[str, str]:
        """The status of each job of all nights, by name."""
        with self.link.transaction() as connection:
            return dict(connection.execute("SELECT job_name, status FROM batch_job ORDER BY id").fetchall())

    def change(self, sql: str, *arguments: object) -> None:
        """Play fate."""
        with self.link.transaction() as connection:
            connection.execute(sql.encode(), arguments)


def make_job(name: str, *after: str, cpu: int = 1, start: int = 0, **options: object) -> JobRow:
    """A job of the test municipality, planned to start so many seconds from now."""
    moment: datetime = now() + timedelta(seconds=start)
    values = {
        "municipality_code": "342157",
        "net": "net",
        "job_name": name,
        "label": name,
        "priority": 3,
        "cpu": cpu,
        "io": 1,
        "connections": 1,
        "size": 1,
        "estimate_ms": 1000,
        "planned_start": moment,
        "planned_end": moment + timedelta(seconds=1),
        "not_before": now() - timedelta(seconds=1),
        "deadline_at": now() + timedelta(hours=8),
        "max_attempts": 3,
        "after": after,
    }
    return JobRow(**{**values, **options})


def snapshot(
    tables: Sequence[str], admin_dsn: str, tenants: Sequence[TenantRef]
) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the tables in every municipality, without run keys and workers."""
    result: dict[str, list[tuple[object, ...]]] = {}
    for ref in tenants:
        with owner_connection(admin_dsn, ref.schema) as connection:
            for table in tables:
                query = f"SELECT to_jsonb(x) - '{{run_key,worker,finished_at,fence,started_at}}'::text[] AS r FROM {table} x"
                rows = connection.exec_driver_sql(f"SELECT r::text FROM ({query}) AS y ORDER BY r::text")
                result[f"{ref.code}.{table}"] = [tuple(row) for row in rows]
    return result
