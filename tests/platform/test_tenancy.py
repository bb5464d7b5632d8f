"""The database itself refuses what no municipality may see."""

import asyncpg
import polars as pl
import pytest
from sqlalchemy import select

from yoriai.audit import SYSTEM, AuditEvent
from yoriai.database.migrate import owner_connection
from yoriai.database.tables import OutboxEvent, Staff
from yoriai.dates import OPEN_END
from yoriai.numbering import allocate
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


async def test_login_without_a_choice_reads_nothing(dsn: str, tenant: TenantRef) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        tables = await connection.fetch(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname IN ('yoriai', 'tenant_template', $1)",
            tenant.schema,
        )
        assert len(tables) > 10
        for schema, table in tables:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await connection.fetch(f"SELECT count(*) FROM {schema}.{table}")
    finally:
        await connection.close()


async def test_a_chosen_municipality_cannot_reach_another(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    for statement in (
        f"SELECT login FROM {other_tenant.schema}.staff",
        f"SELECT {other_tenant.schema}.audit_append('[]')",
        "SELECT code FROM yoriai.tenant",
        f"CREATE TABLE {other_tenant.schema}.leak (a int)",
        f"CREATE TABLE {tenant.schema}.leak (a int)",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with database.write(tenant, SYSTEM) as session:
                await session.fetch(statement)


async def test_nothing_of_the_choice_outlives_its_transaction(
    database: Database, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        session.add(Staff(login="only-here", display_name="x", section="", is_active=True))
    for _ in range(20):
        async with database.read(other_tenant, SYSTEM) as reader:
            assert await reader.fetchval("SELECT current_user") == other_tenant.role
            assert await reader.fetchval("SELECT count(*) FROM staff") == 0
        async with database.read(tenant, SYSTEM) as reader:
            assert await reader.fetchval("SELECT count(*) FROM staff") == 1


async def test_the_choice_takes_one_round_trip_of_the_transaction(database: Database, tenant: TenantRef) -> None:
    async with database.read(tenant, SYSTEM) as reader:
        row = await reader.fetchrow(
            "SELECT current_user AS who, current_schemas(false) AS path, current_setting('transaction_read_only') AS ro"
        )
    assert row is not None
    assert (row["who"], row["path"], row["ro"]) == (tenant.role, [tenant.schema], "on")


async def test_a_reading_transaction_cannot_write(database: Database, tenant: TenantRef) -> None:
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        async with database.read(tenant, SYSTEM) as reader:
            await reader.fetch("INSERT INTO number_counter (kind, next) VALUES ('x', 1)")


async def test_an_error_leaves_nothing_half_done(database: Database, tenant: TenantRef) -> None:
    with pytest.raises(ZeroDivisionError):
        async with database.write(tenant, SYSTEM) as session:
            session.add(Staff(login="half", display_name="x", section=""))
            session.audit(AuditEvent("staff.saved"))
            await session.flush()
            raise ZeroDivisionError
    async with database.write(tenant, SYSTEM) as session:
        assert (await session.scalars(select(Staff))).all() == []
        assert await session.fetchval("SELECT count(*) FROM audit_event") == 0


async def test_numbers_are_given_once_and_in_order(database: Database, tenant: TenantRef) -> None:
    async with database.write(tenant, SYSTEM) as session:
        assert await allocate(session, "addressee", 3) == 1
        assert await allocate(session, "addressee") == 4
    with pytest.raises(ZeroDivisionError):
        async with database.write(tenant, SYSTEM) as session:
            await allocate(session, "addressee")
            raise ZeroDivisionError
    async with database.write(tenant, SYSTEM) as session:
        assert await allocate(session, "addressee") == 5


def test_bulk_frames_reach_one_municipality_only(
    bulk: BulkDatabase, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    with bulk.write(tenant) as session:
        assert session.append("number_counter", pl.DataFrame({"kind": ["a"], "next": [7]})) == 1
        assert session.read("SELECT next FROM number_counter WHERE kind = $1", ("a",))["next"].to_list() == [7]
    with bulk.read(other_tenant) as reader:
        assert reader.read("SELECT next FROM number_counter").is_empty()
        with pytest.raises(Exception, match="permission denied"):
            reader.read(f"SELECT next FROM {tenant.schema}.number_counter")


def test_bulk_error_rolls_back(bulk: BulkDatabase, tenant: TenantRef) -> None:
    with pytest.raises(ValueError, match="no such column"), bulk.write(tenant) as session:
        session.append("number_counter", pl.DataFrame({"kind": ["b"], "next": [1]}))
        session.append("number_counter", pl.DataFrame({"kind": ["c"], "wrong": [1]}))
    with bulk.read(tenant) as reader:
        assert reader.read("SELECT kind FROM number_counter").is_empty()


def test_every_table_of_a_municipality_belongs_to_the_owner_not_to_its_role(installation, tenant: TenantRef) -> None:
    with owner_connection(installation.admin_dsn, tenant.schema) as connection:
        owners = (
            connection.exec_driver_sql(
                f"SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = '{tenant.schema}'"
            )
            .scalars()
            .all()
        )
    assert owners == ["yoriai_owner"]


@pytest.mark.parametrize("code", ["342132", "34213", "", "abcdef", "342131; DROP SCHEMA yoriai", "３４２１３１"])
def test_a_tenant_reference_takes_only_a_right_code(code: str) -> None:
    with pytest.raises(ValueError):
        TenantRef(code)


async def test_the_open_end_is_the_same_day_for_every_way_to_write(
    database: Database, bulk: BulkDatabase, tenant: TenantRef
) -> None:
    event = {"topic": "x", "key": "k", "effective_on": OPEN_END}
    async with database.write(tenant, SYSTEM) as session:
        session.add(OutboxEvent(payload={}, **event))
        await session.fetch(
            "INSERT INTO outbox_event (topic, key, payload, effective_on) VALUES ('x', 'k', '{}', $1) RETURNING id",
            OPEN_END,
        )
    with bulk.write(tenant) as writer:
        writer.execute(
            "INSERT INTO outbox_event (topic, key, payload, effective_on) VALUES ('x', 'k', '{}', $1)", (OPEN_END,)
        )
    async with database.read(tenant, SYSTEM) as reader:
        found = await reader.fetch("SELECT effective_on, effective_on = '9999-12-31' AS is_that_day FROM outbox_event")
    assert [tuple(row.values()) for row in found] == [(OPEN_END, True)] * 3
