"""A man at his address, a protected woman with a child elsewhere, clerks of two sections, and a worker that works at once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest
import pytest_asyncio

from tests.conftest import PASSWORD, log_in
from tests.resident.test_protection import base, protect, supervisor
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.extraction.launcher import Launcher
from yoriai.extraction.worker import Worker
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

__all__ = ["base", "protect", "supervisor"]
LogIn = Callable[..., Awaitable[httpx.AsyncClient]]


@pytest.fixture
def worker(bulk: BulkDatabase, settings: Settings, config: TenantConfig) -> Worker:
    """The worker of the municipality."""
    return Worker(bulk, settings.sealer, config, now)


@pytest_asyncio.fixture(loop_scope="session")
async def log_in_as(
    settings: Settings, database: Database, config: TenantConfig, worker: Worker
) -> AsyncIterator[LogIn]:
    """Log in somebody new with these roles, in that section; what they ask for is made by the time `settle` returns."""
    app = create_app(settings)

    async def drain(_code: str) -> None:
        await asyncio.to_thread(worker.drain)

    app.state.launcher = Launcher(drain)
    clients: list[httpx.AsyncClient] = []

    async def enter(
        login: str, *roles: str, section: str = "市民課", place: TenantConfig = config
    ) -> httpx.AsyncClient:
        await save_account(database, place, login, f"職員 {login}", section, PASSWORD, list(roles))
        client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test")
        clients.append(client)
        client.settle = app.state.launcher.settle  # type: ignore[attr-defined]
        return await log_in(client, place.code, login)

    yield enter
    await app.state.launcher.settle()
    for client in clients:
        await client.aclose()
    await app.state.gate.database.close()
