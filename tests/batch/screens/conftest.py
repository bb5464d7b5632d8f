"""A night in which something has gone wrong, and people of the centre who look at it."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio

from tests.batch.nights import Queue, make_job
from tests.conftest import OTHER, PASSWORD, log_in
from yoriai.clock import now
from yoriai.commands.staff import save_account, save_operator
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

CENTER = read_deployment(ROOT / "tenants").center
HTML = {"accept": "text/html"}


@dataclass(frozen=True)
class BadNight:
    """A running night: `failed` stands in the way of `after` and `print`; `done` and `warned` ended; `run` runs."""

    key: str
    ids: dict[str, int]


@pytest.fixture
def bad_night(queue: Queue) -> BadNight:
    """The night, with a job of another municipality in it."""
    return open_bad_night(queue)


def open_bad_night(queue: Queue) -> BadNight:
    """Make the night."""
    soon = now() + timedelta(hours=2)
    key = queue.open(
        make_job("done"),
        make_job("failed", "done"),
        make_job("after", "failed", start_by=now() - timedelta(minutes=1)),
        make_job("print", "after", net="printing"),
        make_job("warned"),
        make_job("run", cpu=2),
        make_job("timed", not_before=soon, planned_start=soon, planned_end=soon + timedelta(seconds=9)),
        make_job("awaits", waits_for=("bank.file",)),
        make_job("late", "run", start_by=now() - timedelta(minutes=1)),
        make_job("theirs", municipality_code=OTHER),
    )
    ended = (
        "started_at = clock_timestamp() - interval '9 s', ended_at = clock_timestamp(), rows_in = 100, rows_out = 90"
    )
    queue.change(f"UPDATE batch_job SET status = 'succeeded', control_total = 500, {ended} WHERE job_name = 'done'")
    queue.change(f"UPDATE batch_job SET status = 'warned', rows_error = 10, {ended} WHERE job_name = 'warned'")
    queue.change(
        f"UPDATE batch_job SET status = 'failed', message = '表が壊れています', {ended} WHERE job_name = 'failed'"
    )
    queue.change("UPDATE batch_job SET status = 'running', started_at = clock_timestamp() WHERE job_name = 'run'")
    queue.change(
        "INSERT INTO batch_alert (night_key, kind, job_id, municipality_code, severity, message, affected)"
        " SELECT night_key, 'stopped', id, municipality_code, 'critical', '止まりました', 2"
        " FROM batch_job WHERE job_name = 'failed'"
    )
    with queue.link.transaction() as connection:
        ids = dict(connection.execute("SELECT job_name, id FROM batch_job").fetchall())
    return BadNight(key, ids)


Login = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest_asyncio.fixture(loop_scope="session")
async def operators(settings: Settings, database: Database) -> AsyncIterator[Login]:
    """Gives a client logged in to the centre as somebody with that role; the login is the role's name unless given."""
    app = create_app(settings)
    clients: list[httpx.AsyncClient] = []

    async def client_of(role: str, login: str = "") -> httpx.AsyncClient:
        await save_operator(database, CENTER, login or role, "運用 太郎", "運用室", PASSWORD, [role])
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        clients.append(client)
        return await log_in(client, "center", login or role)

    yield client_of
    for client in clients:
        await client.aclose()
    await app.state.gate.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def viewer(anonymous: httpx.AsyncClient, database: Database, config: TenantConfig) -> httpx.AsyncClient:
    """Somebody of the municipality's own 情報政策課."""
    await save_account(database, config, "viewer", "情報 一郎", "情報政策課", PASSWORD, ["batch_viewer"])
    return await log_in(anonymous, config.code, "viewer")
