"""A family in the register, and clerks who may issue certificates."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace

import httpx
import pytest
import pytest_asyncio

from tests.conftest import PASSWORD, Installation, log_in
from tests.resident.people import CHILD, FATHER, MOTHER, add_town, record_move_in
from yoriai.audit import SYSTEM, Principal
from yoriai.commands.staff import save_account
from yoriai.database.migrate import owner_connection
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

CLERK = replace(SYSTEM, login="clerk", permissions=frozenset({"certificate.issue", "certificate.void"}))
CHIEF = replace(SYSTEM, login="chief", permissions=CLERK.permissions | {"certificate.override", "certificate.numbers"})


@pytest_asyncio.fixture(loop_scope="session")
async def base(database: Database, tenant: TenantRef) -> str:
    """A family of three (宛名番号 1 to 3, 世帯番号 1); the address of the business."""
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        await record_move_in(session, FATHER, MOTHER, CHILD)
    return f"/{tenant}/certificate"


@pytest_asyncio.fixture(loop_scope="session")
async def chief(anonymous: httpx.AsyncClient, database: Database, config: TenantConfig) -> httpx.AsyncClient:
    """A client logged in as the head of the section."""
    await save_account(
        database, config, "chief", "係長 一郎", "市民課", PASSWORD, ["resident_supervisor", "convenience_link"]
    )
    return await log_in(anonymous, config.code, "chief")


@pytest.fixture
def stop(installation: Installation, tenant: TenantRef) -> Callable[..., None]:
    """Stop the certificates of a person by a 発行停止, or hide the person by a 支援措置; committed at once."""

    def protect(addressee_no: int, kind: str = "issue_stop", ends_on: str | None = None) -> None:
        is_support = kind == "support"
        with owner_connection(installation.admin_dsn, tenant.schema) as connection:
            connection.exec_driver_sql(
                "INSERT INTO protection (protection_no, kind, starts_on, ends_on, hides_address, hides_from_search, stops_issue,"
                " stops_movement, scope, reason, staff_id, recorded_at) VALUES (%s, %s, '2026-01-01', %s, %s, false, true, false,"
                " '{}', 'test', 'test', now())",
                (addressee_no, kind, ends_on, is_support),
            )
            connection.exec_driver_sql("INSERT INTO protection_subject VALUES (%s, %s)", (addressee_no, addressee_no))

    return protect


@pytest_asyncio.fixture(loop_scope="session")
async def clerk_session(database: Database, tenant: TenantRef, base: str) -> AsyncIterator[WriteSession]:
    """A writing transaction of a clerk, the family being there."""
    async with database.write(tenant, CLERK) as session:
        yield session


def as_principal(session: WriteSession, principal: Principal) -> WriteSession:
    """The same transaction in another's name."""
    session.principal = principal
    return session
