"""The trail cannot be changed by the application, and any change is found."""

import asyncio

import asyncpg
import pytest

from yoriai.audit import SYSTEM, AuditEvent
from yoriai.commands.audit import verify_schema
from yoriai.database.migrate import owner_connection
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_event SET staff = 'somebody else'",
        "DELETE FROM audit_event",
        "TRUNCATE audit_event",
        "INSERT INTO audit_event (seq) VALUES (1)",
        "UPDATE audit_head SET seq = 0",
        "SELECT seq FROM audit_head",
    ],
)
async def test_no_role_of_the_application_can_change_the_trail(
    database: Database, tenant: TenantRef, statement: str
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.write(tenant, SYSTEM) as session:
            await session.fetch(statement)


async def _look(database: Database, tenant: TenantRef, number: int) -> None:
    async with database.read(tenant, SYSTEM) as session:
        await session.fetchval("SELECT 1")
        session.audit(AuditEvent("person.view", f"addressee:{number}", detail={"名": "髙橋"}))


async def test_many_readers_at_once_make_one_whole_chain(database: Database, installation, tenant: TenantRef) -> None:
    await asyncio.gather(*(_look(database, tenant, number) for number in range(200)))
    report = verify_schema(installation.admin_dsn, tenant.schema)
    assert report.is_intact, report.fault
    assert report.events == 200


@pytest.mark.parametrize(
    ("tampering", "fault"),
    [
        ("UPDATE audit_event SET subject = 'addressee:99' WHERE seq = 3", "event 3 was changed"),
        ("DELETE FROM audit_event WHERE seq = 3", "event 3 is missing"),
        ("DELETE FROM audit_event WHERE seq = 5", "the chain ends at event 4"),
        ("UPDATE audit_event SET at = at + interval '1 second' WHERE seq = 1", "event 1 was changed"),
    ],
)
async def test_tampering_by_the_owner_is_found(
    database: Database, installation, tenant: TenantRef, tampering: str, fault: str
) -> None:
    for number in range(5):
        await _look(database, tenant, number)
    with owner_connection(installation.admin_dsn, tenant.schema) as connection:
        connection.exec_driver_sql(tampering)
    report = verify_schema(installation.admin_dsn, tenant.schema)
    assert not report.is_intact
    assert fault in report.fault
