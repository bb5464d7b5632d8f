"""Two clerks at once: one household, one request, one number."""

import asyncio
from typing import Any
from uuid import uuid4

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import Death, MovementResult
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database


async def family(database: Database, tenant: TenantRef) -> MovementResult:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        return await record_move_in(session, FATHER, MOTHER, CHILD)


async def test_of_two_clerks_changing_one_household_the_second_is_told(database: Database, tenant: TenantRef) -> None:
    moved = await family(database, tenant)
    ref = {"household_no": moved.household_no, "version": 1}

    async def record(number: int) -> MovementResult:
        days: dict[str, Any] = {"event_date": "2026-11-17", "notified_on": "2026-11-18"}
        body = Death.model_validate({**days, "household": ref, "addressee_no": number})
        async with database.write(tenant, SYSTEM) as session:
            return await service.record_death(session, body, NOW)

    outcomes = await asyncio.gather(*map(record, moved.addressee_nos[1:]), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {MovementResult, Conflict}


async def test_the_same_request_at_the_same_time_is_recorded_once(database: Database, tenant: TenantRef) -> None:
    await family(database, tenant)
    member = {**FATHER, "name": "乙 次郎", "name_kana": "オツ ジロウ"}
    key = str(uuid4())

    async def record() -> MovementResult:
        async with database.write(tenant, SYSTEM) as session:
            return await record_move_in(session, member, request_key=key)

    results = await asyncio.gather(*(record() for _ in range(4)))
    assert {result.movement_no for result in results} == {2}
    assert sorted(result.is_repeat for result in results) == [False, True, True, True]


async def test_numbers_are_neither_doubled_nor_skipped(database: Database, tenant: TenantRef) -> None:
    await family(database, tenant)

    async def record(index: int) -> MovementResult:
        member = {
            **FATHER,
            "name": f"乙 {'一二三四五六七八'[index]}郎",
            "name_kana": "オツ ロウ",
            "birth_date": f"198{index}-01-01",
        }
        async with database.write(tenant, SYSTEM) as session:
            return await record_move_in(session, member)

    results = await asyncio.gather(*map(record, range(8)))
    assert sorted(result.addressee_no for result in results) == list(range(4, 12))
    assert sorted(result.household_no for result in results) == list(range(2, 10))


async def test_two_clerks_who_enter_the_same_person_are_told_of_each_other(
    database: Database, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)

    async def record() -> MovementResult:
        async with database.write(tenant, SYSTEM) as session:
            return await record_move_in(session, FATHER)

    outcomes = await asyncio.gather(record(), record(), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["MovementResult", "NeedsConfirmation"]
