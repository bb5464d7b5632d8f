"""転出: planned, certain, and certain overnight."""

from datetime import date
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.departures import confirm_departures
from modules.resident.basic_register.movements.inputs import MovementResult, MoveOut
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, add_town, record_move_in
from yoriai.audit import SYSTEM
from yoriai.errors import Invalid
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

_ROWS = """
SELECT addressee_no, status, relationship, removed_on, valid_from, version FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY addressee_no"""


def body(family: MovementResult, leaving: list[int], **values: Any) -> MoveOut:
    return MoveOut.model_validate(
        {
            "event_date": "2026-11-30",
            "notified_on": "2026-11-20",
            "household": {"household_no": family.household_no, "version": 1},
            "members": [{"addressee_no": number} for number in leaving],
            "destination": "大阪府大阪市北区梅田一丁目1番",
            **values,
        }
    )


async def refused(session: WriteSession, family: MovementResult, leaving: list[int], **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as failure:
        await service.record_move_out(session, body(family, leaving, **values), NOW)
    return {error.field: f"{error.message} {error.article}" for error in failure.value.fields}


async def test_a_notice_in_advance_is_a_plan_and_the_person_stays_a_resident(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    await service.record_move_out(session, body(family, [child]), NOW)
    rows = await session.fetch(_ROWS)
    assert [row["status"] for row in rows] == ["resident", "resident", "move_out_planned"]
    assert await session.fetchval("SELECT count(*) FROM fact_resident") == 3
    assert (
        await session.fetchval("SELECT topic FROM outbox_event ORDER BY id DESC LIMIT 1") == "resident.move_out_planned"
    )


async def test_the_head_cannot_leave_without_a_successor(session: WriteSession, family: MovementResult) -> None:
    """JUKI-014: blocked until the next head is named."""
    errors = await refused(session, family, family.addressee_nos[:1])
    assert "世帯主" in errors["staying"]
    assert "住基法25条" in errors["staying"]


async def test_two_successors_are_one_too_many(session: WriteSession, family: MovementResult) -> None:
    _, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "02"}]
    assert "2人" in (await refused(session, family, family.addressee_nos[:1], staying=staying))["staying"]


async def test_when_the_head_leaves_for_certain_those_who_stay_are_related_anew(
    session: WriteSession, family: MovementResult
) -> None:
    """JUKI-014: everybody who stays gets a new 続柄."""
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    certain = body(family, [father], event_date="2026-11-20", is_certain=True, staying=staying)
    await service.record_move_out(session, certain, NOW)
    rows = await session.fetch(_ROWS)
    assert [(row["status"], row["relationship"]) for row in rows] == [
        ("removed", "02"),
        ("resident", "02"),
        ("resident", "20"),
    ]
    assert rows[0]["removed_on"] == date(2026, 11, 20)


async def test_who_has_left_cannot_leave_again(session: WriteSession, family: MovementResult) -> None:
    await service.record_move_out(session, body(family, family.addressee_nos, event_date="2026-11-19"), NOW)
    again = {"household": {"household_no": family.household_no, "version": 2}}
    errors = await refused(session, family, family.addressee_nos[:1], **again)
    assert "この世帯にいません" in errors["members.0.addressee_no"]


async def test_a_certain_move_out_in_the_future_is_refused(session: WriteSession, family: MovementResult) -> None:
    assert "event_date" in await refused(session, family, family.addressee_nos, is_certain=True)


async def test_a_plan_whose_day_has_passed_becomes_certain_overnight(
    database: Database, bulk: BulkDatabase, tenant: TenantRef
) -> None:
    async with database.write(tenant, SYSTEM) as session:
        await add_town(session)
        family = await record_move_in(session, FATHER, MOTHER, CHILD)
        father, mother, child = family.addressee_nos
        staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
        await service.record_move_out(session, body(family, [father], staying=staying), NOW)
        await record_move_in(session, {**FATHER, "name": "乙 次郎", "name_kana": "オツ ジロウ"})
    with bulk.write(tenant) as night:
        assert confirm_departures(night, date(2026, 11, 29), NOW, "batch:x") == 0
    with bulk.write(tenant) as night:
        assert confirm_departures(night, date(2026, 11, 30), NOW, "batch:x") == 1
        assert confirm_departures(night, date(2026, 11, 30), NOW, "batch:x") == 0
        rows = night.read(_ROWS).to_dicts()
        topics = night.read(
            "SELECT topic, (payload -> 'persons' -> 0 ->> 'addressee_no')::bigint AS who FROM outbox_event"
        )
        persons = night.read("SELECT addressee_no FROM movement_person WHERE movement_no = 4 ORDER BY 1")
        audited = night.read("SELECT subject FROM audit_event WHERE staff = 'batch:x' ORDER BY seq")
    assert [(row["status"], row["relationship"]) for row in rows] == [
        ("removed", "02"),
        ("resident", "02"),
        ("resident", "20"),
        ("resident", "02"),
    ]
    assert (rows[0]["removed_on"], rows[0]["valid_from"]) == (date(2026, 11, 30), date(2026, 11, 30))
    assert [row["version"] for row in rows] == [3, 2, 1, 1]
    assert topics.rows()[-1] == ("resident.moved_out", father)
    assert persons["addressee_no"].to_list() == [father, mother]
    assert audited["subject"].to_list() == [f"addressee:{father}", f"addressee:{mother}"]
