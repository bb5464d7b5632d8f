"""The levy at the counter: the night's steps on one household, revisions, and explanations from what was kept."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from modules.nhi.health_insurance import service
from modules.nhi.health_insurance.figures import figures_of
from tests.nhi.nightly import run_net
from tests.nhi.register import FISCAL_YEAR, HEAD, TOWN, income_row, settle
from yoriai.audit import SYSTEM
from yoriai.clock import JAPAN
from yoriai.errors import NotFound
from yoriai.rules import Explanation
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Database, WriteSession

DAY = date(2026, 6, 10)
NOW = datetime(2026, 6, 10, 9, 0, tzinfo=JAPAN)
HOUSEHOLDS = (100, 200, 300, 400)
_SUMS = """
SELECT a.total, sum(i.amount)::bigint AS owed FROM nhi_assessment a JOIN nhi_instalment i ON i.assessment_id = a.id
 WHERE a.superseded_at IS NULL GROUP BY a.id, a.total
"""


@pytest.fixture
def town(bulk: BulkDatabase, config: TenantConfig, tenant: Any) -> None:
    with bulk.write(config.tenant) as session:
        settle(session, *TOWN)


@asynccontextmanager
async def counter(database: Database, config: TenantConfig) -> AsyncIterator[WriteSession]:
    async with database.write(config.tenant, replace(SYSTEM, login="clerk")) as session:
        yield session


def total_of(explanation: Explanation) -> int:
    """What the last step of the levy came to."""
    return int(next(step for step in explanation.steps if step.key == "total").values[0].value)


async def assess(database: Database, config: TenantConfig, household_no: int, day: date = DAY) -> Any:
    async with counter(database, config) as session:
        return await service.assess_household(session, household_no, figures_of(config, FISCAL_YEAR), day, NOW)


@pytest.mark.usefixtures("town")
async def test_the_night_finds_nothing_to_change_after_the_counter(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    totals = [(await assess(database, config, number))["total"] for number in HOUSEHOLDS]
    results = run_net(bulk, config, "nhi.annual")
    assert [
        sum(chunk.rows_out for chunk in results[name]) for name in ("nhi.assess", "nhi.instalments", "nhi.notices")
    ] == [0] * 3
    assert all(total > 0 for total in totals)
    with bulk.read(config.tenant) as session:
        assert all(total == owed for total, owed in session.read(_SUMS).rows())


@pytest.mark.usefixtures("town")
async def test_the_counter_finds_nothing_to_change_after_the_night(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    run_net(bulk, config, "nhi.annual")
    assert [await assess(database, config, number) for number in HOUSEHOLDS] == [None] * 4


@pytest.mark.usefixtures("town")
async def test_night_and_counter_keep_the_same_input(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    run_net(bulk, config, "nhi.annual")
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1", (HEAD.no,))
        session.append("income", pl.DataFrame([income_row(HEAD.no, 1_000_000)]))
    assert (await assess(database, config, 100))["revision"] == 2
    with bulk.write(config.tenant) as session:
        session.execute(
            "UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1 AND superseded_at IS NULL",
            (HEAD.no,),
        )
        session.append("income", pl.DataFrame([income_row(HEAD.no, HEAD.salary or 0)]))
    assert (await assess(database, config, 100))["revision"] == 3
    with bulk.read(config.tenant) as session:
        rows = session.read(
            "SELECT input_digest, total FROM nhi_assessment WHERE household_no = 100 ORDER BY revision"
        ).rows()
    assert rows[0] == rows[2] != rows[1]


@pytest.mark.usefixtures("town")
async def test_the_kept_input_and_figures_explain_the_total_to_the_yen(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    run_net(bulk, config, "nhi.annual")
    async with counter(database, config) as session:
        for number in HOUSEHOLDS:
            assessment, explanation = await service.explain_assessment(session, number, FISCAL_YEAR)
            assert total_of(explanation) == assessment["total"]
            assert explanation.digest == assessment["parameter_digest"] == figures_of(config, FISCAL_YEAR).digest


@pytest.mark.usefixtures("town")
async def test_an_old_revision_is_explained_by_what_was_known_then(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    first = await assess(database, config, 100)
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1", (HEAD.no,))
        session.append("income", pl.DataFrame([income_row(HEAD.no, 1_000_000)]))
    changed = TenantConfig({**config.document, "businesses": _dearer(config)})
    async with counter(database, config) as session:
        second = await service.assess_household(session, 100, figures_of(changed, FISCAL_YEAR), date(2026, 9, 1), NOW)
        assert second is not None
        assessment, explanation = await service.explain_assessment(session, 100, FISCAL_YEAR, 1)
        newer, _ = await service.explain_assessment(session, 100, FISCAL_YEAR)
    assert assessment["total"] == first["total"] == total_of(explanation)
    assert (newer["revision"], newer["total"]) == (2, second["total"])
    assert newer["parameter_digest"] != assessment["parameter_digest"]


def _dearer(config: TenantConfig) -> dict[str, Any]:
    businesses = dict(config.document["businesses"])
    rate = [{"from": FISCAL_YEAR, "value": "9.99%", "source": "試験", "evidence": "?"}]
    parameters = {**businesses["nhi"]["parameters"], "medical.income_rate": rate}
    return {**businesses, "nhi": {**businesses["nhi"], "parameters": parameters}}


@pytest.mark.usefixtures("town")
async def test_a_revision_leaves_past_instalments_and_adds_up(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    run_net(bulk, config, "nhi.annual")
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1", (HEAD.no,))
        session.append("income", pl.DataFrame([income_row(HEAD.no, 6_000_000)]))
    row = await assess(database, config, 100, date(2026, 9, 15))
    async with counter(database, config) as session:
        levy = await service.get_levy(session, 100, FISCAL_YEAR)
        old = await session.fetch(
            "SELECT i.no, i.amount FROM nhi_instalment i JOIN nhi_assessment a ON a.id = i.assessment_id"
            " WHERE a.household_no = 100 AND a.revision = 1 ORDER BY i.no"
        )
    amounts = [item["amount"] for item in levy["instalments"]]
    assert sum(amounts) == row["total"] == levy["assessment"]["total"]
    assert amounts[:3] == [item["amount"] for item in old][:3], "July to September are billed"
    assert amounts[3] > old[3]["amount"]


@pytest.mark.usefixtures("town")
async def test_the_levy_page_says_that_something_came_to_be_known_later(
    bulk: BulkDatabase, config: TenantConfig, database: Database
) -> None:
    run_net(bulk, config, "nhi.annual")
    async with counter(database, config) as session:
        assert not (await service.get_levy(session, 100, FISCAL_YEAR))["is_stale"]
    with bulk.write(config.tenant) as session:
        session.execute("UPDATE income SET superseded_at = clock_timestamp() WHERE addressee_no = $1", (HEAD.no,))
        session.append("income", pl.DataFrame([income_row(HEAD.no, 1)]))
    async with counter(database, config) as session:
        assert (await service.get_levy(session, 100, FISCAL_YEAR))["is_stale"]


async def test_a_household_that_never_was_insured_cannot_be_assessed(
    config: TenantConfig, database: Database, tenant: Any
) -> None:
    with pytest.raises(NotFound):
        await assess(database, config, 777)
