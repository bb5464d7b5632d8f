"""The nights of 児童手当: 案内 from the register's events, the monthly judgement, the payment list of even months."""

import json
from typing import Any

import pytest
import pytest_asyncio

from batch.runner import run_alone
from modules.resident.basic_register.movements.cancellation import cancel_movement
from modules.resident.basic_register.movements.change_inputs import Cancellation
from modules.resident.basic_register.movements.inputs import MovementResult
from modules.welfare.child_allowance.calc import CHILD_ALLOWANCE_CALCULATOR as CALCULATOR
from modules.welfare.child_allowance.jobs import NETS
from modules.welfare.child_allowance.proposals import list_proposals
from tests.welfare.families import NOW, act, bear, claim, claim_body, context, settle
from yoriai.audit import SYSTEM
from yoriai.jobs import Job
from yoriai.rules import ParameterSet
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

JOBS: dict[str, Job] = {job.name: job for net in NETS for job in net.jobs}
PAYMENTS = """
SELECT status, amount, first_month::text, last_month::text, pay_on::text FROM child_allowance_payment ORDER BY payment_no
"""


@pytest_asyncio.fixture(loop_scope="session")
async def family(database: Database, tenant: TenantRef) -> MovementResult:
    async with database.write(tenant, SYSTEM) as session:
        return await settle(session)


async def _approved(database: Database, config: TenantConfig, family: MovementResult, **values: Any) -> Any:
    async with database.write(config.tenant, SYSTEM) as session:
        case = await claim(session, config, claim_body(family, **values))
        return await act(session, config, case, "approve", "2026-11-18")


def _night(bulk: BulkDatabase, config: TenantConfig, day: str) -> tuple[int, int]:
    """Judge and list as of the day; the control totals."""
    totals = [
        run_alone(bulk, JOBS[name], context(config, day, f"{name}-{day}"))
        for name in ("child_allowance.decide", "child_allowance.payments")
    ]
    return totals[0].control_total, totals[1].control_total


def _rows(bulk: BulkDatabase, tenant: TenantRef, sql: str) -> list[tuple[Any, ...]]:
    with bulk.read(tenant) as session:
        return session.read(sql).rows()


async def test_claim_is_judged_monthly_and_paid_in_even_months(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    await _approved(database, config, family)
    assert _night(bulk, config, "2026-12-01") == (10_000, 0)
    assert _night(bulk, config, "2027-01-04") == (10_000, 0)
    assert _rows(bulk, config.tenant, PAYMENTS) == []
    assert _night(bulk, config, "2027-02-01") == (10_000, 20_000)
    assert _rows(bulk, config.tenant, PAYMENTS) == [("listed", 20_000, "2026-12-01", "2027-01-01", "2027-02-10")]
    assert _rows(bulk, config.tenant, "SELECT status FROM child_allowance_case") == [("paying",)]


async def test_judging_the_same_month_again_changes_nothing(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    await _approved(database, config, family)
    for key in ("one", "two"):
        run_alone(bulk, JOBS["child_allowance.decide"], context(config, "2026-12-01", key))
    assert _rows(bulk, config.tenant, "SELECT amount, superseded_at FROM child_allowance_decision") == [(10_000, None)]


async def test_a_decision_can_be_computed_again_from_what_it_kept(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    await _approved(database, config, family)
    _night(bulk, config, "2026-12-01")
    ((stored, digest, amount),) = _rows(
        bulk, config.tenant, "SELECT input, parameter_digest, amount FROM child_allowance_decision"
    )
    ((content,),) = _rows(bulk, config.tenant, f"SELECT content FROM child_allowance_figures WHERE digest = '{digest}'")
    figures = ParameterSet.from_json(json.loads(content))
    assert figures.digest == digest
    result = CALCULATOR.calculate(CALCULATOR.parse(json.loads(stored)), figures)
    assert result["monthly_amount"] == amount


async def test_held_recipient_is_listed_and_not_paid_and_gets_back_pay_when_the_hold_is_lifted(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    case = await _approved(database, config, family)
    async with database.write(config.tenant, SYSTEM) as session:
        case = await act(session, config, case, "hold", "2026-12-02", "現況届の未提出")
    assert _night(bulk, config, "2027-02-01") == (10_000, 0)
    assert [row[:2] for row in _rows(bulk, config.tenant, PAYMENTS)] == [("held", 20_000)]
    async with database.write(config.tenant, SYSTEM) as session:
        await act(session, config, case, "resume", "2027-02-15", "現況届の提出")
    assert _night(bulk, config, "2027-04-01") == (10_000, 40_000)
    assert _rows(bulk, config.tenant, PAYMENTS)[1] == ("listed", 40_000, "2026-12-01", "2027-03-01", "2027-04-09")


async def test_late_loss_shows_as_money_to_be_returned(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    case = await _approved(database, config, family)
    _night(bulk, config, "2027-02-01")
    async with database.write(config.tenant, SYSTEM) as session:
        version = await session.fetchval("SELECT version FROM child_allowance_case")
        case.version = version
        await act(session, config, case, "end", "2026-12-20", "転出")
    assert _night(bulk, config, "2027-04-01") == (0, 0)
    assert _rows(bulk, config.tenant, PAYMENTS)[1][:2] == ("overpaid", -10_000)
    assert _night(bulk, config, "2027-06-01") == (0, 0)


async def test_payment_list_adds_up_to_its_months(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    await _approved(database, config, family)
    _, control = _night(bulk, config, "2027-02-01")
    ((lines,),) = _rows(bulk, config.tenant, "SELECT sum(amount)::bigint FROM child_allowance_payment_month")
    ((listed,),) = _rows(
        bulk, config.tenant, "SELECT sum(amount)::bigint FROM child_allowance_payment WHERE status = 'listed'"
    )
    assert lines == listed == control == 20_000


async def test_child_who_moves_in_is_proposed_once_with_the_end_of_the_15_days(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    for key in ("one", "two"):
        run_alone(bulk, JOBS["child_allowance.proposals"], context(config, "2026-11-21", key))
    async with database.read(config.tenant, SYSTEM) as session:
        rows = (await list_proposals(session, NOW.date())).rows
    assert [(row.label, row.person_no, str(row.due_on), row.reason) for row in rows] == [
        ("認定請求", family.addressee_nos[2], "2026-11-25", "転入")
    ]


async def test_juki_017_what_a_cancelled_movement_asked_for_is_asked_no_more(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    run_alone(bulk, JOBS["child_allowance.proposals"], context(config, "2026-11-21", "one"))
    async with database.write(config.tenant, SYSTEM) as session:
        await cancel_movement(session, family.movement_no, Cancellation(reason_text="届出の誤り"), NOW)
    async with database.read(config.tenant, SYSTEM) as session:
        assert (await list_proposals(session, NOW.date())).rows == [], "the list does not wait for the night"
    run_alone(bulk, JOBS["child_allowance.proposals"], context(config, "2026-11-22", "two"))
    outcome = "SELECT outcome, closed_by FROM child_allowance_proposal"
    assert _rows(bulk, config.tenant, outcome) == [("not_needed", "batch")]


async def test_juki_017_a_movement_cancelled_before_the_night_asks_for_nothing(
    database: Database, bulk: BulkDatabase, config: TenantConfig, family: MovementResult
) -> None:
    async with database.write(config.tenant, SYSTEM) as session:
        await cancel_movement(session, family.movement_no, Cancellation(reason_text="届出の誤り"), NOW)
    run_alone(bulk, JOBS["child_allowance.proposals"], context(config, "2026-11-21", "one"))
    waiting = "SELECT count(*)::int FROM child_allowance_proposal WHERE closed_at IS NULL"
    assert _rows(bulk, config.tenant, waiting) == [(0,)]


@pytest.mark.parametrize(("is_claimed", "kind"), [(False, "claim"), (True, "add_child")])
async def test_birth_asks_for_a_claim_or_for_a_child_more(
    database: Database,
    bulk: BulkDatabase,
    config: TenantConfig,
    family: MovementResult,
    is_claimed: bool,
    kind: str,
) -> None:
    if is_claimed:
        await _approved(database, config, family)
    async with database.write(config.tenant, SYSTEM) as session:
        baby = await bear(session, family, "2026-11-19")
    run_alone(bulk, JOBS["child_allowance.proposals"], context(config, "2026-11-21"))
    kinds = _rows(bulk, config.tenant, f"SELECT kind FROM child_allowance_proposal WHERE person_no = {baby}")
    assert kinds == [(kind,)]
