"""A levy changed after its request, a debit that failed: told, asked for once more for the rest, never twice (ATENA-017)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import httpx
import psycopg
import pytest

from tests.conftest import Installation
from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, NOMINAL, PENSIONER, STUDENT, UNDECLARED, settle
from tests.nhi.test_direct_debits import _ACCOUNT, HTML, answer_to, rows_of
from tests.nhi.test_notice_letters import words
from yoriai import registry
from yoriai.banking import Retry, find_originators
from yoriai.banking.layout import DEBIT
from yoriai.clock import JAPAN
from yoriai.jobs import ChunkResult
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

DEBITS = "modules.nhi.health_insurance.debits"
AUGUST, NIGHT = date(2026, 8, 31), date(2026, 7, 24)
_REQUESTS = """
SELECT household_no, instalment_no, kind, debit_on, amount, result FROM nhi_debit WHERE debit_on > '2026-07-31'
 ORDER BY household_no, instalment_no, debit_on
"""
_CHANGE = """
UPDATE nhi_instalment i SET amount = i.amount + {amount} FROM nhi_assessment a
 WHERE a.id = i.assessment_id AND a.superseded_at IS NULL AND a.household_no = {household_no} AND i.no = 1
"""
_LATER_LEVY = (
    "DELETE FROM nhi_instalment WHERE assessment_id = (SELECT id FROM nhi_assessment WHERE household_no = 400)",
    """UPDATE nhi_assessment SET created_at = clock_timestamp(), decided_on = '2026-07-27' WHERE household_no = 400""",
    """INSERT INTO nhi_instalment SELECT own.id, i.no, i.due_date, 5000
         FROM nhi_assessment own, nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id
        WHERE own.household_no = 400 AND a.household_no = 100""",
)
"""The household is assessed for the first time when the file of its first due date is made already."""
_TWICE = """
INSERT INTO nhi_debit (id, file_no, household_no, fiscal_year, instalment_no, due_date, debit_on, amount, payer_no, assessment_id)
SELECT id + 1000, file_no, household_no, fiscal_year, instalment_no, due_date, debit_on + 1, amount, payer_no, assessment_id
  FROM nhi_debit LIMIT 1
"""
"""A second open request for the same instalment, on another day."""
_OWED = """
SELECT i.amount FROM nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id
 WHERE a.household_no = 200 AND a.superseded_at IS NULL AND i.no = 1
"""
_RETURNED = f"""
INSERT INTO returned_mail (addressee_no, kind, business, item, "on", staff_id)
VALUES ({NOMINAL.no}, 'returned', 'nhi', '納税通知書', '2026-08-20', 'clerk')
"""
_SINCE = f"UPDATE bank_account SET valid_from = '{{day}}' WHERE addressee_no = {UNDECLARED.no}"


class Office:
    """The clock of the screens, and the night of a day with the office open after it."""

    def __init__(self, bulk: BulkDatabase, config: TenantConfig) -> None:
        self.bulk, self.config = bulk, config
        self.today = NIGHT

    def now(self) -> datetime:
        return datetime(self.today.year, self.today.month, self.today.day, 9, tzinfo=JAPAN)

    def night(self, day: date) -> list[ChunkResult]:
        """What the night's job of requests did; the office opens the day after."""
        result = run_net(self.bulk, self.config, "nhi.daily", day)["nhi.debits"]
        self.today = day + timedelta(days=1)
        return result


@pytest.fixture
def office(bulk: BulkDatabase, config: TenantConfig, monkeypatch: pytest.MonkeyPatch) -> Office:
    """The office, whose screens show the day after the last night. Whoever logs in may do everything."""
    office = Office(bulk, config)
    monkeypatch.setattr("yoriai.web.context.now", office.now)
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    return office


@pytest.fixture
def asked(bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef, office: Office) -> str:
    """Three households whose first instalment was asked for; the prefix of the addresses."""
    with bulk.write(config.tenant) as session:
        settle(session, HEAD, NOMINAL, STUDENT, PENSIONER, UNDECLARED)
        for number, account in ((HEAD.no, "0000001"), (NOMINAL.no, "0000002"), (PENSIONER.no, "0000003")):
            session.execute(_ACCOUNT, (number, "nhi", "9971", account))
    run_net(bulk, config, "nhi.annual")
    office.night(NIGHT)
    return f"/{config.code}/nhi/debits"


def as_owner(installation: Installation, config: TenantConfig, *statements: str) -> None:
    """What no screen does, as the owner of the tables."""
    with psycopg.connect(installation.admin_dsn) as owner:
        owner.execute(f"SET search_path TO {config.tenant.schema}")
        for statement in statements:
            owner.execute(statement)


def change(installation: Installation, config: TenantConfig, household_no: int, amount: int) -> None:
    """Change the first instalment by so many yen, as a correction before its due date does."""
    as_owner(installation, config, _CHANGE.format(household_no=household_no, amount=amount))


async def answer(client: httpx.AsyncClient, base: str, content: str, codes: dict[str, str]) -> None:
    taken = await client.post(f"{base}/results", json={"file": answer_to(content, codes)})
    assert taken.status_code == 200, taken.text


async def listed(client: httpx.AsyncClient, base: str, show: str) -> dict[int, dict[str, Any]]:
    shown = (await client.get(f"{base}/differences?show={show}")).json()
    assert shown["count"] == len(shown["rows"])
    return {row["household_no"]: row for row in shown["rows"]}


async def test_a_levy_changed_after_its_request_is_told_and_only_the_rest_is_asked_for_at_the_next_date(
    asked: str, client: httpx.AsyncClient, bulk: BulkDatabase, config: TenantConfig, installation: Installation
) -> None:
    (file,) = rows_of(bulk, config, "SELECT content FROM nhi_debit_file")
    amounts = {
        row["household_no"]: row["amount"]
        for row in rows_of(bulk, config, "SELECT household_no, amount FROM nhi_debit")
    }
    with pytest.raises(psycopg.errors.UniqueViolation, match="uq_nhi_debit_open"):
        as_owner(installation, config, _TWICE)
    assert await listed(client, asked, "excess") == {}
    for household_no, amount in ((100, -700), (200, 900), (300, -2_600)):
        change(installation, config, household_no, amount)
    over = await listed(client, asked, "excess")
    assert {number: (row["difference"], row["chip"][0]) for number, row in over.items()} == {
        100: (700, "請求が多い"),
        300: (2_600, "請求が多い"),
    }
    assert "停止を依頼" in over[100]["next"]
    assert "請求・収納が多い 2件" in (await client.get(asked, headers=HTML)).text
    waiting = (await listed(client, asked, "next"))[200]
    assert (waiting["difference"], waiting["chip"][0]) == (900, "結果待ち")

    one = f"{asked}/differences/300/2026/1"
    stop = {"handling": "stop", "difference": 2_600, "note": "担当 佐藤"}
    assert (await client.post(one, json=stop | {"difference": 1})).status_code == 409, "another difference by now"
    refused = await client.post(one, data=stop | {"handling": "refund"}, headers=HTML)
    assert (refused.status_code, "この差異にはできない処理" in refused.text) == (422, True)
    done = await client.post(one, data=stop, headers=HTML)
    assert done.status_code == 303
    assert done.headers["location"].endswith("/differences?show=excess"), "back to what is left"
    assert "担当 佐藤" in (await client.get(one, headers=HTML)).text
    also = await client.post(f"{asked}/differences/100/2026/1", json=stop | {"difference": 700})
    assert also.status_code == 200
    assert await listed(client, asked, "excess") == {}, "seen to, until it changes"

    await answer(client, asked, file["content"], {"0000001": "0", "0000002": "0", "0000003": "8"})
    over = await listed(client, asked, "excess")
    assert {number: (row["difference"], row["chip"][0]) for number, row in over.items()} == {100: (700, "過納")}, (
        "debited although a stop was asked for"
    )
    assert await listed(client, asked, "slip") == {}
    rest = await listed(client, asked, "next")
    assert (rest[300]["chip"][0], rest[300]["difference"]) == ("追加の振替", amounts[300] - 2_600), (
        "stopped for the change"
    )
    further = rest[200]
    assert (further["chip"][0], further["difference"]) == ("追加の振替", 900)
    told = (await client.get(f"/{config.code}/nhi/households/200/levies/2026")).json()["instalments"][0]["debit"]
    assert told == f"口座振替済 請求額{amounts[200]:,}円 → 令和8年8月31日に900円を追加で振替"


async def test_what_was_raised_is_debited_with_the_next_instalments_and_never_again(
    asked: str,
    client: httpx.AsyncClient,
    bulk: BulkDatabase,
    config: TenantConfig,
    installation: Installation,
    office: Office,
) -> None:
    (file,) = rows_of(bulk, config, "SELECT content FROM nhi_debit_file")
    await answer(client, asked, file["content"], dict.fromkeys(("0000001", "0000002", "0000003"), "0"))
    change(installation, config, 200, 900)
    assert office.night(date(2026, 8, 18)) == [], "too early for the bank"
    (result,) = office.night(date(2026, 8, 20))
    rows = rows_of(bulk, config, _REQUESTS)
    mine = [(row["instalment_no"], row["kind"], row["amount"]) for row in rows if row["household_no"] == 200]
    assert mine[0] == (1, "further", 900)
    assert (mine[1][:2], len(rows), result.control_total) == ((2, "regular"), 4, sum(row["amount"] for row in rows))
    assert {row["debit_on"] for row in rows} == {AUGUST}, "one file for the day, so that its answer is found"
    change(installation, config, 200, 100)
    assert office.night(date(2026, 8, 20)) == [], "the file of the day is made"
    waiting = (await listed(client, asked, "next"))[200]
    assert (waiting["chip"][0], waiting["difference"], waiting["pending"]) == ("結果待ち", 100, 900)
    (_, second) = rows_of(bulk, config, "SELECT file_no, content FROM nhi_debit_file ORDER BY file_no")
    page = (await client.get(f"{asked}/{second['file_no']}", headers=HTML)).text
    assert "追加の振替" in page
    await answer(client, asked, second["content"], dict.fromkeys(("0000001", "0000002", "0000003"), "0"))
    office.night(date(2026, 9, 16))
    rest = [row for row in rows_of(bulk, config, _REQUESTS) if row["household_no"] == 200 and row["instalment_no"] == 1]
    assert [(row["debit_on"], row["amount"]) for row in rest] == [(AUGUST, 900), (date(2026, 9, 30), 100)], (
        "the 100 alone"
    )
    collected = (
        "SELECT sum(amount)::bigint AS yen FROM fact_nhi_collection WHERE household_no = 200 AND instalment_no = 1"
    )
    (owed,) = rows_of(bulk, config, _OWED)
    assert rows_of(bulk, config, collected)[0]["yen"] == owed["amount"] - 100


async def test_who_had_too_little_is_debited_once_more_on_the_configured_day_and_then_gets_a_slip(
    asked: str,
    client: httpx.AsyncClient,
    bulk: BulkDatabase,
    config: TenantConfig,
    office: Office,
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_the_end_of_august = [
        replace(item, retry=Retry(months_after=1, day=31)) for item in find_originators(config, "nhi", "debit")
    ]
    for module in ("positions", "making"):
        monkeypatch.setattr(f"{DEBITS}.{module}.find_originators", lambda *_: tuple(at_the_end_of_august))
    (file,) = rows_of(bulk, config, "SELECT file_no, content FROM nhi_debit_file")
    await answer(client, asked, file["content"], {"0000001": "1", "0000002": "3", "0000003": "1"})
    slip = {"handling": "slip", "difference": 0, "note": ""}
    (owed,) = rows_of(bulk, config, "SELECT amount FROM nhi_debit WHERE household_no = 300")
    assert (
        await client.post(f"{asked}/differences/300/2026/1", json=slip | {"difference": owed["amount"]})
    ).status_code == 200
    planned = (await listed(client, asked, "next"))[100]
    assert (planned["chip"][0], planned["next"][:9]) == ("再振替", "令和8年8月31日")
    office.night(date(2026, 8, 20))
    again = [row for row in rows_of(bulk, config, _REQUESTS) if row["instalment_no"] == 1]
    assert [(row["household_no"], row["kind"], row["debit_on"]) for row in again] == [(100, "retry", AUGUST)], (
        "not who stopped it, and not who was given a slip"
    )
    (second,) = rows_of(bulk, config, f"SELECT file_no, content FROM nhi_debit_file WHERE file_no > {file['file_no']}")
    records = [DEBIT.read(line) for line in second["content"].split("\r\n") if line.startswith("2")]
    assert len([item for item in records if item["account_number"] == "0000001"]) == 2, "July's and August's"
    await answer(client, asked, second["content"], {"0000001": "1", "0000002": "0", "0000003": "0"})
    office.night(date(2026, 9, 16))
    kinds = [
        (row["instalment_no"], row["kind"]) for row in rows_of(bulk, config, _REQUESTS) if row["household_no"] == 100
    ]
    assert kinds.count((1, "retry")) == 1, "no third debit"
    slips = await listed(client, asked, "slip")
    assert slips[100]["reason"].startswith("2度振り替えられませんでした")
    assert "預金者の都合" in slips[200]["reason"]
    page = (await client.get(f"{asked}/{second['file_no']}", headers=HTML)).text
    assert "再振替" in page
    data = {"accept": "application/json"}
    letters = (await client.get(f"{asked}/slips", headers=data)).json()
    told = {letter["name"]: (dict(letter["fields"])["理由"], letter["slip"]["amount"]) for letter in letters}
    assert told == {
        "山田 1子": ("資金不足", f"{slips[100]['difference']:,}円"),
        "山田 4子": ("預金者の都合による停止", f"{slips[200]['difference']:,}円"),
    }
    pages = words((await client.get(f"{asked}/slips", headers=HTML)).content)
    page = pages[0].replace(" ", "")
    assert page.count(f"{slips[100]['difference']:,}円") == 4, "the letter and three parts"
    for part in ("領収済通知書", "領収証書", "上記のとおり納付します。江田島市会計管理者"):
        assert part in page
    as_owner(installation, config, _RETURNED)
    withheld = (await listed(client, asked, "slip"))[200]["unsent"]
    assert withheld.startswith("返戻 納税通知書")
    alone = (await client.get(f"{asked}/differences/200/2026/1/slip", headers=data)).json()
    assert alone[0]["slip"]["payer"] == "山田 4子", "alone it prints all the same"
    missing = await client.get(f"{asked}/differences/300/2026/2/slip", headers=data)
    assert missing.status_code == 404, "what is debited has no slip"
    one = {"count": 1, "total": slips[100]["difference"], "confirmed": ["slips:1"]}
    assert (await client.post(f"{asked}/differences/slips", json=one)).status_code == 200
    assert list(await listed(client, asked, "slip")) == [200], "what was not printed was not sent"
    as_owner(
        installation, config, "DELETE FROM returned_mail", "DELETE FROM nhi_debit_handling WHERE household_no = 100"
    )
    whole = {"count": 2, "total": sum(row["difference"] for row in slips.values())}
    changed = await client.post(f"{asked}/differences/slips", data=whole | {"count": 3}, headers=HTML)
    assert (changed.status_code, "最新の内容" in changed.text) == (409, True)
    sure = await client.post(f"{asked}/differences/slips", data=whole, headers=HTML)
    assert (sure.status_code, "納付書をすべて送りました" in sure.text) == (428, True)
    confirmed = whole | {"confirmed": ["slips:2"]}
    assert (await client.post(f"{asked}/differences/slips", json=confirmed)).json() == {"count": 2, "show": "slip"}
    assert await listed(client, asked, "slip") == {}


async def test_a_levy_made_after_the_file_of_its_due_date_is_asked_for_later_but_not_from_who_has_a_slip(
    asked: str,
    client: httpx.AsyncClient,
    bulk: BulkDatabase,
    config: TenantConfig,
    installation: Installation,
    office: Office,
) -> None:
    with bulk.write(config.tenant) as session:
        session.execute(_ACCOUNT, (UNDECLARED.no, "nhi", "9971", "0000004"))
    run_net(bulk, config, "nhi.daily", NIGHT + timedelta(days=3))
    assert list(await listed(client, asked, "next")) == [], "who owed it before without an account has a slip"
    as_owner(installation, config, *_LATER_LEVY, _SINCE.format(day="2026-08-01"))
    assert list(await listed(client, asked, "next")) == [], "nor who had no account when it was assessed"
    as_owner(installation, config, _SINCE.format(day="2026-07-01"))
    found = (await listed(client, asked, "next"))[400]
    assert (found["difference"], found["instalment_no"], found["reason"][:8]) == (5_000, 1, "請求ファイルを作")
    office.night(date(2026, 8, 20))
    asked_of = [row for row in rows_of(bulk, config, _REQUESTS) if row["household_no"] == 400]
    assert [(row["instalment_no"], row["kind"], row["amount"]) for row in asked_of] == [
        (1, "further", 5_000),
        (2, "regular", 5_000),
    ]
