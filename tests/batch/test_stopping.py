"""強制終了, 打切 and time-outs really stop the work: a statement that would run for minutes, a computation that never ends."""

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta

import pytest

from batch.queue import QueueLink, find_night, list_jobs
from batch.queue.acts import act_on_job
from batch.states import Act
from batch.stopping import STUCK_EXIT
from batch.worker import Worker, WorkerOptions
from tests.batch import toy
from tests.batch.nights import OPERATOR, Queue, make_job
from yoriai.clock import now
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

pytestmark = pytest.mark.night
SLOW = {"job_name": "toy.slow", "label": "遅いジョブ"}


@contextmanager
def _working(dsn: str, configs: dict[str, TenantConfig]) -> Iterator[Worker]:
    options = WorkerOptions(name="w", poll_seconds=0.05, lease_seconds=3, until_settled=True)
    worker = Worker(dsn, toy.CATALOGUE, lambda tenant: configs[tenant.code], options)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(30)
        assert not thread.is_alive(), "the worker did not come back: the statement was not stopped"


def _until(link: QueueLink, status: str) -> dict[str, object]:
    for _ in range(200):
        with link.transaction() as connection:
            (job,) = list_jobs(connection, find_night(connection) or "")
        if job["status"] == status:
            return job
        time.sleep(0.05)
    raise AssertionError(f"never {status}: {job}")


def _statements(link: QueueLink) -> int:
    with link.transaction() as connection:
        query = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%toy_sleep%' AND pid <> pg_backend_pid()"
        row = connection.execute(f"{query} AND state = 'active'").fetchone()
    assert row is not None
    return int(row[0])


@pytest.fixture
def configs(toy_tenants: Sequence[TenantRef], toy_configs: list[TenantConfig]) -> dict[str, TenantConfig]:
    return {config.code: config for config in toy_configs}


def test_a_kill_ends_the_statement_that_runs(
    dsn: str, link: QueueLink, queue: Queue, configs: dict[str, TenantConfig]
) -> None:
    queue.open(make_job("x", **SLOW))
    with _working(dsn, configs):
        job = _until(link, "running")
        for _ in range(100):
            if _statements(link):
                break
            time.sleep(0.05)
        with link.transaction() as connection:
            act_on_job(connection, int(str(job["id"])), Act.KILL, by=OPERATOR, reason="暴走")
        for _ in range(100):
            if not _statements(link):
                break
            time.sleep(0.1)
        assert _statements(link) == 0
    assert queue.statuses() == {"toy.slow": "killed"}


def test_the_cut_off_ends_it_too(dsn: str, link: QueueLink, queue: Queue, configs: dict[str, TenantConfig]) -> None:
    queue.open(make_job("x", **SLOW, deadline_at=now() + timedelta(seconds=2)))
    with _working(dsn, configs):
        _until(link, "cutoff")
        for _ in range(100):
            if not _statements(link):
                break
            time.sleep(0.1)
        assert _statements(link) == 0


def test_a_statement_over_its_time_fails_the_job_with_words(
    dsn: str, link: QueueLink, queue: Queue, configs: dict[str, TenantConfig]
) -> None:
    queue.open(make_job("x", **SLOW, timeout_seconds=1))
    with _working(dsn, configs):
        job = _until(link, "failed")
    assert "時間" in str(job["message"])


def test_a_computation_that_never_ends_costs_its_worker_and_nobody_else(
    dsn: str, link: QueueLink, queue: Queue, configs: dict[str, TenantConfig], monkeypatch: pytest.MonkeyPatch
) -> None:
    queue.open(make_job("x", job_name="toy.spin", label="終わらない計算"))
    monkeypatch.setenv("YORIAI_DSN", dsn)
    process = subprocess.Popen([sys.executable, "-m", "tests.batch.toy_process", "3"])
    try:
        job = _until(link, "running")
        while job["chunks_total"] is None:
            time.sleep(0.05)
            job = _until(link, "running")
        with link.transaction() as connection:
            act_on_job(connection, int(str(job["id"])), Act.KILL, by=OPERATOR, reason="暴走")
        assert process.wait(30) == STUCK_EXIT
    finally:
        process.kill()
        process.wait()
    assert queue.statuses() == {"toy.spin": "killed"}
