"""The nights of 就学: extraction as of 1 October, letters, the day's movements, the turn of the year."""

from dataclasses import replace
from typing import Any

import pytest

from modules.resident.basic_register.movements.inputs import Death, MoveWithin
from modules.resident.basic_register.service import record_death, record_move_within
from modules.resident.school_age import service
from modules.resident.school_age.inputs import ChildItems, Hold, SchoolChange
from modules.resident.school_age.printing import list_letters
from modules.resident.school_age.reads import get_child, get_entrants, list_children, try_turn
from tests.resident.people import NOW
from tests.resident.schooling import JOBS, SCHOOL, child, context, night, settle, town_code
from yoriai.audit import SYSTEM
from yoriai.errors import NotFound
from yoriai.jobs import Chunk
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database

TODAY = NOW.date()
FOUR = [child("2020-04-01"), child("2020-04-02"), child("2021-04-01"), child("2021-04-02")]


def rows(bulk: BulkDatabase, tenant: TenantRef, sql: str) -> list[tuple[Any, ...]]:
    with bulk.read(tenant) as session:
        return session.read(sql).rows()


async def test_extraction_takes_births_from_2_april_to_1_april_of_who_lived_here_on_1_october(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    """SHUGAKU-001."""
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, *FOUR)
    result = night(bulk, config, "school_age.entrants", "2026-10-01")
    assert (result.rows_out, result.rows_error, result.control_total) == (2, 0, 2)
    listed = rows(bulk, tenant, "SELECT addressee_no, state FROM school_age_child ORDER BY 1")
    assert listed == [(family.addressee_nos[3], "planned"), (family.addressee_nos[4], "planned")]
    again = night(bulk, config, "school_age.entrants", "2026-10-02")
    assert again.rows_out == 0
    assert rows(bulk, tenant, "SELECT count(*) FROM school_age_placement") == [(2,)]


async def test_who_moved_in_after_the_base_date_is_not_extracted(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await settle(session, child("2020-06-01"), event_date="2026-10-02", notified_on="2026-10-05")
    assert night(bulk, config, "school_age.entrants", "2026-10-03").rows_out == 0


async def test_addresses_without_a_district_are_listed(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    """SHUGAKU-002: the unmatched row."""
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, child("2020-06-01"))
    document = {**config.document, "businesses": {**config.document["businesses"]}}
    settings = {**config.settings("school_age")}
    settings["districts"] = [item for item in settings["districts"] if "大柿町" not in item["towns"]]
    document["businesses"]["school_age"] = {"settings": settings}
    result = night(bulk, replace(config, document=document), "school_age.entrants", "2026-10-01")
    assert result.rows_error == 1
    errors = rows(bulk, tenant, "SELECT subject, reason FROM job_error")
    assert errors == [(f"addressee:{family.addressee_nos[2]}", "住所に合う通学区域がありません。")]
    async with database.read(tenant, SYSTEM) as session:
        assert [line.addressee_no for line in (await get_entrants(session, config, 2027, TODAY)).unmatched] == [
            family.addressee_nos[2]
        ]


async def test_letters_wait_for_the_fixed_list_and_are_made_once(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, child("2020-06-01"), child("2020-07-01", nationality="VNM", alias="渡邉 リン"))
    night(bulk, config, "school_age.entrants", "2026-10-01")
    assert night(bulk, config, "school_age.health_checks", "2026-10-01").rows_out == 2
    early = night(bulk, config, "school_age.enrolment_letters", "2027-01-15")
    assert (early.rows_out, early.rows_error) == (0, 1)
    async with database.write(tenant, SYSTEM) as session:
        await service.fix_entrants(session, 2027, NOW)
    assert night(bulk, config, "school_age.enrolment_letters", "2027-01-16").rows_out == 2
    assert night(bulk, config, "school_age.enrolment_letters", "2027-01-17").rows_out == 0
    made = rows(bulk, tenant, "SELECT kind, count(*) FROM school_age_notice GROUP BY kind ORDER BY kind")
    assert made == [("enrolment", 1), ("guidance", 1), ("health_check", 2)]
    names = rows(bulk, tenant, "SELECT content::jsonb->'child'->>'name' FROM school_age_notice WHERE kind = 'guidance'")
    assert names == [("渡邉 リン",)]
    one, foreign = family.addressee_nos[2:]
    async with database.write(tenant, SYSTEM) as session:
        body = {"wish": "wishes", "on": "2026-11-01", "reason": "申出", "version": 1}
        await service.change_items(session, foreign, ChildItems.model_validate(body), NOW)
        elsewhere = {"kind": "municipal", "school_code": "E01", "since": "2027-04-01", "reason": "変更", "version": 1}
        await service.change_school(session, one, SchoolChange.model_validate(elsewhere), config, NOW)
        with pytest.raises(NotFound):
            await list_letters(session, 2027, "enrolment", "", 1, TODAY)
    assert night(bulk, config, "school_age.enrolment_letters", "2027-01-18").rows_out == 2, (
        "another school, another wish"
    )
    made = "SELECT kind, school_code FROM school_age_notice WHERE superseded_at IS NULL AND kind <> 'health_check' ORDER BY 2"
    assert rows(bulk, tenant, made) == [("enrolment", "E01"), ("enrolment", SCHOOL)]
    async with database.write(tenant, SYSTEM) as session:
        assert len(await list_letters(session, 2027, "enrolment", "", 1, TODAY)) == 2
        household = {"household_no": family.household_no, "version": 1}
        body = {"addressee_no": one, "event_date": "2026-11-18", "notified_on": "2026-11-19", "household": household}
        await record_death(session, Death.model_validate(body), NOW)
    night(bulk, config, "school_age.movements", "2026-11-20")
    async with database.read(tenant, SYSTEM) as session:
        sent = await list_letters(session, 2027, "enrolment", "", 1, TODAY)
    assert [letter["addressee_no"] for letter in sent] == [foreign], "no letter to who has died since"


async def test_movements_of_the_day_reach_the_register_of_children(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, child("2016-06-01"), child("2024-06-01"))
    number = family.addressee_nos[2]
    assert night(bulk, config, "school_age.movements", "2026-09-15").rows_out == 1
    assert night(bulk, config, "school_age.movements", "2026-09-16").rows_out == 0
    async with database.read(tenant, SYSTEM) as session:
        view = await get_child(session, config, number, TODAY)
    assert (view.line.school_code, view.line.grade, view.line.basis) == (SCHOOL, 4, "転入による指定")
    async with database.write(tenant, SYSTEM) as session:
        await _move_within(session, family, "能美町鹿川", "2026-10-10")
    assert night(bulk, config, "school_age.movements", "2026-10-12").rows_out == 1
    async with database.write(tenant, SYSTEM) as session:
        view = await get_child(session, config, number, TODAY)
        assert (view.line.school_code, view.line.basis) == ("E04", "転居による指定")
        assert [item.valid_to.isoformat() for item in view.placements if not item.is_corrected] == [
            "2026-10-09",
            "9999-12-31",
        ]


async def test_a_child_who_dies_leaves_the_rolls(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, child("2016-06-01"))
    night(bulk, config, "school_age.movements", "2026-09-15")
    async with database.write(tenant, SYSTEM) as session:
        body = {
            "addressee_no": family.addressee_nos[2], "event_date": "2026-11-18", "notified_on": "2026-11-19",
            "household": {"household_no": family.household_no, "version": 1},
        }  # fmt: skip
        await record_death(session, Death.model_validate(body), NOW)
    night(bulk, config, "school_age.movements", "2026-11-20")
    async with database.read(tenant, SYSTEM) as session:
        assert (await list_children(session, config, TODAY)).total == 0
        view = await get_child(session, config, family.addressee_nos[2], TODAY)
    assert view.line.state.label == "消除"
    assert [act.label for act in view.acts] == ["消除", "転入学"]


async def test_turn_of_the_year_runs_as_its_trial_said_and_only_once(
    database: Database, bulk: BulkDatabase, config: TenantConfig, tenant: TenantRef
) -> None:
    """SHUGAKU-018: one stays, everybody else advances."""
    ages = [child("2017-06-01"), child("2017-07-01"), child("2014-06-01"), child("2011-06-01"), child("2020-06-01")]
    async with database.write(tenant, SYSTEM) as session:
        family = await settle(session, *ages)
    night(bulk, config, "school_age.movements", "2026-09-15")
    night(bulk, config, "school_age.entrants", "2026-10-01")
    late = night(bulk, config, "school_age.turn", "2026-11-20")
    assert late.rows_out == 0, "who has come since 1 April is in the grade of the year"
    held = family.addressee_nos[3]
    async with database.write(tenant, SYSTEM) as session:
        await service.hold_back(session, held, Hold(fiscal_year=2026, is_held=True, reason="長期欠席", version=1), NOW)
        trial = await try_turn(session, config, 2027)
    assert trial.rows[0].addressee_no == held
    assert {item["label"]: item["count"] for item in trial.counts} == {"進級": 2, "原級留置": 1, "卒業": 1, "入学": 1}
    first = night(bulk, config, "school_age.turn", "2027-03-31")
    assert (first.rows_out, first.control_total) == (5, 4)
    with bulk.read(tenant) as session:
        now = session.read(
            """SELECT p.addressee_no, p.grade, p.school_code FROM school_age_placement p
                WHERE superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY 1"""
        ).rows()
    numbers = family.addressee_nos
    assert now == [(numbers[2], 4, SCHOOL), (held, 3, SCHOOL), (numbers[4], 7, "J04"), (numbers[6], 1, SCHOOL)]
    states = rows(bulk, tenant, "SELECT state FROM school_age_child ORDER BY addressee_no")
    assert [state for (state,) in states] == ["enrolled", "enrolled", "enrolled", "finished", "enrolled"]
    with bulk.write(tenant) as session:
        again = JOBS["school_age.turn"].run_chunk(session, context(config, "2027-03-31", "again"), Chunk(1, 0, 1))
    assert again.rows_out == 0
    assert rows(bulk, tenant, "SELECT count(*) FROM school_age_act WHERE act = 'promote'") == [(2,)]


async def _move_within(session: Any, family: Any, town: str, day: str) -> None:
    body = {
        "event_date": day,
        "notified_on": day,
        "household": {"household_no": family.household_no, "version": 1},
        "members": [
            {"addressee_no": number, "relationship": code}
            for number, code in zip(family.addressee_nos, ["02", "12", "20", "20"], strict=True)
        ],
        "address": {"town_code": await town_code(session, town), "block": "7番地"},
    }
    await record_move_within(session, MoveWithin.model_validate(body), NOW)
