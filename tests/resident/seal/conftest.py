"""The family of the register's tests, recorded for good: jobs and screens see committed data only."""

import httpx
import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from tests.conftest import PASSWORD, log_in
from tests.resident.people import CHILD, FATHER, MOTHER, add_town, record_move_in
from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest_asyncio.fixture(loop_scope="session")
async def settled(database: Database, tenant: TenantRef) -> MovementResult:
    """Father, mother and child."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        return await record_move_in(session, FATHER, MOTHER, CHILD)


@pytest_asyncio.fixture(loop_scope="session")
async def clerk(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> httpx.AsyncClient:
    """A client that may do everything."""
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    await save_account(database, config, "seals", "印鑑 花子", "市民課", PASSWORD, ["resident_clerk"])
    return await log_in(anonymous, config.code, "seals")
