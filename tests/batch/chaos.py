"""An installation of its own, struck at random instants: workers, supervisor and PostgreSQL killed, stopped and woken."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import psycopg

from batch.night import NightRequest
from batch.queue import QueueLink, enqueue_night, get_night, list_jobs, open_night
from batch.run import prepare_plan
from tests.batch import toy
from tests.batch.nights import snapshot
from yoriai import registry
from yoriai.clock import now
from yoriai.database.bootstrap import bootstrap
from yoriai.database.migrate import owner_connection
from yoriai.server import EmbeddedServer
from yoriai.settings import ROOT
from yoriai.tenancy.apply import apply, plan
from yoriai.tenancy.files import read_tenants
from yoriai.tenancy.ref import TenantRef

LEASE_SECONDS = 2
WORKERS = 2
CHUNK_MS = 120
"""Slow enough that most strikes hit in mid-chunk."""
TABLES = ("toy_double", "toy_total", "job_chunk", "job_run")
TENANTS = (TenantRef("342157"), TenantRef("343684"))
_NIGHT_SECONDS = 240
_REQUEST = NightRequest(toy.DAY, {"cpu": 2, "io": 4, "connections": 16}, ("20:00", "32:30"), now())


@dataclass
class Place:
    """A durable server with two municipalities and the toy business, and what keeps its workers running."""

    server: EmbeddedServer
    admin_dsn: str
    app_dsn: str
    keeper: "Keeper"

    def empty(self) -> None:
        """Nothing has run yet."""
        for ref in TENANTS:
            with owner_connection(self.admin_dsn, ref.schema) as connection:
                connection.exec_driver_sql(f"TRUNCATE {', '.join(TABLES)} CASCADE")

    def rows(self) -> dict[str, list[tuple[object, ...]]]:
        """All that the night has written."""
        return snapshot(TABLES, self.admin_dsn, TENANTS)

    def start_night(self) -> str:
        """Plan and open a night; the workers find it."""
        night = prepare_plan(self.app_dsn, toy.CATALOGUE, replace(_REQUEST, now=now()))
        link = QueueLink(self.app_dsn)
        with link.transaction() as connection:
            key = enqueue_night(connection, night.night_row(), night.job_rows(), rerun=True)
            # An innocent job may be struck more often than a poisonous one is forgiven; that guard has a test of its own.
            connection.execute("UPDATE batch_job SET max_attempts = 1000 WHERE night_key = %s", (key,))
            open_night(connection, key, actor="chaos")
        link.close()
        return key

    def has_ended(self, night_key: str) -> bool:
        """Whether the night is over; false while the database is away."""
        try:
            with psycopg.connect(self.admin_dsn, connect_timeout=2) as connection:
                connection.execute("SET search_path TO yoriai")
                return bool(get_night(connection, night_key)["status"] == "ended")
        except psycopg.OperationalError:
            return False

    def statuses(self, night_key: str) -> list[str]:
        """How the jobs ended."""
        with psycopg.connect(self.admin_dsn) as connection:
            connection.execute("SET search_path TO yoriai")
            return [job["status"] for job in list_jobs(connection, night_key)]


class Keeper:
    """What the operating system's service manager does: starts the supervisor again when it has died."""

    def __init__(self, dsn: str) -> None:
        self._command = [sys.executable, "-m", "tests.batch.toy_process", str(LEASE_SECONDS), str(WORKERS)]
        self._environment = {**os.environ, "YORIAI_DSN": dsn, "TOY_CHUNK_MS": str(CHUNK_MS)}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep)
        self.supervisor = self._start()

    def __enter__(self) -> "Keeper":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        family = self.workers()
        self.supervisor.terminate()
        self.supervisor.wait(60)
        for process in psutil.wait_procs(family, timeout=10)[1]:
            process.kill()

    def workers(self) -> list[psutil.Process]:
        """Every worker process there is, orphans of a killed supervisor too."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words = process.info["cmdline"] or []
            if "tests.batch.toy_process" in words and words[-1] == "kept":
                found.append(process)
        return found

    def _keep(self) -> None:
        while not self._stop.wait(0.2):
            if self.supervisor.poll() is not None:
                self.supervisor = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, cwd=ROOT, env=self._environment, stderr=subprocess.DEVNULL)


@contextmanager
def chaos_place() -> Iterator[Place]:
    """A server of its own, crash-safe, for it will crash."""
    folder = Path(tempfile.mkdtemp(prefix="yoriai-chaos-", dir="/tmp"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "postgres")
    try:
        server.start()
        admin, app = bootstrap(server.dsn(), "yoriai_chaos")
        migrator = registry.migrator(admin)
        migrator.upgrade_platform()
        configs = [config for config in read_tenants(ROOT / "tenants") if config.tenant in TENANTS]
        apply(migrator, app, plan(admin, configs))
        for ref in TENANTS:
            with owner_connection(admin, ref.schema) as connection:
                for statement in toy.SETUP:
                    connection.exec_driver_sql(statement)
                connection.exec_driver_sql(f"GRANT ALL ON toy_number, toy_double, toy_total TO {ref.role}")
        with Keeper(app) as keeper:
            yield Place(server, admin, app, keeper)
    finally:
        server.remove()
        shutil.rmtree(folder, ignore_errors=True)


def run_undisturbed(place: Place) -> dict[str, list[tuple[object, ...]]]:
    """A night nobody touches: what every other one must have written."""
    place.empty()
    _wait(place, place.start_night(), lambda: time.sleep(0.1))
    return place.rows()


def run_disturbed(place: Place, dice: random.Random, strikes: int) -> tuple[list[str], list[str]]:
    """A night with so many strikes at random instants; the statuses its jobs ended with, and what struck."""
    place.empty()
    night_key = place.start_night()
    struck: list[str] = []

    def strike() -> None:
        time.sleep(dice.uniform(0.02, 0.4))
        if len(struck) < strikes:
            name = dice.choices(list(FATES), weights=[weight for weight, _ in FATES.values()])[0]
            FATES[name][1](place, dice)
            struck.append(name)

    _wait(place, night_key, strike)
    return place.statuses(night_key), struck


def _wait(place: Place, night_key: str, meanwhile: Callable[[], None]) -> None:
    until = time.monotonic() + _NIGHT_SECONDS
    while not place.has_ended(night_key):
        assert time.monotonic() < until, f"the night did not end: {place.statuses(night_key)}"
        meanwhile()


def _signal_worker(place: Place, dice: random.Random, number: signal.Signals) -> psutil.Process | None:
    workers = place.keeper.workers()
    if not workers:
        return None
    worker = dice.choice(workers)
    with suppress(psutil.NoSuchProcess):
        worker.send_signal(number)
    return worker


def _kill_worker(place: Place, dice: random.Random) -> None:
    _signal_worker(place, dice, signal.SIGKILL)


def _ask_worker_to_stop(place: Place, dice: random.Random) -> None:
    _signal_worker(place, dice, signal.SIGTERM)


def _freeze_worker(place: Place, dice: random.Random) -> None:
    """Presumed dead, and awake again when another has its job."""
    worker = _signal_worker(place, dice, signal.SIGSTOP)
    if worker:
        time.sleep(LEASE_SECONDS * dice.uniform(0.5, 1.8))
        with suppress(psutil.NoSuchProcess):
            worker.send_signal(signal.SIGCONT)


def _kill_supervisor(place: Place, _dice: random.Random) -> None:
    place.keeper.supervisor.kill()


def _kill_database(place: Place, dice: random.Random) -> None:
    place.server.kill()
    time.sleep(dice.uniform(0, 0.5))
    place.server.start()


FATES: dict[str, tuple[int, Callable[[Place, random.Random], None]]] = {
    "kill -9 worker": (5, _kill_worker),
    "kill -9 supervisor": (2, _kill_supervisor),
    "kill -9 PostgreSQL": (2, _kill_database),
    "freeze worker": (1, _freeze_worker),
    "SIGTERM worker": (1, _ask_worker_to_stop),
}
