"""The protected family in every business, and the two who look: an ordinary clerk and the person in charge.

The family is made once for each file: each test protects it by `world.protection` and finds it open again afterwards.
"""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import httpx
import pytest
import pytest_asyncio

from tests.conftest import OWN, PASSWORD, Installation, log_in, make_empty
from tests.disclosure.world import NOW, World, fill, settle
from yoriai import registry
from yoriai.commands.staff import save_account
from yoriai.sealing import new_key
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.web.app import create_app

OVER_PROTECTED = {"resident.protected.view", "resident.protection.release", "certificate.override"}
"""What only the person in charge holds. The ordinary clerk of these tests has every other permission there is."""


@pytest.fixture(scope="module")
def opened(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """The application's settings, its clock at `NOW`, its roles as above; the municipality is emptied at the end."""
    everything = frozenset(registry.permissions())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            TenantConfig,
            "permissions_of",
            lambda _, roles: everything if "resident_supervisor" in roles else everything - OVER_PROTECTED,
        )
        patch.setattr("yoriai.web.context.now", lambda: NOW)
        folder = tmp_path_factory.mktemp("disclosure")
        yield Settings(
            installation.admin_dsn,
            installation.app_dsn,
            "key-for-tests",
            new_key(),
            folder,
            ROOT / "tenants",
            practice=True,
        )
    make_empty(installation, TenantRef(OWN))


@asynccontextmanager
async def _logged_in(opened: Settings, config: TenantConfig, login: str, role: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(opened)
    # The section is a school, so that the pages of a school's own children answer. Another test may have cut the connections that
    # the session's database keeps.
    await save_account(app.state.gate.database, config, login, f"{login} 一子", "大古小学校", PASSWORD, [role])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield await log_in(client, config.code, login)
    await app.state.gate.database.close()


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def chief(opened: Settings, installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the person in charge."""
    config = installation.configs[OWN]
    async with _logged_in(opened, config, "chief", "resident_supervisor") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def clerk(opened: Settings, installation: Installation) -> AsyncIterator[httpx.AsyncClient]:
    """A client of somebody who may do everything but see the protected."""
    async with _logged_in(opened, installation.configs[OWN], "ordinary", "resident_clerk") as client:
        yield client


@pytest_asyncio.fixture(loop_scope="session", scope="module")
async def world(chief: httpx.AsyncClient, installation: Installation) -> AsyncIterator[World]:
    """The family in all businesses, not protected."""
    bulk = BulkDatabase(installation.app_dsn, keep=True)
    made = World(chief, bulk, installation.configs[OWN])
    await settle(made)
    await fill(made)
    yield made
    bulk.close()
