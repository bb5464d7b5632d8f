"""Which workers there are: each reports what it runs and uses."""

import os
import socket
from dataclasses import dataclass

from psycopg import Connection

_REPORT = """
INSERT INTO batch_worker (name, host, pid, job_id, cpu_millicores, io_kilobytes, memory_kilobytes)
VALUES (%(name)s, %(host)s, %(pid)s, %(job_id)s, %(cpu)s, %(io)s, %(memory)s)
ON CONFLICT (name) DO UPDATE SET seen_at = clock_timestamp(), job_id = excluded.job_id, pid = excluded.pid,
  cpu_millicores = excluded.cpu_millicores, io_kilobytes = excluded.io_kilobytes,
  memory_kilobytes = excluded.memory_kilobytes
"""
_FORGET = "DELETE FROM batch_worker WHERE name = %s"


@dataclass(frozen=True)
class ProcessUse:
    """What processes use: thousandths of a processor, kilobytes read and written per second, kilobytes of memory."""

    cpu_millicores: int = 0
    io_kilobytes: int = 0
    memory_kilobytes: int = 0


def report_worker(connection: Connection, name: str, job_id: int | None, use: ProcessUse) -> None:
    """Say that the worker lives, what it runs (None: nothing) and what it uses."""
    values = {
        "name": name,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "job_id": job_id,
        "cpu": use.cpu_millicores,
        "io": use.io_kilobytes,
        "memory": use.memory_kilobytes,
    }
    connection.execute(_REPORT, values)


def forget_worker(connection: Connection, name: str) -> None:
    """Take a worker that ends off the list."""
    connection.execute(_FORGET, (name,))
