"""A night over two municipalities with real worker processes, disturbed at random: nothing is doubled, nothing lost."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import psutil
import psycopg
import pytest

from batch.night import NightRequest
from batch.progress import LineView
from batch.run import RunOptions, prepare_plan, run_night
from tests.batch import toy
from tests.batch.nights import snapshot
from tests.conftest import Installation
from yoriai.clock import now
from yoriai.errors import Conflict
from yoriai.tenancy.ref import TenantRef

LEASE = "2"
OPTIONS = RunOptions(workers=2, command=(sys.executable, "-m", "tests.batch.toy_process", LEASE))
REQUEST = NightRequest(toy.DAY, {"cpu": 2, "io": 4, "connections": 16}, ("20:00", "32:30"), now())
TABLES = ("toy_double", "toy_total", "job_chunk", "job_run")

pytestmark = pytest.mark.night


def _run(dsn: str, request: NightRequest = REQUEST, options: RunOptions = OPTIONS) -> dict[str, Any]:
    plan = prepare_plan(dsn, toy.CATALOGUE, replace(request, now=now()))
    return run_night(dsn, plan, options, LineView({}))


def test_a_night_runs_to_its_end_within_its_capacity(dsn: str, toy_tenants: Sequence[TenantRef]) -> None:
    summary = _run(dsn)
    assert summary["ok"]
    assert summary["jobs"] == {"succeeded": 8}
    assert summary["measured"]["reserved_peak"]["cpu"] <= 2
    assert summary["measured"]["samples"] > 0
    assert summary["planned"]["unstaggered_peak"]["cpu"] == 4
    with pytest.raises(Conflict, match="実行済み"):
        _run(dsn)


def test_the_night_survives_its_workers_and_its_database(
    dsn: str, installation: Installation, toy_tenants: Sequence[TenantRef]
) -> None:
    _run(dsn)
    undisturbed = snapshot(TABLES, installation.admin_dsn, toy_tenants)
    _empty_results(installation, toy_tenants)
    fates: list[Callable[[], None]] = [
        lambda: _strike_worker(installation, signal.SIGKILL),
        lambda: _cut_connections(installation),
        lambda: _strike_worker(installation, signal.SIGTERM),
        lambda: _strike_worker(installation, signal.SIGKILL),
    ]
    with _Disturbance(fates):
        summary = _run(dsn, options=replace(OPTIONS, is_rerun=True))
    assert summary["jobs"] == {"succeeded": 8}
    assert snapshot(TABLES, installation.admin_dsn, toy_tenants) == undisturbed


def test_a_failure_stays_with_its_municipality(
    dsn: str, installation: Installation, toy_tenants: Sequence[TenantRef]
) -> None:
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.execute("DROP TABLE t_343684.toy_total")
    summary = _run(dsn)
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.execute("CREATE TABLE t_343684.toy_total ()")
    assert not summary["ok"]
    assert summary["jobs"] == {"succeeded": 7, "failed": 1}
    (problem,) = summary["problems"]
    assert (problem["municipality_code"], problem["job_name"], problem["attempts"]) == ("343684", "toy.total", 1)


class _Disturbance:
    """Lets one fate after another strike at half-second intervals once jobs run."""

    def __init__(self, fates: Sequence[Callable[[], None]]) -> None:
        self._fates = fates
        self._thread = threading.Thread(target=self._strike)
        self.struck = 0

    def __enter__(self) -> "_Disturbance":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()
        assert self.struck == len(self._fates)

    def _strike(self) -> None:
        for fate in self._fates:
            fate()
            self.struck += 1
            time.sleep(0.5)


def _strike_worker(installation: Installation, number: signal.Signals) -> None:
    """Signal the process of a running job: in mid-chunk more often than not."""
    query = "SELECT worker FROM yoriai.batch_job WHERE status = 'running' ORDER BY started_at"
    with psycopg.connect(installation.admin_dsn, autocommit=True) as connection:
        pids: list[int] = []
        while not pids:
            time.sleep(0.15)
            named = [int(row[0].rpartition(":")[2]) for row in connection.execute(query)]
            pids = [pid for pid in named if psutil.pid_exists(pid)]
    os.kill(pids[0], number)


def _cut_connections(installation: Installation) -> None:
    """What a restart of PostgreSQL does to its clients: every connection of the application ends."""
    with psycopg.connect(installation.superuser_dsn) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'yoriai_app' AND datname = %s",
            (psycopg.conninfo.conninfo_to_dict(installation.app_dsn)["dbname"],),
        )


def _empty_results(installation: Installation, tenants: Sequence[TenantRef]) -> None:
    with psycopg.connect(installation.admin_dsn) as connection:
        for ref in tenants:
            for table in TABLES:
                connection.execute(f"TRUNCATE {ref.schema}.{table} CASCADE")
