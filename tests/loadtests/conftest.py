"""The benchmark's installation, on the test database with a few hundred invented residents."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from fractions import Fraction
from pathlib import Path

import psycopg
import pytest

from demo.installation import make_accounts
from demo.loading.population import load_one
from loadtests.measuring.installation import Installation as Place
from loadtests.measuring.people import make_counters
from tests.conftest import Installation
from yoriai.settings import Settings
from yoriai.tenancy.choice import PLATFORM_SCHEMA
from yoriai.tenancy.ref import TenantRef

AS_OF = date(2026, 6, 10)
_QUEUE = (
    "batch_use, batch_event, batch_plan, batch_request, batch_alert, batch_arrival, batch_worker, batch_job_predecessor,"
    " batch_job, batch_night, counter_load, background_load"
)


class TestPlace(Place):
    """Works on the database itself: the test process is connected to it, so it cannot be copied."""

    @contextmanager
    def copy(self, name: str) -> Iterator[Settings]:
        """The database itself, with an empty queue before and after."""
        self._empty_queue()
        yield self.settings
        self._empty_queue()

    def _empty_queue(self) -> None:
        with psycopg.connect(self.settings.admin_dsn) as connection:
            connection.execute(f"SET search_path TO {PLATFORM_SCHEMA}")
            connection.execute(f"TRUNCATE {_QUEUE} RESTART IDENTITY")


@pytest.fixture
def place(
    installation: Installation,
    settings: Settings,
    tenant: TenantRef,
    other_tenant: TenantRef,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Place:
    """Two municipalities with people and accounts; what is started finds its folder under the test's."""
    monkeypatch.setenv("YORIAI_VAR", str(tmp_path))
    configs = [installation.configs[ref.code] for ref in (tenant, other_tenant)]
    for config in configs:
        load_one(settings, config, Fraction(1, 100), 1, AS_OF)
    counters = make_counters(settings.app_dsn, configs, make_accounts(settings, configs), 20)
    return TestPlace(replace(settings, var=tmp_path), configs, counters, installation.superuser_dsn, AS_OF)
