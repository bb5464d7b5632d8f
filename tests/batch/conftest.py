"""An empty queue, and two municipalities with the toy business's tables."""

from collections.abc import Iterator

import psycopg
import pytest

from batch.queue import QueueLink
from tests.batch import toy
from tests.batch.nights import Queue
from tests.conftest import Installation
from yoriai.database.migrate import owner_connection
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

_TABLES = (
    "batch_mail, batch_use, batch_event, batch_plan, batch_request, batch_alert, batch_arrival, batch_worker,"
    " batch_job_predecessor, batch_job, batch_night, counter_load, background_load"
)


@pytest.fixture
def link(installation: Installation) -> Iterator[QueueLink]:
    """A connection to the queue, which is empty before and after."""
    empty_queue(installation)
    link = QueueLink(installation.app_dsn)
    yield link
    link.close()
    empty_queue(installation)


@pytest.fixture
def toy_tenants(
    installation: Installation, link: QueueLink, tenant: TenantRef, other_tenant: TenantRef
) -> Iterator[list[TenantRef]]:
    """Two municipalities with numbers to double."""
    tenants = [tenant, other_tenant]
    for ref in tenants:
        with owner_connection(installation.admin_dsn, ref.schema) as connection:
            for statement in toy.SETUP:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql(f"GRANT ALL ON toy_number, toy_double, toy_total TO {ref.role}")
    yield tenants
    for ref in tenants:
        with owner_connection(installation.admin_dsn, ref.schema) as connection:
            connection.exec_driver_sql("DROP TABLE toy_number, toy_double, toy_total")


@pytest.fixture
def toy_configs(installation: Installation, toy_tenants: list[TenantRef]) -> list[TenantConfig]:
    """Their configurations."""
    return [installation.configs[ref.code] for ref in toy_tenants]


@pytest.fixture
def queue(link: QueueLink) -> Queue:
    """The queue, to make nights in."""
    return Queue(link)


def empty_queue(installation: Installation) -> None:
    """No night, no job, nobody at the counters."""
    with psycopg.connect(installation.admin_dsn) as connection:
        connection.execute(f"SET search_path TO {PLATFORM_SCHEMA}")
        connection.execute(f"TRUNCATE {_TABLES} RESTART IDENTITY")
