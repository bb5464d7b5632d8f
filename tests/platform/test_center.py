"""The shared centre: operators of their own, who reach the installation's tables and nobody's personal data."""

from dataclasses import replace

import httpx
import pytest

from tests.conftest import OTHER, OWN, PASSWORD
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_operator
from yoriai.errors import Invalid
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

CENTER = read_deployment(ROOT / "tenants").center
_JOB = """
INSERT INTO batch_job (night_key, municipality_code, net, job_name, label, run_key, status, priority, cpu, io, connections,
  size, estimate_ms, planned_start, planned_end, not_before, deadline_at, max_attempts)
VALUES ($1, $2, 'net', 'job', 'job', 'key', 'planned', 3, 1, 1, 1, 1, 1, now(), now(), now(), now(), 3) RETURNING id
"""
_NIGHT = """
INSERT INTO batch_night (night_key, business_date, rerun_no, status, is_staggered, cpu, io, connections, origin, plan)
VALUES ('own-rows', '2026-01-01', 99, 'planned', true, 1, 1, 1, now(), '{"reasons": ["secret"]}') RETURNING night_key
"""


async def _log_in(client: httpx.AsyncClient, login: str) -> httpx.Response:
    answer = await client.post("/login", json={"tenant": "center", "login": login, "password": PASSWORD})
    if answer.status_code == 200:
        client.headers["authorization"] = f"Bearer {answer.json()['token']}"
    return answer


async def test_an_operator_opens_the_centre_and_no_municipality(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_operator(database, CENTER, "op", "運用 太郎", "運用室", PASSWORD, ["operator"])
    assert (await _log_in(anonymous, "op")).status_code == 200
    page = await anonymous.get("/center/", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert CENTER.name in page.text
    for path in (f"/{config.code}/", f"/{config.code}/resident/persons/1", f"/{config.code}/resident/persons?q=a"):
        assert (await anonymous.get(path)).status_code == 404


async def test_staff_cannot_open_the_centre(client: httpx.AsyncClient) -> None:
    assert (await client.get("/center/")).status_code == 404


async def test_a_login_of_the_centre_is_none_of_a_municipality(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_operator(database, CENTER, "op", "運用 太郎", "運用室", PASSWORD, ["operator"])
    answer = await anonymous.post("/login", json={"tenant": config.code, "login": "op", "password": PASSWORD})
    assert answer.status_code == 401


async def test_an_unknown_role_of_the_centre_is_refused(database: Database) -> None:
    with pytest.raises(Invalid):
        await save_operator(database, CENTER, "op", "運用 太郎", "", PASSWORD, ["one_stop_clerk"])


async def test_the_database_shows_a_municipality_its_own_rows_of_the_night_only(
    database: Database, settings: Settings, tenant: TenantRef, other_tenant: TenantRef
) -> None:
    who = replace(SYSTEM, login="viewer")
    async with database.platform_write(SYSTEM) as session:
        key = await session.fetchval(_NIGHT)
        for code in (OWN, OTHER):
            await session.fetchval(_JOB, key, code)
    try:
        for ref in (tenant, other_tenant):
            async with database.read_own_rows(ref, who) as session:
                codes = await session.fetch("SELECT municipality_code FROM batch_job WHERE night_key = 'own-rows'")
                assert [row["municipality_code"] for row in codes] == [ref.code]
                assert (
                    await session.fetchval("SELECT status FROM batch_night WHERE night_key = 'own-rows'") == "planned"
                )
        for statement in (
            "SELECT plan FROM batch_night",
            "SELECT login FROM operator",
            "SELECT config FROM tenant",
            "SELECT seq FROM audit_event",
            "UPDATE batch_job SET status = 'held' RETURNING id",
            f"SELECT login FROM t_{OTHER}.staff",
        ):
            with pytest.raises(Exception, match=r"permission denied|read-only"):
                async with database.read_own_rows(tenant, who) as session:
                    await session.fetch(statement)
    finally:
        async with database.platform_write(SYSTEM) as session:
            await session.fetch("DELETE FROM batch_job WHERE night_key = 'own-rows' RETURNING id")
            await session.fetch("DELETE FROM batch_night WHERE night_key = 'own-rows' RETURNING night_key")
