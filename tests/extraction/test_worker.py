"""Runs in the background: beside the counters, resumed when a worker dies, never by two, removed when their days are over."""

import asyncio
import os
from contextlib import suppress
from datetime import datetime, timedelta

import psutil
import pytest

from tests.extraction.conftest import LogIn
from tests.extraction.lists import composed, run, table
from tests.resident.people import FATHER, record_move_in
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.extraction import worker as module
from yoriai.extraction.launcher import Launcher, in_process_of_its_own
from yoriai.extraction.lease import LEASE
from yoriai.extraction.worker import MAX_ATTEMPTS, Superseded, Worker
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest.fixture
def at(tenant: TenantRef) -> str:
    """Where the extraction's addresses begin."""
    return f"/{tenant}/extraction"


async def test_a_list_longer_than_a_frame_is_whole_and_tells_its_progress_com_011(
    log_in_as: LogIn, base: str, at: str, monkeypatch: pytest.MonkeyPatch, database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        for place in range(4):
            await record_move_in(
                session, {**FATHER, "name": f"試験　{'甲乙丙丁'[place]}", "birth_date": f"198{place}-01-01"}
            )
    told: list[tuple[int, int]] = []
    tell = Worker._record

    def record(self, run_, frame, fresh, done, masked, people):
        told.append((frame.height, done))
        tell(self, run_, frame, fresh, done, masked, people)

    monkeypatch.setattr(module, "ROWS", 3)
    monkeypatch.setattr(Worker, "_record", record)
    clerk = await log_in_as("ichi", "resident_clerk")
    rows = await table(clerk, at, composed("addressee_no"))
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4", "5", "6", "7"]
    assert told == [(3, 3), (3, 6), (1, 7)]


async def test_the_worker_is_a_process_of_its_own_with_low_priority_com_011(
    log_in_as: LogIn, base: str, at: str, settings: Settings, tenant: TenantRef, database: Database
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    asked = await _waiting(clerk, at, database, tenant)
    seen: list[int] = []

    async def watch() -> None:
        while not seen:
            seen.extend(_workers())
            await asyncio.sleep(0.02)

    launcher = Launcher(in_process_of_its_own(settings))
    launcher.wake(tenant.code)
    watcher = asyncio.create_task(watch())
    await launcher.settle()
    watcher.cancel()
    page = (await clerk.get(f"{at}/runs/{asked}")).json()["run"]
    assert (page["status"], page["rows_done"]) == ("done", 3)
    assert seen
    assert seen[0] != os.getpid()


async def test_a_dead_workers_run_is_taken_up_again_and_a_living_ones_is_not(
    log_in_as: LogIn,
    base: str,
    at: str,
    bulk: BulkDatabase,
    settings: Settings,
    config: TenantConfig,
    database: Database,
    tenant: TenantRef,
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    number = await _waiting(clerk, at, database, tenant)
    first = Worker(bulk, settings.sealer, config, now)
    held = first._claim()
    assert held is not None
    assert first._claim() is None
    later = Worker(bulk, settings.sealer, config, lambda: now() + LEASE + timedelta(seconds=1))
    assert later.drain() == 1
    page = (await clerk.get(f"{at}/runs/{number}")).json()["run"]
    assert (page["status"], page["rows_done"]) == ("done", 3)
    with pytest.raises(Superseded):
        first._make(held)


async def test_a_run_that_stops_too_often_is_given_up(
    log_in_as: LogIn,
    base: str,
    at: str,
    bulk: BulkDatabase,
    settings: Settings,
    config: TenantConfig,
    database: Database,
    tenant: TenantRef,
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    number = await _waiting(clerk, at, database, tenant)
    for attempt in range(MAX_ATTEMPTS + 1):
        moment = now() + (LEASE + timedelta(seconds=1)) * attempt
        Worker(bulk, settings.sealer, config, lambda moment=moment: moment)._claim()
    page = (await clerk.get(f"{at}/runs/{number}")).json()["run"]
    assert page["status"] == "failed"
    assert "途中で止まる" in page["error"]


async def test_a_file_is_removed_when_its_days_are_over(
    log_in_as: LogIn,
    base: str,
    at: str,
    bulk: BulkDatabase,
    settings: Settings,
    config: TenantConfig,
    database: Database,
    tenant: TenantRef,
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    made = await run(clerk, at, composed("name"))
    until = datetime.fromisoformat(made["expires_at"])
    Worker(bulk, settings.sealer, config, lambda: until).drain()
    assert (await clerk.get(f"{at}/runs/{made['run_no']}")).json()["run"]["status"] == "expired"
    assert (await clerk.post(f"{at}/runs/{made['run_no']}/file", json={})).status_code == 409
    async with database.read(tenant, SYSTEM) as session:
        assert await session.fetchval("SELECT count(*) FROM extraction_part") == 0


async def test_a_file_is_for_who_asked_for_it(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    mate = await log_in_as("ni", "resident_clerk")
    made = await run(clerk, at, composed("name"))
    assert (await mate.post(f"{at}/runs/{made['run_no']}/file", json={})).status_code == 403
    assert (await mate.get(f"{at}/runs/{made['run_no']}")).status_code == 404
    assert (await mate.post(f"{at}/runs/{made['run_no']}/cancel", json={})).status_code == 403


async def test_a_cancelled_run_gives_no_file(
    log_in_as: LogIn,
    base: str,
    at: str,
    bulk: BulkDatabase,
    settings: Settings,
    config: TenantConfig,
    database: Database,
    tenant: TenantRef,
) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    number = await _waiting(clerk, at, database, tenant)
    worker = Worker(bulk, settings.sealer, config, now)
    held = worker._claim()
    assert held is not None
    assert (await clerk.post(f"{at}/runs/{number}/cancel", json={})).status_code == 200
    with pytest.raises(Superseded):
        worker._make(held)
    async with database.read(tenant, SYSTEM) as session:
        assert await session.fetchval("SELECT count(*) FROM extraction_part") == 0


async def test_a_purpose_is_needed(log_in_as: LogIn, base: str, at: str) -> None:
    clerk = await log_in_as("ichi", "resident_clerk")
    answer = await clerk.post(f"{at}/runs", json=composed("name", purpose=" "))
    assert [error["field"] for error in answer.json()["errors"]] == ["purpose"]


def _workers() -> list[int]:
    """The processes of workers that leave the processor to the counters."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        with suppress(ProcessLookupError):
            is_worker = "yoriai.extraction.work" in (process.info["cmdline"] or ())
            if is_worker and os.sched_getscheduler(process.pid) == os.SCHED_IDLE:
                found.append(process.pid)
    return found


async def _waiting(clerk, at: str, database: Database, tenant: TenantRef) -> int:
    """A run that nobody has taken up."""
    made = await run(clerk, at, composed("name"))
    async with database.write(tenant, SYSTEM) as session:
        await session.fetch("DELETE FROM extraction_part RETURNING run_no")
        await session.fetch("UPDATE extraction_run SET status = 'waiting', attempt = 0, rows_done = 0 RETURNING run_no")
    number: int = made["run_no"]
    return number
