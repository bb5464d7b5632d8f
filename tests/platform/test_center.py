"""The shared centre: operators of their own, who reach the installation's tables and nobody's personal data."""

from dataclasses import replace

import httpx
import psycopg
import pytest

from tests.conftest import OTHER, OWN, PASSWORD, Installation, give_app, log_in
from yoriai.audit import SYSTEM
from yoriai.clock import now
from yoriai.commands.staff import save_operator
from yoriai.errors import Invalid
from yoriai.sealing import new_key
from yoriai.security.factors import reset_factors
from yoriai.security.totp import code_at
from yoriai.security.vault import Vault
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.renewal import count_keys, renew
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


async def _with_password(client: httpx.AsyncClient, login: str) -> None:
    """Log in with nothing but the password."""
    answer = await client.post("/login", json={"tenant": "center", "login": login, "password": PASSWORD})
    client.headers["authorization"] = f"Bearer {answer.json()['token']}"


async def test_an_operator_opens_the_centre_and_no_municipality(
    anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_operator(database, CENTER, "op", "運用 太郎", "運用室", PASSWORD, ["operator"])
    await log_in(anonymous, "center", "op")
    page = await anonymous.get("/center/", headers={"accept": "text/html"})
    assert page.status_code == 200
    assert CENTER.name in page.text
    for path in (f"/{config.code}/", f"/{config.code}/resident/persons/1", f"/{config.code}/resident/persons?q=a"):
        assert (await anonymous.get(path)).status_code == 404


async def test_com_031_the_centre_opens_after_a_second_factor_only_and_its_first_needs_a_code(
    anonymous: httpx.AsyncClient, database: Database, settings: Settings
) -> None:
    """As for staff: the chief hands out a code, the operator registers with it, a password alone shows and registers nothing."""
    for login, role in (("op2", "operator"), ("head", "chief")):
        await save_operator(database, CENTER, login, "運用 次郎", "運用室", PASSWORD, [role])
        async with database.platform_write(SYSTEM) as session:
            await reset_factors(session, Vault(None, settings.sealer), login, "試験の前", now())
    await log_in(anonymous, "center", "head")
    accounts = "/center/security/accounts"
    page = (await anonymous.get(accounts, headers={"accept": "text/html"})).text
    assert "運用責任者" in page
    assert "未登録" in page
    assert (await anonymous.post(f"{accounts}/op2/registration-code", json={})).status_code == 422
    issued = await anonymous.post(f"{accounts}/op2/registration-code", json={"reason": "配属、職員証を確認"})
    code = issued.json()["registration_code"]

    await _with_password(anonymous, "op2")
    for path in ("/center/", "/center/batch/", "/center/continuity/", accounts):
        refused = await anonymous.get(path)
        expected = 403, "forbidden" if path == accounts else "second_factor_required"
        assert (refused.status_code, refused.json()["code"]) == expected, path
    shown = await anonymous.get("/center/batch/", headers={"accept": "text/html"})
    assert "登録コードで登録してください" in shown.text
    account = "/center/account"
    page = (await anonymous.get(f"{account}/", headers={"accept": "text/html"})).text
    assert "個人番号" not in page, "the centre has none"
    assert (await anonymous.post(f"{account}/totp", json={"password": PASSWORD})).status_code == 422
    begun = (await anonymous.post(f"{account}/totp", json={"password": PASSWORD, "registration_code": code})).json()
    done = await anonymous.post(
        f"{account}/totp/confirm", json={"pending": begun["pending"], "code": code_at(begun["secret"], now())}
    )
    anonymous.headers["authorization"] = f"Bearer {done.json()['token']}"
    assert (await anonymous.get("/center/batch/")).status_code == 200
    await _with_password(anonymous, "op2")
    recovered = await anonymous.post(f"{account}/second-factor", json={"code": done.json()["recovery_codes"][0]})
    anonymous.headers["authorization"] = f"Bearer {recovered.json()['token']}"
    assert (await anonymous.get("/center/batch/")).status_code == 200

    await log_in(anonymous, "center", "head")
    reset = await anonymous.post(f"{accounts}/op2/reset", json={"reason": "機種変更"})
    assert reset.json() == {"login": "op2", "ended": 1}
    async with database.platform_read(SYSTEM) as session:
        told = await session.fetch(
            "SELECT action, staff, reason FROM audit_event WHERE subject = 'operator:op2' AND reason <> '' ORDER BY seq"
        )
    assert [tuple(row) for row in told][-2:] == [
        ("registration.issued", "head", "配属、職員証を確認"),
        ("factor.reset", "head", "機種変更"),
    ]


async def test_what_operators_have_is_sealed_anew_with_a_new_key(
    installation: Installation, database: Database, settings: Settings
) -> None:
    await save_operator(database, CENTER, "op3", "運用 三郎", "運用室", PASSWORD, ["operator"])
    secret = await give_app(database, settings, None, "op3")
    newer = replace(settings, data_keys=f"{new_key()},{settings.data_keys}")
    query = "SELECT sealed, handle FROM operator_factor WHERE login = 'op3' AND ended_at IS NULL"
    with psycopg.connect(installation.admin_dsn) as connection:
        # What other tests' keys have sealed cannot be opened with these.
        connection.execute("DELETE FROM yoriai.operator_factor WHERE login <> 'op3' OR ended_at IS NOT NULL")
    assert count_keys(newer, None) == {settings.sealer.key_ids[0]: 1}
    assert dict(renew(newer, None).rows) == {"operator_factor": 1}
    async with database.platform_read(SYSTEM) as session:
        row = await session.fetchrow(query)
    assert row is not None
    vault = Vault(None, newer.sealer)
    assert (vault.open("op3", row["sealed"]), row["handle"]) == (secret, vault.handles("totp", secret)[0])
    assert newer.sealer.is_current(row["sealed"])


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
