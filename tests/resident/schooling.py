"""Families with children of school age, and the nights of 就学, for the tests."""

from datetime import date, datetime
from typing import Any

from batch.runner import Totals, run_alone
from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.school_age.jobs import NETS
from tests.resident.people import FATHER, MOTHER, NOW, record_move_in
from yoriai.dates import fiscal_year_of
from yoriai.jobs import Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

JOBS: dict[str, Job] = {job.name: job for net in NETS for job in net.jobs}
TOWN_NAME = "大柿町大原"
SCHOOL = "E06"
"""The elementary school of that 町字 in the tenant's settings."""


def child(birth_date: str, name: str = "渡邉 さくら", **values: Any) -> dict[str, Any]:
    """A child of the head."""
    return {
        "name": name,
        "name_kana": "ワタナベ サクラ",
        "birth_date": birth_date,
        "sex": "2",
        "relationship": "20",
        **values,
    }


async def town_code(session: WriteSession, name: str = TOWN_NAME) -> str:
    """The code of a real 町字 of the tenant."""
    code: str = await session.fetchval("SELECT town_code FROM town WHERE name = $1", name)
    return code


async def settle(
    session: WriteSession, *children: dict[str, Any], town: str = TOWN_NAME, **values: Any
) -> MovementResult:
    """Father and mother move in with the children on 10 September 2026."""
    days = {"event_date": "2026-09-10", "notified_on": "2026-09-15"}
    address = {"town_code": await town_code(session, town), "block": "1番2号"}
    return await record_move_in(session, FATHER, MOTHER, *children, **{**days, "address": address, **values})


def context(config: TenantConfig, day: str, name: str) -> JobContext:
    """A run as of a business date."""
    business_date = date.fromisoformat(day)
    now = datetime.combine(business_date, NOW.timetz())
    return JobContext(config.tenant, config, business_date, fiscal_year_of(business_date), f"{name}-{day}", now)


def night(bulk: BulkDatabase, config: TenantConfig, name: str, day: str) -> Totals:
    """Run one job as of a business date."""
    return run_alone(bulk, JOBS[name], context(config, day, name))
