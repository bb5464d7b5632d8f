"""What a night really uses: reserved units exactly, from the log; processors of workers and database, sampled."""

import logging
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import psutil
import psycopg
from psycopg import Connection

from batch.queue import QueueLink

_log = logging.getLogger(__name__)
_BACKENDS = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
_SAMPLE = """
INSERT INTO batch_use (night_key, at, running, reserved_cpu, reserved_io, reserved_connections, worker_cpu_millicores,
  database_cpu_millicores, database_connections)
SELECT %(night_key)s, clock_timestamp(), count(*), coalesce(sum(cpu), 0), coalesce(sum(io), 0),
  coalesce(sum(connections), 0), %(worker)s, %(database)s, %(backends)s
FROM batch_job WHERE night_key = %(night_key)s AND status = 'running'
"""
# Every claim takes the job's units, every later event of the same job that leaves "running" gives them back.
_RESERVED_PEAK = """
WITH move AS (
  SELECT e.at, e.id, CASE WHEN e.to_status = 'running' THEN 1 ELSE -1 END AS sign, j.cpu, j.io, j.connections
  FROM batch_event e JOIN batch_job j ON j.id = e.job_id
  WHERE e.night_key = %s AND (e.to_status = 'running') <> (e.from_status = 'running')
), level AS (
  SELECT sum(sign * cpu) OVER stream AS cpu, sum(sign * io) OVER stream AS io,
    sum(sign * connections) OVER stream AS connections, sum(sign) OVER stream AS running
  FROM move WINDOW stream AS (ORDER BY at, id)
)
SELECT coalesce(max(cpu), 0), coalesce(max(io), 0), coalesce(max(connections), 0), coalesce(max(running), 0) FROM level
"""
_SAMPLED_PEAK = """
SELECT max(worker_cpu_millicores), max(database_cpu_millicores), max(worker_cpu_millicores + database_cpu_millicores),
  max(database_connections), count(*)
FROM batch_use WHERE night_key = %s
"""


@dataclass(frozen=True)
class UseTarget:
    """Which night to sample and how to learn the process ids of its workers on this machine."""

    night_key: str
    pids: Callable[[], Iterable[int]]


class UseSampler:
    """A thread that stores a sample every `seconds`. The database's processors count where it runs on this machine."""

    def __init__(self, dsn: str, target: UseTarget, *, seconds: float = 0.25) -> None:
        self._link = QueueLink(dsn)
        self._target = target
        self._seconds = seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample_on, name="batch-use", daemon=True)
        self._spent: dict[int, float] = {}

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._link.close()

    def _sample_on(self) -> None:
        last = time.monotonic()
        while not self._stop.wait(self._seconds):
            try:
                with self._link.transaction() as connection:
                    current = time.monotonic()
                    self._store(connection, current - last)
                    last = current
            except psycopg.OperationalError as error:
                _log.warning("no sample: %s", error)

    def _store(self, connection: Connection, seconds: float) -> None:
        backends = [row[0] for row in connection.execute(_BACKENDS)]
        values = {
            "night_key": self._target.night_key,
            "worker": self._millicores(self._target.pids(), seconds),
            "database": self._millicores(backends, seconds),
            "backends": len(backends),
        }
        connection.execute(_SAMPLE, values)

    def _millicores(self, pids: Iterable[int], seconds: float) -> int:
        spent = 0.0
        for pid in pids:
            now = _cpu_seconds(pid)
            if now is not None:
                spent += max(now - self._spent.get(pid, now), 0)
                self._spent[pid] = now
        return round(spent / seconds * 1000)


def measured_use(connection: Connection, night_key: str) -> dict[str, Any]:
    """The measured peaks of a night: reserved units, and sampled processors in thousandths of a core."""
    reserved = connection.execute(_RESERVED_PEAK, (night_key,)).fetchone() or (0, 0, 0, 0)
    sampled = connection.execute(_SAMPLED_PEAK, (night_key,)).fetchone() or (0, 0, 0, 0, 0)
    return {
        "reserved_peak": dict(zip(("cpu", "io", "connections"), map(int, reserved[:3]), strict=True)),
        "running_peak": int(reserved[3]),
        "worker_cpu_millicores_peak": sampled[0],
        "database_cpu_millicores_peak": sampled[1],
        "cpu_millicores_peak": sampled[2],
        "database_connections_peak": sampled[3],
        "samples": sampled[4],
    }


def _cpu_seconds(pid: int) -> float | None:
    try:
        times = psutil.Process(pid).cpu_times()
    except psutil.Error:
        return None
    return times.user + times.system
