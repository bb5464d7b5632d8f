"""A real PostgreSQL for every test process, with two municipalities that each test finds empty.

The server is `YORIAI_TEST_DSN` (a superuser's), else a container where a Docker engine answers, else the embedded one.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import adbc_driver_manager
import httpx
import psycopg
import pytest
import pytest_asyncio
from argon2 import PasswordHasher
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from yoriai import registry
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.staff import save_account
from yoriai.database.bootstrap import bootstrap
from yoriai.database.migrate import Migrator
from yoriai.sealing import new_key
from yoriai.security.factors import add_totp
from yoriai.security.totp import code_at, new_secret
from yoriai.security.vault import Vault
from yoriai.server import EmbeddedServer
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.apply import apply, plan
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants
from yoriai.tenancy.ref import CENTER, TenantRef
from yoriai.tenancy.session import Database, WriteSession
from yoriai.web.app import create_app

# How long an example takes says something of the machine, nothing of the rule.
hypothesis_settings.register_profile("yoriai", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("yoriai")

OWN, OTHER = "342157", "343684"
PASSWORD = "a-password-for-tests"
_END_FACTORS = """
UPDATE {accounts}_factor SET ended_at = now(), ended_by = 'test' WHERE login = $1 AND ended_at IS NULL RETURNING login"""
_KEPT = ("alembic_version", "audit_head", "town")
_WRITTEN = """
SELECT relname FROM pg_class
WHERE relnamespace = %s::regnamespace AND relkind = 'r' AND relname <> ALL (%s) AND pg_relation_size(oid) > 0
"""
_RESTART = """
SELECT setval(format('%%I.%%I', schemaname, sequencename)::regclass, start_value, false) FROM pg_sequences
WHERE schemaname = %s AND last_value IS NOT NULL
"""


@dataclass(frozen=True)
class Installation:
    """A migrated database with two municipalities."""

    superuser_dsn: str
    admin_dsn: str
    app_dsn: str
    migrator: Migrator
    configs: dict[str, TenantConfig]


@contextmanager
def _server() -> Iterator[str]:
    if dsn := os.environ.get("YORIAI_TEST_DSN"):
        yield dsn
    elif _docker_answers():
        from testcontainers.postgres import PostgresContainer

        with PostgresContainer("postgres:18", driver=None) as container:
            yield container.get_connection_url()
    else:
        folder = Path(tempfile.mkdtemp(prefix="yoriai-test-", dir="/tmp"))
        folder.chmod(0o755)
        server = EmbeddedServer(folder / "postgres", durable=False)
        try:
            server.start()
            yield server.dsn()
        finally:
            server.remove()
            shutil.rmtree(folder, ignore_errors=True)


def _docker_answers() -> bool:
    if not shutil.which("docker"):
        return False
    return subprocess.run(["docker", "info"], check=False, capture_output=True, timeout=20).returncode == 0


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """The passwords of tests protect nothing; test_passwords.py holds what those of the installation cost."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("yoriai.web.identity._hasher", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@pytest.fixture(scope="session")
def installation(worker_id: str) -> Iterator[Installation]:
    """The database of this test process."""
    with _server() as superuser_dsn:
        # Roles belong to the whole server: processes that share one must agree on the passwords.
        password = hashlib.sha256(superuser_dsn.encode()).hexdigest()
        admin, app = bootstrap(superuser_dsn, f"yoriai_test_{worker_id}", password=password)
        migrator = registry.migrator(admin)
        migrator.upgrade_platform()
        configs = {config.code: config for config in read_tenants(ROOT / "tenants") if config.code in (OWN, OTHER)}
        apply(migrator, app, plan(admin, list(configs.values())))
        yield Installation(superuser_dsn, admin, app, migrator, configs)


@pytest.fixture
def dsn(installation: Installation) -> str:
    """The application's DSN."""
    return installation.app_dsn


@pytest.fixture
def tenant(installation: Installation) -> Iterator[TenantRef]:
    """A municipality without any data; emptied again after the test."""
    with emptied(installation, TenantRef(OWN)) as tenant:
        yield tenant


@pytest.fixture
def other_tenant(installation: Installation) -> Iterator[TenantRef]:
    """A second municipality without any data."""
    with emptied(installation, TenantRef(OTHER)) as tenant:
        yield tenant


@contextmanager
def emptied(installation: Installation, tenant: TenantRef) -> Iterator[TenantRef]:
    """The municipality, whose data are gone when the block ends."""
    try:
        yield tenant
    finally:
        make_empty(installation, tenant)


@pytest.fixture
def config(installation: Installation) -> TenantConfig:
    """The configuration of `tenant`."""
    return installation.configs[OWN]


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def database(installation: Installation) -> AsyncIterator[Database]:
    """The asynchronous way to the data."""
    database = Database(installation.app_dsn)
    yield database
    await database.close()


@pytest.fixture(scope="session")
def _kept_bulk(installation: Installation) -> Iterator[BulkDatabase]:
    bulk = BulkDatabase(installation.app_dsn, keep=True)
    yield bulk
    bulk.close()


@pytest.fixture
def bulk(_kept_bulk: BulkDatabase) -> BulkDatabase:
    """The synchronous way to the data in bulk; as a worker's, its connections are kept for the next transaction."""
    try:
        with _kept_bulk.read(TenantRef(OWN)) as session:
            session.read("SELECT 1")
    except adbc_driver_manager.Error:
        # The test before has ended the server's processes.
        _kept_bulk.close()
    return _kept_bulk


@pytest_asyncio.fixture(loop_scope="session")
async def write_session(database: Database, tenant: TenantRef) -> AsyncIterator[WriteSession]:
    """A writing transaction on `tenant`."""
    async with database.write(tenant, replace(SYSTEM, login="clerk")) as session:
        yield session


@pytest.fixture
def settings(installation: Installation, tmp_path: Path) -> Settings:
    """Settings of an application on the test database."""
    return Settings(
        installation.admin_dsn,
        installation.app_dsn,
        "key-for-tests",
        new_key(),
        tmp_path,
        ROOT / "tenants",
        practice=True,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def anonymous(settings: Settings, tenant: TenantRef) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application that has not logged in; its `app` is the application."""
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as client:
        yield client
    await app.state.gate.database.close()


@pytest_asyncio.fixture(loop_scope="session")
async def client(anonymous: httpx.AsyncClient, database: Database, config: TenantConfig) -> httpx.AsyncClient:
    """A client logged in to `tenant` as a clerk of the one-stop counter and tax office: every permission there is."""
    await save_account(database, config, "clerk", "窓口 花子", "総合窓口課", PASSWORD, ["one_stop_clerk", "tax_clerk"])
    return await log_in(anonymous, config.code, "clerk")


async def log_in(client: httpx.AsyncClient, code: str, login: str) -> httpx.AsyncClient:
    """Log the client in with both factors; it sends its token from then on."""
    body = {"tenant": code, "login": login, "password": PASSWORD, "code": await new_code(client, code, login)}
    answer = await client.post("/login", json=body)
    assert answer.status_code == 200, answer.text
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return client


async def new_code(client: httpx.AsyncClient, code: str, login: str) -> str:
    """What the authenticator app of the account shows now; the app is registered, in the place of any before it."""
    app = client._transport.app.state  # type: ignore[attr-defined]
    tenant = None if code == CENTER else TenantRef(code)
    return code_at(await give_app(app.gate.database, app.settings, tenant, login), now())


async def give_app(database: Database, settings: Settings, tenant: TenantRef | None, login: str) -> str:
    """Register an authenticator app for the account (of the centre without a municipality) for any before it; gives its secret."""
    secret, vault = new_secret(), Vault(tenant, settings.sealer)
    async with database.write(tenant, SYSTEM) if tenant else database.platform_write(SYSTEM) as session:
        await session.fetch(vault.of(_END_FACTORS), login)
        await add_totp(session, vault, login, secret, "試験", now(), is_handed_out=True)
    return secret


def make_empty(installation: Installation, tenant: TenantRef) -> None:
    """Empty the municipality's tables but for what was there before any test."""
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.execute(f"SET LOCAL search_path TO {tenant.schema}")
        # A table that nothing was written into has no file to be cut: of over a hundred tables a test writes a few.
        if tables := [name for (name,) in connection.execute(_WRITTEN, (tenant.schema, list(_KEPT)))]:
            connection.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        connection.execute(_RESTART, (tenant.schema,))
        connection.execute("UPDATE audit_head SET seq = 0, hash = decode(repeat('00', 32), 'hex')")
