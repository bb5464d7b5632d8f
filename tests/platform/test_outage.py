"""What a serving process does when its database is killed, and when it is back."""

import asyncio
from dataclasses import replace

import asyncpg
import psycopg
import pytest

from tests.conftest import Installation
from yoriai.audit import SYSTEM, AuditEvent
from yoriai.errors import Invalid, Unavailable
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

CLERK = replace(SYSTEM, login="clerk")
_END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'yoriai_app' AND datname = current_database()"


def _end_all_connections(installation: Installation) -> None:
    """What the application sees when PostgreSQL restarts."""
    place = installation.admin_dsn.rsplit("/", 1)[1]
    with psycopg.connect(installation.superuser_dsn.rsplit("/", 1)[0] + f"/{place}", autocommit=True) as connection:
        connection.execute(_END_ALL)


async def test_connections_that_broke_while_idle_are_replaced_without_an_error(
    installation: Installation, tenant: TenantRef
) -> None:
    database = Database(installation.app_dsn, size=3)
    try:
        async with database.read(tenant, CLERK) as reader, database.write(tenant, CLERK) as writer:
            await reader.fetchval("SELECT 1")
            await writer.fetchval("SELECT 1")
        _end_all_connections(installation)
        await asyncio.sleep(0.2)
        async with database.write(tenant, CLERK) as writer:
            writer.audit(AuditEvent("test.after"))
        async with database.read(tenant, CLERK) as reader:
            assert await reader.fetchval("SELECT count(*) FROM audit_event WHERE action = 'test.after'") == 1
    finally:
        await database.close()


async def test_a_connection_that_breaks_in_use_says_unavailable_and_the_next_works(
    installation: Installation, tenant: TenantRef
) -> None:
    database = Database(installation.app_dsn, size=3)
    try:
        with pytest.raises(Unavailable):
            async with database.read(tenant, CLERK) as reader:
                _end_all_connections(installation)
                await reader.fetchval("SELECT 1")
        with pytest.raises(Unavailable):
            async with database.write(tenant, CLERK) as writer:
                _end_all_connections(installation)
                await writer.fetchval("SELECT 1")
        async with database.write(tenant, CLERK) as writer:
            await writer.fetchval("SELECT 1")
    finally:
        await database.close()


async def test_nobody_listening_is_unavailable(installation: Installation, tenant: TenantRef) -> None:
    place, _, name = installation.app_dsn.rpartition("/")
    database = Database(f"{place.rpartition(':')[0]}:1/{name}")
    try:
        with pytest.raises(Unavailable):
            async with database.read(tenant, CLERK):
                pass
        with pytest.raises(Unavailable):
            async with database.write(tenant, CLERK):
                pass
    finally:
        await database.close()


async def test_first_requests_at_once_open_one_pool(installation: Installation, tenant: TenantRef) -> None:
    database = Database(installation.app_dsn, size=2)

    async def read() -> int:
        async with database.read(tenant, CLERK) as session:
            await session.fetchval("SELECT pg_sleep(0.05)")
            return int(await session.fetchval("SELECT pg_backend_pid()"))

    try:
        assert len(set(await asyncio.gather(*(read() for _ in range(8))))) <= 2
    finally:
        await database.close()


async def test_a_number_beyond_bigint_is_the_askers_mistake(database: Database, tenant: TenantRef) -> None:
    with pytest.raises(Invalid):
        async with database.read(tenant, CLERK) as session:
            await session.fetchval("SELECT $1::bigint", 2**70)
    with pytest.raises(Invalid):
        async with database.write(tenant, CLERK) as writer:
            await writer.fetchval("SELECT $1::text", "a\0b")


async def test_our_own_mistakes_stay_what_they_are(database: Database, tenant: TenantRef) -> None:
    with pytest.raises(asyncpg.DataError):
        async with database.read(tenant, CLERK) as session:
            await session.fetchval("SELECT $1::bigint", "text")
