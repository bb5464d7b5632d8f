"""What several serving processes share, and what keeps running in each."""

import threading
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import Installation
from yoriai.audit import SYSTEM
from yoriai.settings import load_settings
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database
from yoriai.web.load import LoadMeter


def test_processes_that_start_at_once_sign_with_one_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("YORIAI_VAR", str(tmp_path))
    monkeypatch.delenv("YORIAI_SECRET", raising=False)
    secrets: list[str] = []
    threads = [threading.Thread(target=lambda: secrets.append(load_settings().secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(secrets) == 8
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 64
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data.keys", "session.key"]


def test_an_empty_key_is_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a process that was killed between opening and writing would leave."""
    monkeypatch.setenv("YORIAI_VAR", str(tmp_path))
    monkeypatch.delenv("YORIAI_SECRET", raising=False)
    (tmp_path / "session.key").touch()
    assert len(load_settings().secret) == 64
    assert load_settings().secret == load_settings().secret


async def test_the_load_meter_outlives_an_outage(installation: Installation) -> None:
    place, _, name = installation.app_dsn.rpartition("/")
    away = Database(f"{place.rpartition(':')[0]}:1/{name}")
    await LoadMeter(away)._report(10, 1)
    await away.close()


async def test_no_municipality_can_make_a_table_that_outlives_its_transaction(
    database: Database, tenant: TenantRef
) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with database.write(tenant, SYSTEM) as session:
            await session.fetch("CREATE TEMP TABLE staff (login text)")
