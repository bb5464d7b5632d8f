"""口座振替 of NHI instalments: the request by night, the bank's answer once and whole, the unpaid listed (ATENA-017, COM-071)."""

import base64
from datetime import date
from typing import Any

import httpx
import pytest

from modules.nhi.health_insurance.routes import router
from tests.conftest import Installation
from tests.nhi.nightly import run_net
from tests.nhi.register import HEAD, NOMINAL, PENSIONER, STUDENT, UNDECLARED, settle
from yoriai import registry
from yoriai.banking import encode
from yoriai.banking.layout import DEBIT, DEBIT_TRAILER
from yoriai.database.migrate import owner_connection
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef

HTML = {"accept": "text/html"}
_ACCOUNT = """
INSERT INTO bank_account (addressee_no, business, account_use, bank_code, bank_name, branch_code, branch_name, account_type,
                          account_number, holder_kana, valid_from, valid_to, reason, staff_id)
VALUES ($1, $2, 'debit', $3, 'みほん銀行', '101', '本店', '1', $4, 'ﾔﾏﾀﾞ', '2026-04-01', '9999-12-31', '依頼書', 'clerk')
"""
_LINK = "INSERT INTO addressee_link (from_no, to_no, kind, reason, staff_id) VALUES ($1, $2, 'duplicate', '同一人', 'clerk')"
_FILES = "SELECT file_no, debit_on, count, total, content FROM nhi_debit_file ORDER BY file_no"
_DEBITS = (
    "SELECT household_no, instalment_no, amount, payer_no, result, collected_on, problem FROM nhi_debit ORDER BY id"
)
_AMOUNTS = """
SELECT a.household_no, i.amount FROM nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id
 WHERE a.superseded_at IS NULL AND i.no = 1 ORDER BY 1
"""
_CORRECTED = """
UPDATE nhi_instalment i SET amount = i.amount + 100 FROM nhi_assessment a
 WHERE a.id = i.assessment_id AND a.superseded_at IS NULL AND a.household_no = 100 AND i.no = 1
"""


@pytest.fixture
def town(bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef) -> dict[int, int]:
    """Four households that owe; the first instalment of each in yen. One has an account for another business only."""
    with bulk.write(config.tenant) as session:
        settle(session, HEAD, NOMINAL, STUDENT, PENSIONER, UNDECLARED)
        for number, business, bank, account in (
            (HEAD.no, "nhi", "9971", "0000001"),
            (HEAD.no, "all", "9971", "0000009"),
            (NOMINAL.no, "all", "9972", "0000002"),
            (PENSIONER.no, "nhi", "9972", "0000003"),
            (UNDECLARED.no, "child_allowance", "9971", "0000004"),
        ):
            session.execute(_ACCOUNT, (number, business, bank, account))
    run_net(bulk, config, "nhi.annual")
    with bulk.read(config.tenant) as session:
        return dict(session.read(_AMOUNTS).rows())


def rows_of(bulk: BulkDatabase, config: TenantConfig, sql: str) -> list[dict[str, Any]]:
    with bulk.read(config.tenant) as session:
        return list(session.read(sql).iter_rows(named=True))


def first_due(bulk: BulkDatabase, config: TenantConfig) -> date:
    found: date = rows_of(bulk, config, "SELECT min(due_date) AS due FROM nhi_instalment")[0]["due"]
    return found


def answer_to(content: str, codes: dict[str, str]) -> str:
    """The bank's answer, by account number, as a file field sends it."""
    lines = content.split("\r\n")
    paid: list[int] = []
    for no, line in enumerate(lines):
        if line.startswith("2"):
            code = codes[DEBIT.column("account_number").read(line)]
            lines[no] = f"{line[:111]}{code}{line[112:]}"
            paid += [int(DEBIT.column("amount").read(line))] if code == "0" else []
    told = {name: int(value) for name, value in DEBIT_TRAILER.read(lines[-3]).items()}
    done = {"paid_count": len(paid), "paid_total": sum(paid)}
    rest = {"unpaid_count": told["count"] - len(paid), "unpaid_total": told["total"] - sum(paid)}
    lines[-3] = DEBIT_TRAILER.write({**told, **done, **rest})
    return base64.b64encode(encode("\r\n".join(lines))).decode()


def test_atena_017_the_night_asks_each_payers_own_account_once_with_its_control_totals(
    bulk: BulkDatabase, config: TenantConfig, town: dict[int, int]
) -> None:
    due = first_due(bulk, config)
    early = run_net(bulk, config, "nhi.daily", date(2026, 7, 1))
    assert early["nhi.debits"] == [], "too early for the bank"
    result = run_net(bulk, config, "nhi.daily", date(2026, 7, 24))["nhi.debits"][0]
    asked = {number: town[number] for number in (100, 200, 300)}
    assert (result.rows_out, result.rows_error, result.control_total) == (3, 0, sum(asked.values()))
    (file,) = rows_of(bulk, config, _FILES)
    assert (file["debit_on"], file["count"], file["total"]) == (due, 3, sum(asked.values()))
    records = [DEBIT.read(line) for line in file["content"].split("\r\n") if line.startswith("2")]
    assert {(item["account_number"], int(item["amount"])) for item in records} == {
        ("0000001", asked[100]),
        ("0000002", asked[200]),
        ("0000003", asked[300]),
    }
    assert {row["household_no"]: row["amount"] for row in rows_of(bulk, config, _DEBITS)} == asked
    assert run_net(bulk, config, "nhi.daily", date(2026, 7, 27))["nhi.debits"] == [], "asked for once"


def test_the_code_for_novelty_goes_by_the_payer_and_the_account_not_by_the_household(
    installation: Installation, bulk: BulkDatabase, config: TenantConfig, town: dict[int, int]
) -> None:
    """新規コード: 1 the payer's first request, 2 another account than the last time, 0 neither."""
    run_net(bulk, config, "nhi.daily", date(2026, 7, 24))
    with bulk.write(config.tenant) as session:
        session.execute(
            "UPDATE bank_account SET superseded_at = now() WHERE addressee_no = $1 AND business = 'nhi'", (HEAD.no,)
        )
    with owner_connection(installation.admin_dsn, config.tenant.schema) as connection:
        # The household paid before, by somebody else.
        connection.exec_driver_sql("UPDATE nhi_debit SET payer_no = 999 WHERE household_no = 300")
    run_net(bulk, config, "nhi.daily", date(2026, 8, 24))
    first, second = rows_of(bulk, config, _FILES)
    told = [
        {item["account_number"]: item["novelty"] for item in records_of(file["content"])} for file in (first, second)
    ]
    assert told == [
        {"0000001": "1", "0000002": "1", "0000003": "1"},
        {"0000009": "2", "0000002": "0", "0000003": "1"},
    ]


def records_of(content: str) -> list[dict[str, str]]:
    return [DEBIT.read(line) for line in content.split("\r\n") if line.startswith("2")]


def test_a_bank_nobody_collects_from_is_told_and_a_joined_payer_goes_by_the_representatives_number(
    bulk: BulkDatabase, config: TenantConfig, town: dict[int, int]
) -> None:
    document = {**config.document}
    (debit, *others) = document["banking"]["originators"]
    document["banking"] = {"originators": [{**debit, "serves": ["9971"], "line_end": "none"}, *others]}
    only = TenantConfig(document)
    with bulk.write(config.tenant) as session:
        session.execute(_LINK, (HEAD.no, UNDECLARED.no))
    result = run_net(bulk, only, "nhi.daily", date(2026, 7, 24))["nhi.debits"][0]
    assert [error.subject for error in result.errors] == ["household:200", "household:300"]
    assert "9972" in result.errors[0].reason
    rows = rows_of(bulk, config, _DEBITS)
    assert {row["household_no"]: row["payer_no"] for row in rows if not row["problem"]} == {
        100: UNDECLARED.no,
        400: UNDECLARED.no,
    }, "ATENA-009: one number for both, whose account serves both"
    assert len(rows_of(bulk, config, _FILES)[0]["content"]) == 120 * 5


async def test_a_result_is_taken_in_whole_and_once_and_the_unpaid_are_listed(
    client: httpx.AsyncClient,
    bulk: BulkDatabase,
    config: TenantConfig,
    town: dict[int, int],
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = f"/{config.code}/nhi/debits"
    run_net(bulk, config, "nhi.daily", date(2026, 7, 24))
    (file,) = rows_of(bulk, config, _FILES)
    monkeypatch.setattr(TenantConfig, "permissions_of", lambda *_: frozenset(registry.permissions()))
    shut = [permission for (_, path), permission in router.permissions.items() if "/debits" in path]
    assert shut == ["nhi.debit"] * 14, "only who has the right"
    got = await client.get(f"{base}/{file['file_no']}/content")
    assert got.content == encode(file["content"])
    assert "結果待ち" in (await client.get(base, headers=HTML)).text

    wrong = answer_to(file["content"].replace(f"{town[300]:010}", f"{town[300] + 1:010}"), dict.fromkeys(CODES, "7"))
    refused = await client.post(f"{base}/results", data={"file": wrong}, headers=HTML)
    assert refused.status_code == 422
    assert "81〜90桁目 金額" in refused.text
    assert refused.text.count("という振替結果コードはありません") >= 3, "all mistakes at once"
    assert all(row["result"] is None for row in rows_of(bulk, config, _DEBITS)), "and nothing is half applied"

    right = answer_to(file["content"], CODES)
    taken = await client.post(f"{base}/results", data={"file": right}, headers=HTML)
    assert taken.status_code == 303, taken.text
    page = (await client.get(taken.headers["location"], headers=HTML)).text
    assert "資金不足" in page
    assert f"{town[200]:,}円" in page
    shown = (await client.get(f"{base}/{file['file_no']}")).json()
    assert [(row["household_no"], row["result"]) for row in shown["unpaid"]] == [(200, "1")]
    assert (shown["file"]["paid_total"], shown["file"]["unpaid_total"]) == (town[100] + town[300], town[200])
    again = await client.post(f"{base}/results", json={"file": right})
    assert again.status_code == 409, "once"
    levy = (await client.get(f"/{config.code}/nhi/households/200/levies/2026")).json()
    assert levy["instalments"][0]["debit"] == f"振替不能 (資金不足) → {town[200]:,}円は納付書で"
    with owner_connection(installation.admin_dsn, config.tenant.schema) as owner:
        owner.exec_driver_sql(_CORRECTED)
    levy = (await client.get(f"/{config.code}/nhi/households/100/levies/2026")).json()
    assert levy["instalments"][0]["debit"].startswith(f"口座振替済 請求額{town[100]:,}円 → "), (
        "the bank collected what it was asked for"
    )
    facts = rows_of(bulk, config, "SELECT household_no, amount, collected_on FROM fact_nhi_collection ORDER BY 1")
    due = first_due(bulk, config)
    assert facts == [{"household_no": number, "amount": town[number], "collected_on": due} for number in (100, 300)]


CODES = {"0000001": "0", "0000002": "1", "0000003": "0"}
