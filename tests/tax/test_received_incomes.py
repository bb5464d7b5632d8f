"""Incomes from the tax system's file: of ten rows two are set aside, corrected and recorded one by one (COM-069)."""

from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio

from modules.tax.income.exchange import RECEIVERS
from tests.conftest import PASSWORD, log_in
from tests.exchange.laying import lay
from tests.nhi.register import HEAD, NOMINAL, PENSIONER, SPOUSE, STUDENT, TOWN, settle
from yoriai.commands.staff import save_account
from yoriai.csv_text import csv_text
from yoriai.exchange.area import area_of
from yoriai.settings import Settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

YEAR = 2025
_KNOWN = """
SELECT addressee_no, salary_revenue, salary_income, sum_income_amount, staff_id FROM income
 WHERE superseded_at IS NULL AND income_year = 2025 ORDER BY addressee_no
"""
_TOLD = "SELECT count(*) FROM outbox_event WHERE topic = 'income.changed'"


@pytest_asyncio.fixture(loop_scope="session")
async def officer(anonymous: httpx.AsyncClient, database: Database, config: TenantConfig) -> httpx.AsyncClient:
    """A client of 税務課 who takes files in."""
    await save_account(database, config, "officer", "税務　担当", "税務課", PASSWORD, ["batch_viewer", "tax_clerk"])
    return await log_in(anonymous, config.code, "officer")


def _row(number: int, **values: Any) -> dict[str, str]:
    named = {"宛名番号": number, "所得の年": YEAR, "訂正": "", "給与収入": "", "公的年金等収入": "", "営業等所得": ""}
    return {name: str(value) for name, value in (named | values).items()}


@pytest.fixture
def area_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The exchange area: a folder."""
    monkeypatch.setenv("YORIAI_EXCHANGE", (tmp_path / "area").as_uri())
    return tmp_path / "area"


async def test_com_069_incomes_are_taken_row_by_row_and_replace_another_only_where_the_row_says_so(
    officer: httpx.AsyncClient,
    bulk: BulkDatabase,
    config: TenantConfig,
    tenant: TenantRef,
    settings: Settings,
    area_folder: Path,
) -> None:
    with bulk.write(tenant) as session:
        settle(session, *TOWN)
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no <> $1", (HEAD.no,))
    rows = [
        _row(HEAD.no, 給与収入="5,000,000円"),
        _row(SPOUSE.no, 給与収入=1_500_000),
        _row(NOMINAL.no, 給与収入=6_000_000),
        _row(NOMINAL.no, 給与収入=6_000_000),
        _row(STUDENT.no),
        _row(PENSIONER.no, 公的年金等収入=1_800_000),
        _row(999, 給与収入=1),
        _row(STUDENT.no, 所得の年=2024, 営業等所得=-300_000),
        _row(SPOUSE.no, 所得の年=2024),
        _row(NOMINAL.no, 所得の年=2024, 給与収入=5_900_000),
    ]
    area = area_of(settings, tenant)
    lay(area, "in/income.income/2025.csv", csv_text(list(rows[0]), (list(row.values()) for row in rows)).encode())
    at = f"/{tenant.code}/exchange"
    taken = (await officer.post(f"{at}/take", json={"receiver": "income.income"})).json()["taken"]
    assert "10行のうち8行を登録し、2行を保留しました" in taken
    with bulk.read(tenant) as reading:
        known = {row[0]: row[1:] for row in reading.read(_KNOWN).rows()}
        events = reading.read(_TOLD).item()
    assert known[NOMINAL.no] == (6_000_000, 4_360_000, 4_360_000, "officer"), "converted as at the counter"
    assert known[HEAD.no][1] == 4_000_000, "what is registered is not replaced by a row that does not say so"
    assert events == 7, "the same values again tell nobody"

    first, second = (await officer.get(f"{at}/rows")).json()["rows"]
    assert "置き換えるときは「訂正」を1に" in first["reasons"][0]["message"]
    assert "見つかりません" in second["reasons"][0]["message"]
    page = await officer.get(f"{at}/rows/{first['row_no']}", headers={"accept": "text/html"})
    assert "1=登録済みの内容を置き換える" in page.text

    async def fix(row_no: int, values: dict[str, str]) -> dict[str, Any]:
        cells = {cell["label"]: cell["value"] for cell in (await officer.get(f"{at}/rows/{row_no}")).json()["cells"]}
        answer = await officer.post(f"{at}/rows/{row_no}", json={"version": 1, "values": cells | values})
        done: dict[str, Any] = answer.json()
        return done

    assert (await fix(first["row_no"], {"訂正": "1"}))["is_done"]
    undeclared = {"宛名番号": str(STUDENT.no), "申告・報告の有無": "0", "訂正": "1"}
    still = await fix(second["row_no"], undeclared)
    assert [reason["column"] for reason in still["reasons"]] == ["申告・報告の有無"], "未申告 with an amount"
    with bulk.read(tenant) as reading:
        known = {row[0]: row[1:] for row in reading.read(_KNOWN).rows()}
    assert known[HEAD.no][0] == 5_000_000


def test_every_field_of_the_form_has_a_heading() -> None:
    (receiver,) = RECEIVERS
    assert set(receiver.columns.values()) == set(receiver.model.model_fields) - {"replaces"}
    assert set(receiver.hints) <= set(receiver.columns)
