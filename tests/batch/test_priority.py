"""The batch takes the processor time that the counters leave: its processes and those that the server runs for it."""

import os
import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest

from batch.queue import QueueLink
from yoriai.priority import yield_backend, yield_processor, yield_vacuum


@pytest.fixture
def sleeper() -> Iterator[int]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    yield process.pid
    process.kill()
    process.wait()


def test_a_worker_waits_for_everybody_else(sleeper: int) -> None:
    yield_processor(sleeper)
    assert os.sched_getscheduler(sleeper) == os.SCHED_IDLE


def test_only_the_application_s_server_process_is_touched(sleeper: int, dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        yield_vacuum(connection.info.backend_pid)
        assert os.sched_getscheduler(connection.info.backend_pid) == os.SCHED_OTHER
        yield_backend(connection.info.backend_pid)
        assert os.sched_getscheduler(connection.info.backend_pid) == os.SCHED_IDLE
    yield_backend(sleeper)
    assert os.sched_getscheduler(sleeper) == os.SCHED_OTHER


def test_the_queue_waits_for_the_counters_too(link: QueueLink) -> None:
    with link.transaction() as connection:
        assert os.sched_getscheduler(connection.info.backend_pid) == os.SCHED_IDLE


def test_a_statement_is_answered_by_one_process(link: QueueLink) -> None:
    with link.transaction() as connection:
        row = connection.execute("SELECT current_setting('max_parallel_workers_per_gather')").fetchone()
    assert row == ("0",)
