"""A clerk with every permission of every business, whatever roles the deployment has."""

import httpx
import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from tests.conftest import PASSWORD, log_in
from tests.welfare.families import settle
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    """A client that may do everything; it asks for screens."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    await save_account(database, config, "welfare", "児童 花子", "こども課", PASSWORD, ["welfare_clerk"])
    return await log_in(anonymous, config.code, "welfare")


@pytest_asyncio.fixture(loop_scope="session")
async def settled(database: Database, config: TenantConfig, clerk: httpx.AsyncClient) -> MovementResult:
    """The family, recorded."""
    async with database.write(config.tenant, SYSTEM) as session:
        return await settle(session)
