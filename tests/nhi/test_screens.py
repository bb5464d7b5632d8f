"""The addresses of NHI: JSON and screens from the same handlers, permissions, and an audit event for everyone seen."""

import re
from typing import Any

import httpx
import pytest

from modules.nhi.health_insurance.panels import person_panel
from tests.conftest import PASSWORD, log_in
from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, NOMINAL, SPOUSE, STUDENT, TOWN, UNDECLARED, settle
from yoriai.audit import SYSTEM
from yoriai.commands.staff import save_account
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database

HTML = {"accept": "text/html"}
_SEEN = "SELECT DISTINCT subject FROM audit_event WHERE action = $1 ORDER BY subject"


@pytest.fixture
def levied(bulk: BulkDatabase, config: TenantConfig, tenant: Any) -> str:
    """The town after its yearly levy; the prefix of its addresses."""
    with bulk.write(config.tenant) as session:
        settle(session, *TOWN)
    run_net(bulk, config, "nhi.annual")
    return f"/{config.code}/nhi"


async def seen(database: Database, config: TenantConfig, action: str) -> list[str]:
    async with database.read(config.tenant, SYSTEM) as session:
        return [row["subject"] for row in await session.fetch(_SEEN, action)]


async def test_the_levy_is_json_and_a_screen_and_everyone_seen_is_audited(
    levied: str, client: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    answer = await client.get(f"{levied}/households/100/levies/2026")
    assert answer.status_code == 200, answer.text
    levy = answer.json()
    assert levy["levy"]["total"] == sum(row["amount"] for row in levy["instalments"])
    assert levy["levy"]["total"] == sum(row["amount"] for row in levy["levy"]["components"])
    assert [(person["role"], person["months"]) for person in levy["people"]] == [
        ("世帯主", 12),
        ("被保険者", 12),
        ("被保険者", 12),
    ]
    assert await seen(database, config, "nhi.view") == [f"addressee:{number}" for number in (1, 2, 3)]
    page = await client.get(f"{levied}/households/100/levies/2026", headers=HTML)
    assert page.status_code == 200, page.text
    for text in ("納期ごとの金額", "医療分", "なぜこの金額か", f"{levy['levy']['total']:,}円"):
        assert text in page.text


async def test_a_nominal_head_is_named_as_such(levied: str, client: httpx.AsyncClient) -> None:
    levy = (await client.get(f"{levied}/households/200/levies/2026")).json()
    assert [(person["addressee_no"], person["role"], person["months"]) for person in levy["people"]] == [
        (NOMINAL.no, "擬制世帯主", 0),
        (STUDENT.no, "被保険者", 12),
    ]
    assert levy["levy"]["is_nominal_head"]


async def test_the_explanation_names_articles_and_unconfirmed_figures(
    levied: str, client: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    address = f"{levied}/households/100/levies/2026/explanation"
    short = (await client.get(address)).json()
    complete = (await client.get(address, params={"complete": "true"})).json()
    assert len(short["steps"]) < len(complete["steps"])
    assert short["steps"][-1]["value"] == f"{short['total']:,}円"
    assert short["unconfirmed"]
    page = await client.get(address, headers=HTML)
    assert page.status_code == 200, page.text
    for text in ("要確認", "地方税法", "所得割", "1円未満切捨て", HEAD_NAME):
        assert text in page.text
    assert await seen(database, config, "nhi.explain") == [f"addressee:{number}" for number in (1, 2, 3)]
    whole = (await client.get(address, params={"complete": "true"}, headers=HTML)).text
    words = re.sub("<[^>]*>", " ", whole)
    assert "令和6年1月" in words, "産前産後の軽減の最初の月"
    assert re.findall(r"\d{4}-\d\d", words) == [], "days and months as staff read them"


HEAD_NAME = f"山田 {HEAD.no}子"


async def test_assessing_again_without_a_change_records_nothing(levied: str, client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{levied}/households/100/levies/2026/assess")
    assert (answer.status_code, answer.json()["is_changed"]) == (200, False)
    screen = await client.post(f"{levied}/households/100/levies/2026/assess", headers=HTML)
    assert (screen.status_code, screen.headers["location"]) == (303, f"{levied}/households/100/levies/2026")


@pytest.mark.parametrize(
    "path",
    [
        "/candidates",
        "/enrolments/new?addressee_no=2",
        "/enrolments/loss?addressee_no=2",
        "/circumstances/new?addressee_no=2",
        "/statistics?fiscal_year=2026",
    ],
)
async def test_each_screen_renders(levied: str, client: httpx.AsyncClient, path: str) -> None:
    page = await client.get(levied + path, headers=HTML)
    assert page.status_code == 200, page.text
    assert "<h1" in page.text


async def test_a_loss_is_recorded_by_the_form_and_a_wrong_one_is_shown_again(
    levied: str, client: httpx.AsyncClient
) -> None:
    form = {
        "addressee_no": str(SPOUSE.no),
        "reason": "employee_scheme_joined",
        "lost_on": "R8.4.2",
        "notified_on": "2026-04-10",
    }
    wrong = await client.post(f"{levied}/enrolments/loss", data=form | {"lost_on": "H1.4.1"}, headers=HTML)
    assert wrong.status_code == 422
    assert "より前の日付です" in wrong.text
    done = await client.post(f"{levied}/enrolments/loss", data=form, headers=HTML)
    assert done.status_code == 303, done.text
    page = await client.get(done.headers["location"], headers=HTML)
    assert "賦課し直してください" in page.text or "計算し直してください" in page.text
    again = await client.post(f"{levied}/households/100/levies/2026/assess")
    assert (again.json()["is_changed"], again.json()["revision"]) == (True, 2)


async def test_a_lost_job_lowers_the_levy_from_that_month(levied: str, client: httpx.AsyncClient) -> None:
    form = {
        "addressee_no": str(HEAD.no),
        "kind": "non_voluntary",
        "starts_on": "R8.10.1",
        "notified_on": "R8.10.5",
        "code": "11",
    }
    done = await client.post(f"{levied}/circumstances", data=form, headers=HTML)
    assert done.status_code == 303, done.text
    before = (await client.get(f"{levied}/households/100/levies/2026")).json()["levy"]["total"]
    after = (await client.post(f"{levied}/households/100/levies/2026/assess")).json()
    assert after["is_changed"]
    assert after["total"] < before


async def test_without_the_permission_nothing_is_said(
    levied: str, anonymous: httpx.AsyncClient, database: Database, config: TenantConfig
) -> None:
    assert (await anonymous.get(f"{levied}/households/100")).status_code == 401
    await save_account(database, config, "child", "児童 太郎", "こども課", PASSWORD, ["welfare_clerk"])
    await log_in(anonymous, config.code, "child")
    for path in ("/households/100", "/households/1", "/candidates", "/households/100/levies/2026/explanation"):
        assert (await anonymous.get(levied + path)).status_code == 403
    assert await seen(database, config, "nhi.view") == []


async def test_an_unknown_household_is_not_found(levied: str, client: httpx.AsyncClient) -> None:
    assert (await client.get(f"{levied}/households/999/levies/2026")).status_code == 404
    assert (await client.get(f"{levied}/households/100/levies/2020/explanation")).status_code == 404


@pytest.mark.usefixtures("levied")
async def test_the_panel_shows_state_amount_and_what_needs_attention(database: Database, config: TenantConfig) -> None:
    async with database.read(config.tenant, SYSTEM) as session:
        insured = await person_panel(session, HEAD.no)
        nominal = await person_panel(session, NOMINAL.no)
        undeclared = await person_panel(session, UNDECLARED.no)
        stranger = await person_panel(session, 12345)
    assert insured is not None
    assert insured.status is not None
    assert insured.amount is not None
    assert (insured.status.label, insured.amount.href) == ("被保険者", "/nhi/households/100/levies/2026/explanation")
    assert nominal is not None
    assert nominal.status is not None
    assert nominal.status.label == "擬制世帯主"
    assert undeclared is not None
    assert any("未申告" in alert for alert in undeclared.alerts)
    assert stranger is None
