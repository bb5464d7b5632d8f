"""What a night really uses: reserved units exactly, from the log; processors and disks of workers and database, sampled."""

import time
from collections.abc import Sequence
from typing import Any

import psutil
from psycopg import Connection

from batch.queue.admission import counter_load
from batch.queue.workers import ProcessUse
from yoriai.priority import yield_vacuum

_BACKENDS = """
SELECT pid, usesysid IS NULL FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_SAMPLE = """
INSERT INTO batch_use (night_key, at, running, reserved_cpu, reserved_io, reserved_connections, reserved_print,
  worker_cpu_millicores, database_cpu_millicores, database_connections, io_kilobytes, counter_p95_us, pace)
SELECT %(night_key)s, clock_timestamp(), count(j.id), coalesce(sum(j.cpu), 0), coalesce(sum(j.io), 0),
  coalesce(sum(j.connections), 0), coalesce(sum(j.print), 0), w.cpu, %(database)s, %(backends)s, w.io + %(io)s, %(p95)s, %(pace)s
FROM (
  SELECT coalesce(sum(cpu_millicores), 0) AS cpu, coalesce(sum(io_kilobytes), 0) AS io
  FROM batch_worker WHERE job_id IS NOT NULL AND seen_at > clock_timestamp() - interval '3 seconds'
) w LEFT JOIN batch_job j ON j.night_key = %(night_key)s AND j.status = 'running' GROUP BY w.cpu, w.io
"""
# Every claim takes the job's units, every later event of the same job that leaves "running" gives them back.
_RESERVED_PEAK = """
WITH move AS (
  SELECT e.at, e.id, CASE WHEN e.to_status = 'running' THEN 1 ELSE -1 END AS sign, j.cpu, j.io, j.connections, j.print
  FROM batch_event e JOIN batch_job j ON j.id = e.job_id
  WHERE e.night_key = %s AND (e.to_status = 'running') <> (e.from_status = 'running')
), level AS (
  SELECT sum(sign * cpu) OVER stream AS cpu, sum(sign * io) OVER stream AS io,
    sum(sign * connections) OVER stream AS connections, sum(sign * print) OVER stream AS print, sum(sign) OVER stream AS running
  FROM move WINDOW stream AS (ORDER BY at, id)
)
SELECT coalesce(max(cpu), 0), coalesce(max(io), 0), coalesce(max(connections), 0), coalesce(max(print), 0),
  coalesce(max(running), 0) FROM level
"""
_SAMPLED_PEAK = """
SELECT max(worker_cpu_millicores), max(database_cpu_millicores), max(worker_cpu_millicores + database_cpu_millicores),
  max(database_connections), max(io_kilobytes), max(counter_p95_us), min(pace), count(*)
FROM batch_use WHERE night_key = %s
"""
_SAMPLED = (
    "worker_cpu_millicores_peak",
    "database_cpu_millicores_peak",
    "cpu_millicores_peak",
    "database_connections_peak",
    "io_kilobytes_peak",
    "counter_p95_us_peak",
    "pace_least",
    "samples",
)
_KILOBYTE = 1024


class ProcessMeter:
    """Use of processes of this machine between two readings. A process that cannot be looked into counts as nothing."""

    def __init__(self, pids: Sequence[int] = ()) -> None:
        self._spent: dict[int, tuple[float, int]] = {}
        self._read_at = time.monotonic()
        self.read(pids)
        self._own = list(pids)

    def read(self, pids: Sequence[int] | None = None) -> ProcessUse:
        """The use since the last reading, of these processes or of those it was made for."""
        moment = time.monotonic()
        seconds = max(moment - self._read_at, 0.001)
        self._read_at = moment
        spent, written, memory = 0.0, 0, 0
        for pid in self._own if pids is None else pids:
            current = _counters(pid)
            if current is None:
                continue
            cpu, size, resident = current
            before = self._spent.get(pid, (cpu, size))
            spent += max(cpu - before[0], 0)
            written += max(size - before[1], 0)
            memory += resident
            self._spent[pid] = (cpu, size)
        return ProcessUse(round(spent / seconds * 1000), round(written / seconds) // _KILOBYTE, memory // _KILOBYTE)


def sample_use(connection: Connection, night_key: str, meter: ProcessMeter, pace: int) -> None:
    """Store a sample of the night: reservations, what workers have reported, what the database burns if it is on this machine."""
    backends = []
    for pid, is_of_server in connection.execute(_BACKENDS):
        backends.append(pid)
        if is_of_server:
            yield_vacuum(pid)
    use = meter.read(backends)
    values = {
        "night_key": night_key,
        "database": use.cpu_millicores,
        "io": use.io_kilobytes,
        "backends": len(backends),
        "p95": counter_load(connection).slowest_us,
        "pace": pace,
    }
    connection.execute(_SAMPLE, values)


def measured_use(connection: Connection, night_key: str) -> dict[str, Any]:
    """The measured peaks of a night: reserved units, and sampled processors in thousandths of a core."""
    reserved = connection.execute(_RESERVED_PEAK, (night_key,)).fetchone() or (0, 0, 0, 0, 0)
    sampled = connection.execute(_SAMPLED_PEAK, (night_key,)).fetchone() or (None,) * len(_SAMPLED)
    return {
        "reserved_peak": dict(zip(("cpu", "io", "connections", "print"), map(int, reserved[:4]), strict=True)),
        "running_peak": int(reserved[4]),
        **dict(zip(_SAMPLED, sampled, strict=True)),
    }


def _counters(pid: int) -> tuple[float, int, int] | None:
    try:
        process = psutil.Process(pid)
        times, memory = process.cpu_times(), process.memory_info().rss
    except psutil.Error:
        return None
    try:
        io = process.io_counters()
        size = io.read_bytes + io.write_bytes
    except (psutil.Error, AttributeError):
        # Another user's process may be timed, but its disk use is not for everybody to see.
        size = 0
    return times.user + times.system, size, memory
