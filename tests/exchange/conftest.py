"""A man, a woman with a child elsewhere; a system account that may pull the residents; a clerk who takes files in."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from tests.conftest import PASSWORD, log_in
from tests.resident.test_protection import base, protect, supervisor
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.exchange.accounts import role_for_systems, set_scopes
from yoriai.settings import Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database
from yoriai.web.app import create_app

__all__ = ["base", "protect", "supervisor"]
SYSTEM_LOGIN = "library"


@pytest.fixture
def area_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exchange area: a folder."""
    monkeypatch.setenv("YORIAI_EXCHANGE", (tmp_path / "area").as_uri())
    return tmp_path / "area"


@pytest.fixture(autouse=True)
def _always_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pull compares anew, however soon it follows."""
    monkeypatch.setattr("yoriai.exchange.pulling._FRESH", timedelta())


@pytest_asyncio.fixture(loop_scope="session")
async def library(
    settings: Settings, database: Database, config: TenantConfig, base: str
) -> AsyncIterator[httpx.AsyncClient]:
    """Another system of the municipality, logged in with its secret."""
    await save_account(
        database, config, SYSTEM_LOGIN, "図書館システム", "他システム", PASSWORD, [role_for_systems(config)]
    )
    async with database.write(config.tenant, replace(SYSTEM, login="officer")) as session:
        await set_scopes(session, SYSTEM_LOGIN, ["resident.person"], "図書館カードの住所の確認", now())
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield await log_in(client, config.code, SYSTEM_LOGIN)
    await app.state.gate.database.close()
