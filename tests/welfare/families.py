"""A family of the tests: father and mother, a schoolchild and a baby, and what they earn."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from modules.resident.basic_register.models import Town
from modules.resident.basic_register.movements.inputs import Birth, MoveIn, MovementResult
from modules.resident.basic_register.service import record_birth, record_move_in
from modules.tax.income.models import Income
from modules.welfare.child_allowance import service
from modules.welfare.child_allowance.inputs import CaseAct, CaseResult, Claim
from modules.welfare.child_allowance.judging import figures_of
from tests.resident.people import CHILD, FATHER, MOTHER, TOWN, move_in_body
from yoriai.clock import JAPAN
from yoriai.jobs import JobContext
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

NOW = datetime(2026, 11, 20, 10, 30, tzinfo=JAPAN)


async def settle(session: WriteSession, **values: Any) -> MovementResult:
    """The family moves in on 10 November 2026; the mother earns more than the father."""
    if await session.get(Town, TOWN) is None:
        session.add(Town(town_code=TOWN, postcode="9990001", name="ためし町", kana="タメシマチ"))
        await session.flush()
    result = await record_move_in(session, MoveIn.model_validate(move_in_body(FATHER, MOTHER, CHILD, **values)), NOW)
    father, mother, _ = result.addressee_nos
    for number, income in ((father, 3_000_000), (mother, 5_000_000)):
        session.add(Income(addressee_no=number, income_year=2025, is_declared=True, sum_income_amount=income))
    await session.flush()
    return result


async def bear(session: WriteSession, family: MovementResult, day: str) -> int:
    """A child is born to the mother; its number."""
    body = {
        "event_date": day,
        "notified_on": day,
        "household": {"household_no": family.household_no, "version": 1},
        "mother_addressee_no": family.addressee_nos[1],
        "name": "渡邉 はると",
        "name_kana": "ワタナベ ハルト",
        "sex": "1",
        "relationship": "20",
    }
    return (await record_birth(session, Birth.model_validate(body), NOW)).addressee_no


def claim_body(family: MovementResult, *children: Mapping[str, Any], **values: Any) -> dict[str, Any]:
    """A claim by the mother for the child, within the 15 days."""
    return {
        "recipient_no": family.addressee_nos[1],
        "claimed_on": "2026-11-16",
        "event": "move_in",
        "event_on": "2026-11-10",
        "children": list(children) or [{"child_no": family.addressee_nos[2], "is_cared": True}],
        **values,
    }


async def claim(session: WriteSession, config: TenantConfig, body: Mapping[str, Any]) -> CaseResult:
    """Record a claim."""
    return await service.record_claim(session, Claim.model_validate(body), figures_of(config, NOW.date()), NOW)


async def act(
    session: WriteSession, config: TenantConfig, case: CaseResult, name: str, on: str, reason: str = ""
) -> CaseResult:
    """Do something with a case."""
    body = CaseAct.model_validate({"act": name, "on": on, "reason": reason, "version": case.version})
    return await service.act_on_case(session, case.case_no, body, figures_of(config, NOW.date()), NOW)


def context(config: TenantConfig, day: str, key: str = "") -> JobContext:
    """A night of that business date."""
    business_date = date.fromisoformat(day)
    now = datetime.combine(business_date, NOW.timetz())
    return JobContext(config.tenant, config, business_date, business_date.year, key or f"test-{day}", now)
