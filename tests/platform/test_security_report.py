"""COM-047: failed logins, refused access and out-of-hours or mass viewing are reported to the administrator."""

from collections import Counter
from dataclasses import replace
from datetime import date, datetime, timedelta

import httpx
import pytest

from tests.conftest import OTHER, PASSWORD, Installation, log_in
from yoriai.audit import SYSTEM, AuditEvent, Principal
from yoriai.clock import JAPAN, today
from yoriai.commands.staff import save_account
from yoriai.database.migrate import owner_connection
from yoriai.errors import Invalid
from yoriai.security.policy import check_policy
from yoriai.security.report import asked_of, list_findings
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
MONDAY = date(2026, 11, 16)


def with_security(config: TenantConfig, **section: object) -> TenantConfig:
    return replace(config, document={**config.document, "security": {**config.section("security"), **section}})


async def happen(
    database: Database, installation: Installation, tenant: TenantRef, login: str, *events: tuple[str, AuditEvent]
) -> None:
    """Events of a member of staff, each at a moment in Japan; the chain's own clock is set back by the owner."""
    for moment, event in events:
        await database.append_audit(tenant, Principal(login, terminal="10.0.0.9"), event)
        at = datetime.fromisoformat(moment).replace(tzinfo=JAPAN).isoformat()
        with owner_connection(installation.admin_dsn, tenant.schema) as connection:
            connection.exec_driver_sql(
                f"UPDATE audit_event SET at = '{at}' WHERE seq = (SELECT max(seq) FROM audit_event)"
            )


def view(person: int) -> AuditEvent:
    return AuditEvent("person.view", f"addressee:{person}")


async def test_com_047_views_out_of_hours_and_in_masses_are_found_by_day_and_person(
    database: Database, installation: Installation, config: TenantConfig, tenant: TenantRef
) -> None:
    """The hours are the municipality's, to the minute; closed days count; the machines that may work at night do not."""
    for login, role in (("late", "resident_clerk"), ("busy", "resident_clerk"), ("machine", "convenience_link")):
        await save_account(database, config, login, f"{login} 一郎", "市民課", PASSWORD, [role])
    late = [
        ("2026-11-16T08:29:59", view(1)),
        ("2026-11-16T08:30:00", view(1)),
        ("2026-11-16T17:14:59", view(1)),
        ("2026-11-16T17:15:00", view(4)),
        ("2026-11-16T23:59:59", view(4)),
        ("2026-11-21T10:00:00", view(5)),  # a Saturday
        ("2026-11-23T10:00:00", view(6)),  # 勤労感謝の日
        ("2026-11-16T22:00:00", AuditEvent("resident.search")),
    ]
    await happen(database, installation, tenant, "late", *late)
    await happen(database, installation, tenant, "machine", ("2026-11-16T22:00:00", view(1)))
    await happen(database, installation, tenant, "system", ("2026-11-16T22:00:00", view(1)))
    busy = [("2026-11-17T10:00:00", view(person)) for person in (1, 2, 2, 3, 4)]
    await happen(database, installation, tenant, "busy", *busy, ("2026-11-18T10:00:00", view(5)))
    own = with_security(
        config, open_from="08:30", open_until="17:15", viewed_people=4, around_the_clock=["convenience_link"]
    )
    asked = asked_of(MONDAY, date(2026, 11, 23), "", "", MONDAY)
    async with database.read(tenant, SYSTEM) as session:
        found = await list_findings(session, own, asked)
        stricter = await list_findings(session, with_security(own, viewed_people=5), asked)
        hours = await list_findings(session, own, asked_of(MONDAY, MONDAY, "hours", "late", MONDAY))
    by_day = {(finding.day, finding.kind, finding.staff): (finding.count, finding.people) for finding in found}
    assert by_day == {
        (MONDAY, "hours", "late"): (3, 2),
        (date(2026, 11, 21), "hours", "late"): (1, 1),
        (date(2026, 11, 23), "hours", "late"): (1, 1),
        (date(2026, 11, 17), "mass", "busy"): (5, 4),
    }
    assert [finding.day for finding in found] == sorted((finding.day for finding in found), reverse=True)
    assert not any(finding.kind == "mass" for finding in stricter)
    assert [(finding.staff, finding.terminals, finding.is_new) for finding in hours] == [("late", ["10.0.0.9"], True)]


async def test_com_047_failures_and_refusals_reach_the_administrator_until_seen_to(
    client: httpx.AsyncClient,
    anonymous: httpx.AsyncClient,
    database: Database,
    config: TenantConfig,
    tenant: TenantRef,
    other_tenant: TenantRef,
) -> None:
    """Through the application: what was refused stands in the report and on the first screen, until it is seen to."""
    await save_account(database, config, "officer", "安全 守", "情報政策課", PASSWORD, ["security_officer"])
    await save_account(database, config, "curious", "好奇 心", "税務課", PASSWORD, ["tax_clerk"])
    body = {"tenant": config.code, "login": "curious"}
    await log_in(client, config.code, "curious")
    assert (await client.get(f"/{config.code}/seal_registration/")).status_code in (403, 404)
    for path in (f"/{config.code}/resident/numbers", f"/{config.code}/security/report"):
        assert (await client.get(path)).status_code == 403
    assert (await client.get(f"/{OTHER}/resident/persons/1")).status_code == 404
    await client.post(f"/{config.code}/account/second-factor", json={"code": "000000"})
    for _ in range(5):
        await client.post("/login", json={**body, "password": "wrong"})
    await client.post("/login", json={**body, "login": "no-such", "password": "wrong"})

    await log_in(client, config.code, "officer")
    address = f"/{config.code}/security/report"
    answer = (await client.get(address)).json()
    found = {(row["kind"], row["staff"]): row["count"] for row in answer["findings"]}
    assert found[("login", "curious")] == 5
    assert found[("login", "no-such")] == 1
    assert found[("locked", "curious")] == 1
    assert found[("factor", "curious")] == 1
    assert found[("refused", "curious")] >= 3, "two permissions, and another municipality's address"
    assert ("changed", "system") not in found
    home = (await client.get(f"/{config.code}/", headers=HTML)).text
    assert "確認していないログイン" in home
    assert "&kind=locked&staff=curious" in home.replace("&amp;", "&"), "what the officer works with, with the way to it"
    assert f"/{config.code}/security/accounts/curious" in home, "who is shut out"
    assert "最近開いた人" not in home, "an officer opens nobody"
    page = await client.get(address, headers=HTML)
    assert page.status_code == 200
    assert "登録のないID" in page.text
    file = await client.get(f"{address}?export=0&kind=login", headers=HTML)
    assert file.headers["content-type"].startswith("text/csv")
    assert "ログインの失敗" in file.text
    assert "権限のない操作" not in file.text
    events = (await client.get(f"/{config.code}/security/events?kind=refused&staff=curious")).json()["events"]
    assert f"GET /{config.code}/resident/numbers" in [event["about"] for event in events]
    assert f"GET /{OTHER}/resident/persons/1" in [event["about"] for event in events]

    assert (await client.post(f"{address}/reviews", json={"until": 10**9, "note": "先の番号"})).status_code == 422
    assert (
        await client.post(f"{address}/reviews", json={"until": answer["until_event"], "note": ""})
    ).status_code == 422
    done = await client.post(f"{address}/reviews", json={"until": answer["until_event"], "note": "聞き取り済み"})
    assert done.status_code == 200
    again = await client.post(f"{address}/reviews", json={"until": answer["until_event"], "note": "もう一度"})
    assert again.status_code == 409
    seen = (await client.get(address)).json()
    assert (seen["review"]["staff"], seen["review"]["note"]) == ("officer", "聞き取り済み")
    old = [row for row in seen["findings"] if row["staff"] == "curious"]
    assert old
    assert not any(row["is_new"] for row in old)
    assert "確認していないログイン" not in (await client.get(f"/{config.code}/", headers=HTML)).text
    await client.post("/login", json={**body, "login": "no-such", "password": "wrong"})
    assert "確認していない" in (await client.get(f"/{config.code}/", headers=HTML)).text
    async with database.read(tenant, SYSTEM) as session:
        actions = Counter(row["action"] for row in await session.fetch("SELECT action FROM audit_event"))
    assert (actions["security.reviewed"], actions["security.events"]) == (1, 1)
    assert actions["list.export"] == 1


async def test_com_041_the_security_officer_reads_nobody_s_data(
    client: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    await save_account(database, config, "officer", "安全 守", "情報政策課", PASSWORD, ["security_officer"])
    await log_in(client, config.code, "officer")
    for path in ("resident/persons?q=a", "resident/persons/1", "nhi/", "extraction/", "certificate/issues"):
        assert (await client.get(f"/{config.code}/{path}")).status_code in (403, 404), path


def test_what_is_asked_and_what_is_set_is_checked_at_once() -> None:
    asked = asked_of(None, None, "", "", today())
    assert (asked.until - asked.since, asked.until) == (timedelta(days=6), today())
    with pytest.raises(Invalid) as wrong:
        asked_of(MONDAY, MONDAY - timedelta(days=1), "no", "", MONDAY)
    assert [error.field for error in wrong.value.fields] == ["until", "kind"]
    with pytest.raises(Invalid):
        asked_of(date(2025, 1, 1), MONDAY, "", "", MONDAY)
    section = {"open_from": "09:00", "open_until": "08:00", "around_the_clock": ["night", "link"]}
    assert [error.field for error in check_policy(section, ["link"])] == [
        "security.open_until",
        "security.around_the_clock.0",
    ]
