"""A further municipality is a file and `apply`, while the application keeps serving the others."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.conftest import OTHER, PASSWORD, Installation, log_in
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.database.migrate import owner_connection
from yoriai.numbers import check_digit_of_municipality_code
from yoriai.settings import ROOT
from yoriai.tenancy.apply import apply, plan
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

BASE = "34302"
CODE = f"{BASE}{check_digit_of_municipality_code(BASE)}"


@pytest.fixture
def newcomer(installation: Installation, tmp_path: Path) -> Iterator[TenantConfig]:
    """A fifth file, made of a neighbour's; taken away again after the test."""
    text = (ROOT / "tenants" / f"{OTHER}.yaml").read_text(encoding="utf-8")
    deployment = (ROOT / "tenants" / "deployment.yaml").read_text(encoding="utf-8")
    (tmp_path / "deployment.yaml").write_text(deployment, encoding="utf-8")
    (tmp_path / f"{CODE}.yaml").write_text(text.replace(OTHER, CODE).replace("安芸太田町", "府中町"), encoding="utf-8")
    (config,) = read_tenants(tmp_path)
    yield config
    with owner_connection(installation.admin_dsn, "yoriai") as connection:
        for table in ("tenant", "tenant_config_history", "tenant_migration"):
            connection.exec_driver_sql(f"DELETE FROM {table} WHERE code = '{CODE}'")
        connection.exec_driver_sql(f"DROP SCHEMA IF EXISTS {config.tenant.schema} CASCADE")


async def test_a_fifth_municipality_is_served_without_a_restart(
    installation: Installation,
    client: httpx.AsyncClient,
    database: Database,
    config: TenantConfig,
    newcomer: TenantConfig,
) -> None:
    assert newcomer.name not in (await client.get("/login", headers={"accept": "text/html"})).text
    (item,) = plan(installation.admin_dsn, [newcomer])
    assert item.action == "create"
    applying = asyncio.to_thread(apply, installation.migrator, installation.app_dsn, [item])
    task = asyncio.create_task(applying)
    while not task.done():
        assert (await client.get(f"/{config.code}/resident/persons?q=x")).status_code == 200
    await task
    await save_account(database, newcomer, "first", "最初の職員", "", PASSWORD, ["one_stop_clerk"])
    for _ in range(100):
        if newcomer.name in (await client.get("/login", headers={"accept": "text/html"})).text:
            break
        await asyncio.sleep(0.1)
    own = client.headers["authorization"]
    await log_in(client, CODE, "first")
    assert (await client.get(f"/{CODE}/resident/persons?q=x")).status_code == 200
    assert (await client.get(f"/{config.code}/resident/persons?q=x")).status_code == 404
    client.headers["authorization"] = own
    assert (await client.get(f"/{config.code}/resident/persons?q=x")).status_code == 200
    assert (await client.get(f"/{CODE}/resident/persons?q=x")).status_code == 404
    async with database.read(TenantRef(CODE), SYSTEM) as session:
        assert await session.fetchval("SELECT count(*) FROM town") > 0
