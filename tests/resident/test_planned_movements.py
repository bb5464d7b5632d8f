"""異動予定: acts of the office set for a day ahead, and movements dated before later ones."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.jobs import NETS
from modules.resident.basic_register.movements.ahead import MAY_BE_PLANNED, why_not_ahead
from modules.resident.basic_register.movements.cancellation import cancel_movement
from modules.resident.basic_register.movements.change_inputs import (
    Cancellation,
    ExOfficioCorrection,
    ExOfficioRemoval,
    FamilyRegisterChange,
    HouseholdSplit,
)
from modules.resident.basic_register.movements.deadline import deadline_of
from modules.resident.basic_register.movements.inputs import Death, MovementResult, MoveWithin
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.planned import service as plans
from modules.resident.basic_register.planned.reads import get_plan, list_plans
from tests.conftest import Installation
from tests.resident.changes import current, household
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, TOWN, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.jobs import ChunkResult, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession
from yoriai.tenancy.use_cases import UseCases

DAY = date(2026, 12, 1)
ON_DAY = datetime.combine(DAY, NOW.timetz())
AHEAD: dict[str, Any] = {"event_date": DAY.isoformat(), "ground": "住居表示の実施（告示）"}


def correction(family: MovementResult, version: int = 1, **values: Any) -> ExOfficioCorrection:
    address = {"town_code": TOWN, "block": "10番5号"}
    whole = {"addressee_no": family.addressee_nos[0], "address": address, **AHEAD, **values}
    body = household(family, version, **whole)
    return ExOfficioCorrection.model_validate(body)


async def states(session: WriteSession) -> list[tuple[str, int | None]]:
    rows = await session.fetch("SELECT status, movement_no FROM planned_movement ORDER BY plan_no")
    return [(row["status"], row["movement_no"]) for row in rows]


async def test_a_plan_waits_for_its_day_and_is_recorded_then(session: WriteSession, family: MovementResult) -> None:
    body = correction(family, request_key="7b8c7f0e-1111-4222-8333-444455556666")
    planned = await plans.plan_movement(session, "correction", body, NOW)
    assert await plans.plan_movement(session, "correction", body, NOW) == planned, "the same request plans once"
    assert (await current(session))[0]["address"] == "ためし町1番2号", "the trial leaves nothing behind"
    assert await session.fetchval("SELECT count(*) FROM movement") == 1
    assert not [event for event in session.audit_events if event.detail.get("reason") == "ex_officio_correction"]
    shown = await list_plans(session, "open", "/t/resident")
    assert [(row.event_date, row.reason, row.status.label) for row in shown.rows] == [(DAY, "職権修正", "予定")]
    assert ("住所", "ためし町10番5号") in [
        (item["label"], item["value"]) for item in (await get_plan(session, 1, NOW.date(), "")).content
    ]
    assert await plans.apply_plan(session, planned.plan_no, ON_DAY - timedelta(days=1)) == "", "not before its day"
    assert await states(session) == [("planned", None)]
    for _ in range(2):
        assert await plans.apply_plan(session, planned.plan_no, ON_DAY) == ""
    assert await states(session) == [("applied", 2)], "once, however often it is tried"
    father = (await current(session))[0]
    assert (father["address"], father["valid_from"], father["movement_no"]) == ("ためし町10番5号", DAY, 2)
    event = await session.fetchrow("SELECT topic, effective_on FROM outbox_event ORDER BY id DESC LIMIT 1")
    assert event is not None
    assert (event["topic"], event["effective_on"]) == ("resident.corrected", DAY)


async def test_a_plan_is_refused_for_who_has_changed_and_a_clerk_decides(
    session: WriteSession, family: MovementResult
) -> None:
    planned = await plans.plan_movement(session, "correction", correction(family), NOW)
    moved = household(family, event_date="2026-11-19", address={"town_code": TOWN, "block": "9番"}, members=[
        {"addressee_no": number, "relationship": code}
        for number, code in zip(family.addressee_nos, ("02", "12", "20"), strict=True)
    ])  # fmt: skip
    await service.record_move_within(session, MoveWithin.model_validate(moved), NOW)
    refusal = await plans.apply_plan(session, planned.plan_no, ON_DAY)
    assert "別の異動がありました" in refusal
    assert await states(session) == [("refused", None)]
    assert (await current(session))[0]["address"] == "ためし町9番"
    assert (await list_plans(session, "open", "")).refused == 1
    done = await plans.confirm_plan(session, planned.plan_no, plans.PlanConfirmation(), ON_DAY)
    assert done.next_path.startswith("/movements/")
    assert (await current(session))[0]["address"] == "ためし町10番5号"
    with pytest.raises(Conflict, match="すでに登録されたか"):
        await plans.cancel_plan(session, planned.plan_no, plans.PlanCancellation(reason_text="中止"), ON_DAY)


async def test_a_plan_passes_all_checks_when_made_and_can_be_taken_back(
    session: WriteSession, family: MovementResult
) -> None:
    father, mother, child = family.addressee_nos
    removal = household(family, members=[{"addressee_no": father}], **AHEAD)
    with pytest.raises(Invalid) as failure:
        await plans.plan_movement(session, "removal", ExOfficioRemoval.model_validate(removal), NOW)
    assert {error.field for error in failure.value.fields} == {"staying"}, "the head leaves nobody without one"
    removal["staying"] = [
        {"addressee_no": mother, "relationship": "02"},
        {"addressee_no": child, "relationship": "20"},
    ]
    planned = await plans.plan_movement(session, "removal", ExOfficioRemoval.model_validate(removal), NOW)
    await plans.cancel_plan(session, planned.plan_no, plans.PlanCancellation(reason_text="本人が現れた"), NOW)
    assert await plans.apply_plan(session, planned.plan_no, ON_DAY) == ""
    assert await states(session) == [("cancelled", None)]
    acts = [(event.action, event.reason) for event in session.audit_events if event.action.startswith("resident.plan")]
    assert acts == [("resident.plan", ""), ("resident.plan.cancel", "本人が現れた")]
    with pytest.raises(NeedsConfirmation) as question:
        await plans.plan_movement(session, "correction", correction(family, event_date="2028-12-01"), NOW)
    assert [alert.rule for alert in question.value.fields] == ["far_ahead:event_date"]


async def test_what_is_notified_after_the_fact_has_no_day_ahead(session: WriteSession, family: MovementResult) -> None:
    child = family.addressee_nos[2]
    split = household(family, members=[{"addressee_no": child, "relationship": "02"}], event_date="2026-12-01")
    with pytest.raises(Invalid) as failure:
        await service.record_household_split(session, HouseholdSplit.model_validate(split), NOW)
    (error,) = failure.value.fields
    assert (error.field, error.article) == ("event_date", "住基法25条")
    assert "先の日付では受け付けられません" in error.message
    acts = (Reason.CONVERSION, Reason.MOVE_OUT_PLANNED, Reason.CANCELLATION, Reason.CORRECTION)
    for reason in set(Reason) - set(MAY_BE_PLANNED) - set(acts):
        message, article = why_not_ahead(reason)
        assert article, reason
        assert message.endswith("。"), reason


def test_a_period_of_notice_ends_on_an_open_day_and_counts_births_from_the_day() -> None:
    assert deadline_of(date(2026, 11, 2), 14) == date(2026, 11, 16), "民法140条: the day itself is not counted"
    assert deadline_of(date(2026, 11, 3), 14, counts_first_day=True) == date(2026, 11, 16), "戸籍法43条1項"
    assert deadline_of(date(2026, 11, 1), 14) == date(2026, 11, 16), "the 15th is a Sunday"
    assert deadline_of(date(2026, 12, 18), 14) == date(2027, 1, 4), "the year's end is closed"


async def test_a_movement_before_a_later_one_keeps_what_that_changed(
    session: WriteSession, family: MovementResult
) -> None:
    father, mother, child = family.addressee_nos
    named = household(family, reason="kana_confirmed", members=[{"addressee_no": father, "kana_confirmed": True}])
    await service.record_family_register_change(session, FamilyRegisterChange.model_validate(named), NOW)
    moved = household(family, 2, event_date="2026-11-15", address={"town_code": TOWN, "block": "9番"}, members=[
        {"addressee_no": father, "relationship": "02"}
    ], staying=[{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}])  # fmt: skip
    with pytest.raises(NeedsConfirmation) as question:
        await service.record_move_within(session, MoveWithin.model_validate(moved), NOW)
    (alert,) = question.value.fields
    assert (alert.rule, "振り仮名の確認" in alert.message) == ("back_dated:event_date", True)
    result = await service.record_move_within(
        session, MoveWithin.model_validate({**moved, "confirmed": [alert.rule]}), NOW
    )
    rows = await session.fetch(
        "SELECT valid_from, address, kana_confirmed, household_no FROM resident_record"
        " WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from",
        father,
    )
    assert [tuple(row) for row in rows] == [
        (date(2026, 11, 10), "ためし町1番2号", False, 1),
        (date(2026, 11, 15), "ためし町9番", False, 2),
        (date(2026, 11, 18), "ためし町9番", True, 2),
    ]
    event = await session.fetchrow("SELECT effective_on FROM outbox_event ORDER BY id DESC LIMIT 1")
    assert event is not None
    assert event["effective_on"] == date(2026, 11, 15)
    with pytest.raises(Invalid) as failure:
        await cancel_movement(session, result.movement_no, Cancellation(reason_text="誤り"), NOW)
    assert "さかのぼって登録した異動" in failure.value.fields[0].message
    died = household(family, 3, event_date="2026-11-12", addressee_no=mother)
    with pytest.raises(Invalid) as failure:
        await service.record_death(session, Death.model_validate({**died, "staying": [
            {"addressee_no": child, "relationship": "02"}]}), NOW)  # fmt: skip
    assert "転居" in failure.value.fields[0].message, "where a later movement changed the same, it is named"


async def test_the_night_records_what_is_due_and_tells_what_it_could_not(
    installation: Installation, database: Database, bulk: BulkDatabase, tenant: TenantRef, config: TenantConfig
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        family = await record_move_in(session, FATHER, MOTHER, CHILD)
        await plans.plan_movement(session, "correction", correction(family), NOW)
        mother = correction(family, addressee_no=family.addressee_nos[1])
        await plans.plan_movement(session, "correction", mother, NOW)
        changed = household(family, reason="domicile_change", members=[
            {"addressee_no": family.addressee_nos[1], "registered_domicile": "東京都"}])  # fmt: skip
        await service.record_family_register_change(session, FamilyRegisterChange.model_validate(changed), NOW)
    job = next(job for job in NETS[0].jobs if job.name == "resident.plans")

    def night(day: date, *, undone: bool = False) -> list[ChunkResult]:
        use_cases = UseCases(installation.app_dsn, tenant, "batch:run", undone=undone)
        context = JobContext(tenant, config, day, 2026, "run", datetime.combine(day, NOW.timetz()), use_cases)
        with bulk.write(tenant) as writing:
            return [job.run_chunk(writing, context, chunk) for chunk in job.plan_chunks(writing, context)]

    assert await asyncio.to_thread(night, DAY - timedelta(days=1)) == []
    results = [*await asyncio.to_thread(night, DAY, undone=True), *await asyncio.to_thread(night, DAY)]
    assert await asyncio.to_thread(night, DAY) == []
    assert [(result.rows_in, result.rows_out, result.rows_error) for result in results] == [(2, 1, 1), (2, 1, 1)]
    assert [error.subject for error in results[1].errors] == ["household:1"]
    async with database.write(tenant, SYSTEM) as session:
        assert await states(session) == [("applied", 3), ("refused", None)]
        staff = await session.fetchval("SELECT staff_id FROM movement WHERE movement_no = 3")
        assert staff == "batch:run"
