"""The yearly levy of the night: what it writes, that it can be repeated, and that it agrees with the counter."""

import json
from datetime import date
from typing import Any

import polars as pl
import pytest

from modules.nhi.health_insurance import jobs
from tests.nhi.nightly import run_net
from tests.nhi.register import CHILD, HEAD, NOMINAL, SPOUSE, TOWN, Person, income_row, settle
from yoriai.rules.parameters.resolution import MissingParameter
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

_CURRENT = """
SELECT household_no, revision, total, tier, payer_no, is_nominal_head, months, insured_count, has_undeclared
  FROM nhi_assessment WHERE superseded_at IS NULL ORDER BY household_no
"""
_REVISIONS = """
SELECT revision, total, superseded_at IS NULL AS is_current FROM nhi_assessment WHERE household_no = 100 ORDER BY revision
"""
_OWED = """
SELECT sum(i.amount)::bigint AS owed FROM nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id
 WHERE a.household_no = 300 AND a.revision = 2
"""


@pytest.fixture
def town(bulk: BulkDatabase, config: TenantConfig, tenant: Any) -> None:
    """Four households: a family, a nominal head, a pensioner, an undeclared person."""
    with bulk.write(config.tenant) as session:
        settle(session, *TOWN)


def read(bulk: BulkDatabase, config: TenantConfig, sql: str) -> pl.DataFrame:
    with bulk.read(config.tenant) as session:
        return session.read(sql)


def correct_income(bulk: BulkDatabase, config: TenantConfig, number: int, salary: int) -> None:
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1", (number,))
        session.append("income", pl.DataFrame([income_row(number, salary)]))


@pytest.mark.usefixtures("town")
def test_every_household_gets_one_assessment_with_its_payer(bulk: BulkDatabase, config: TenantConfig) -> None:
    run_net(bulk, config, "nhi.annual")
    rows = {row["household_no"]: row for row in read(bulk, config, _CURRENT).iter_rows(named=True)}
    assert list(rows) == [100, 200, 300, 400]
    assert (rows[100]["payer_no"], rows[100]["is_nominal_head"], rows[100]["insured_count"]) == (HEAD.no, False, 3)
    assert (rows[200]["payer_no"], rows[200]["is_nominal_head"], rows[200]["insured_count"]) == (NOMINAL.no, True, 1)
    assert rows[200]["tier"] == 0, "the nominal head's income is judged"
    assert rows[300]["tier"] == 7
    assert (rows[400]["tier"], rows[400]["has_undeclared"]) == (0, True)
    assert not rows[100]["has_undeclared"], "a child need not declare"


@pytest.mark.usefixtures("town")
def test_notices_instalments_and_assessments_add_up_to_the_same(bulk: BulkDatabase, config: TenantConfig) -> None:
    results = run_net(bulk, config, "nhi.annual")
    sums = {name: sum(chunk.control_total for chunk in chunks) for name, chunks in results.items()}
    assert len(set(sums.values())) == 1
    assert sums["nhi.assess"] > 0
    for row in read(bulk, config, "SELECT total, instalments FROM nhi_notice").iter_rows(named=True):
        lines = json.loads(row["instalments"])
        assert sum(line["amount"] for line in lines) == row["total"]
        assert [line["no"] for line in lines] == list(range(1, len(lines) + 1))


@pytest.mark.usefixtures("town")
def test_repeating_the_yearly_levy_makes_nothing_new(bulk: BulkDatabase, config: TenantConfig) -> None:
    run_net(bulk, config, "nhi.annual")
    before = read(bulk, config, _CURRENT)
    again = run_net(bulk, config, "nhi.annual")
    assert read(bulk, config, _CURRENT).equals(before)
    assert [
        sum(chunk.rows_out for chunk in again[name]) for name in ("nhi.assess", "nhi.instalments", "nhi.notices")
    ] == [0, 0, 0]
    assert read(bulk, config, "SELECT count(*) AS n FROM nhi_instalment")["n"][0] == 4 * 8


@pytest.mark.usefixtures("town")
def test_a_corrected_income_makes_a_revision_of_that_household_only(bulk: BulkDatabase, config: TenantConfig) -> None:
    run_net(bulk, config, "nhi.annual")
    correct_income(bulk, config, HEAD.no, 1_000_000)
    results = run_net(bulk, config, "nhi.annual", date(2026, 10, 1))
    assert [sum(chunk.rows_out for chunk in results[name]) for name in ("nhi.assess", "nhi.notices")] == [1, 1]
    rows = read(bulk, config, _REVISIONS).rows()
    assert [(revision, current) for revision, _, current in rows] == [(1, False), (2, True)]
    assert rows[1][1] < rows[0][1]
    notice = read(
        bulk, config, "SELECT kind, total, previous_total, instalments FROM nhi_notice WHERE kind = 'revised'"
    ).row(0, named=True)
    assert (notice["total"], notice["previous_total"]) == (rows[1][1], rows[0][1])
    assert sum(line["amount"] for line in json.loads(notice["instalments"])) == notice["total"]


@pytest.mark.usefixtures("town")
def test_a_household_without_anybody_insured_is_revised_to_nothing(bulk: BulkDatabase, config: TenantConfig) -> None:
    run_net(bulk, config, "nhi.annual")
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE nhi_enrolment SET superseded_at = clock_timestamp() WHERE household_no = 300")
    run_net(bulk, config, "nhi.annual", date(2026, 10, 1))
    row = read(bulk, config, _CURRENT).filter(pl.col("household_no") == 300).row(0, named=True)
    assert (row["revision"], row["total"]) == (2, 0)
    assert read(bulk, config, _OWED)["owed"][0] == 0


def test_a_household_whose_head_is_gone_is_counted_as_an_error_with_its_reason(
    bulk: BulkDatabase, config: TenantConfig, tenant: Any
) -> None:
    gone = Person(
        9,
        900,
        date(1985, 1, 2),
        is_head=True,
        lost_on=date(2026, 5, 20),
        loss_reason="move_out",
        removed_on=date(2026, 5, 20),
    )
    with bulk.write(config.tenant) as session:
        settle(session, gone)
    results = run_net(bulk, config, "nhi.annual")
    assert results["nhi.notices"][0].rows_error == 1
    (error,) = results["nhi.notices"][0].errors
    assert (error.subject, "送付先" in error.reason) == ("household:900", True)
    notice = read(bulk, config, "SELECT problem, total, addressee_no FROM nhi_notice").row(0, named=True)
    assert "住民票がありません" in notice["problem"]
    assert (notice["addressee_no"], notice["total"] > 0) == (gone.no, True)
    assert read(bulk, config, _CURRENT)["months"][0] == 1


def test_missing_figures_fail_the_job_with_their_reason(bulk: BulkDatabase, config: TenantConfig, tenant: Any) -> None:
    with bulk.write(config.tenant) as session:
        settle(session, HEAD, SPOUSE, CHILD)
    empty = TenantConfig({**config.document, "businesses": {}})
    with pytest.raises(MissingParameter) as failure:
        run_net(bulk, empty, "nhi.annual")
    assert any("登録されていません" in error.message for error in failure.value.fields)


def test_the_pay_of_a_dedicated_worker_is_put_back_to_the_business(
    bulk: BulkDatabase, config: TenantConfig, tenant: Any
) -> None:
    owner = Person(20, 600, date(1970, 1, 5), is_head=True, income={"business_income": 3_000_000})
    worker = Person(21, 600, date(1972, 1, 5), salary=350_000, income={"is_dedicated_worker": True})
    with bulk.write(config.tenant) as session:
        settle(session, owner, worker)
    run_net(bulk, config, "nhi.annual")
    assert read(bulk, config, "SELECT judged_income FROM nhi_assessment")["judged_income"][0] == 3_000_000 + 1_000_000
    kept = json.loads(read(bulk, config, "SELECT input FROM nhi_assessment_input")["input"][0])["members"]
    assert [member.get("dedicated_worker_deduction") for member in kept] == [1_000_000, None]
    assert [member.get("dedicated_worker_pay") for member in kept] == [None, 1_000_000]


@pytest.mark.usefixtures("town")
def test_chunks_cover_every_household_once(
    bulk: BulkDatabase, config: TenantConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "_ASSESS_ROWS", 2)
    results = run_net(bulk, config, "nhi.annual")
    assert [chunk.rows_in for chunk in results["nhi.assess"]] == [2, 2]


@pytest.mark.usefixtures("town")
def test_statistics_count_each_household_in_its_tier(bulk: BulkDatabase, config: TenantConfig) -> None:
    run_net(bulk, config, "nhi.annual")
    run_net(bulk, config, "nhi.annual")
    rows = read(
        bulk, config, "SELECT tier, households, insured, undeclared_households FROM nhi_statistics ORDER BY tier"
    ).rows()
    assert sum(row[1] for row in rows) == 4
    assert sum(row[2] for row in rows) == 6
    assert sum(row[3] for row in rows) == 1


def test_who_reaches_75_is_a_candidate_of_the_daily_job_once(
    bulk: BulkDatabase, config: TenantConfig, tenant: Any
) -> None:
    with bulk.write(config.tenant) as session:
        settle(session, Person(8, 800, date(1951, 7, 20), is_head=True), Person(10, 800, date(1951, 9, 1)))
    first = run_net(bulk, config, "nhi.daily")
    again = run_net(bulk, config, "nhi.daily")
    assert [first["nhi.candidates"][0].rows_out, again["nhi.candidates"][0].rows_out] == [1, 0]
    row = read(bulk, config, "SELECT addressee_no, kind, reason, effective_on FROM nhi_proposal").row(0)
    assert row == (8, "lose", "elderly_medical", date(2026, 7, 20))
