"""出生 and 死亡."""

from datetime import date
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import Birth, Death, MovementResult
from tests.resident.people import FATHER, NOW, MoveInFactory
from yoriai.errors import Invalid, NeedsConfirmation
from yoriai.tenancy.session import WriteSession


def born(family: MovementResult, **values: Any) -> Birth:
    return Birth.model_validate(
        {
            "event_date": "2026-11-12",
            "notified_on": "2026-11-20",
            "household": {"household_no": family.household_no, "version": 1},
            "mother_addressee_no": family.addressee_nos[1],
            "name": "渡邉 蒼",
            "name_kana": "ワタナベ アオイ",
            "sex": "1",
            "relationship": "20",
            **values,
        }
    )


def died(family: MovementResult, number: int, **values: Any) -> Death:
    return Death.model_validate(
        {
            "event_date": "2026-11-17",
            "notified_on": "2026-11-20",
            "household": {"household_no": family.household_no, "version": 1},
            "addressee_no": number,
            **values,
        }
    )


async def test_a_child_enters_the_mothers_household_on_the_day_of_birth(
    session: WriteSession, family: MovementResult
) -> None:
    result = await service.record_birth(session, born(family), NOW)
    row = await session.fetchrow("SELECT * FROM fact_resident WHERE addressee_no = $1", result.addressee_no)
    assert row is not None
    assert (row["household_no"], row["address"]) == (family.household_no, "ためし町1番2号")
    assert row["birth_date"] == row["became_resident_on"] == row["address_since"] == date(2026, 11, 12)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"event_date": "2026-11-21"}, "event_date"),
        ({"notified_on": "2026-11-11"}, "notified_on"),
        ({"relationship": "02"}, "relationship"),
        ({"mother_addressee_no": 1}, "mother_addressee_no"),
        ({"mother_addressee_no": 99}, "mother_addressee_no"),
        ({"name_kana": "蒼"}, "name_kana"),
    ],
)
async def test_an_impossible_birth_is_refused_at_its_field(
    session: WriteSession, family: MovementResult, values: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as failure:
        await service.record_birth(session, born(family, **values), NOW)
    assert field in {error.field for error in failure.value.fields}


async def test_a_mother_of_six_years_has_to_be_confirmed(session: WriteSession, family: MovementResult) -> None:
    child = family.addressee_nos[2]
    with pytest.raises(NeedsConfirmation) as failure:
        await service.record_birth(session, born(family, mother_addressee_no=child), NOW)
    assert [error.rule for error in failure.value.fields] == ["mother_age:mother_addressee_no"]


async def test_a_dead_head_is_succeeded(session: WriteSession, family: MovementResult) -> None:
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    await service.record_death(session, died(family, father, staying=staying), NOW)
    rows = await session.fetch("SELECT addressee_no, is_head FROM fact_resident ORDER BY addressee_no")
    assert [tuple(row) for row in rows] == [(mother, True), (child, False)]
    last = "SELECT topic, payload -> 'persons' -> 0 ->> 'removed_on' FROM outbox_event ORDER BY id DESC LIMIT 1"
    event = await session.fetchrow(last)
    assert event is not None
    assert tuple(event) == ("resident.died", "2026-11-17")


async def test_a_head_does_not_die_without_a_successor(session: WriteSession, family: MovementResult) -> None:
    with pytest.raises(Invalid) as failure:
        await service.record_death(session, died(family, family.addressee_no), NOW)
    assert {error.field for error in failure.value.fields} == {"staying"}


async def test_nobody_dies_before_being_born(session: WriteSession, family: MovementResult) -> None:
    with pytest.raises(Invalid, match="入力に誤り") as failure:
        await service.record_death(session, died(family, family.addressee_nos[2], event_date="2020-04-01"), NOW)
    assert "生年月日（令和2年4月2日）より前" in failure.value.fields[0].message


async def test_nobody_dies_twice(session: WriteSession, family: MovementResult) -> None:
    child = family.addressee_nos[2]
    await service.record_death(session, died(family, child), NOW)
    again = died(family, child, household={"household_no": family.household_no, "version": 2})
    with pytest.raises(Invalid) as failure:
        await service.record_death(session, again, NOW)
    assert "除票" in failure.value.fields[0].message


async def test_the_dead_do_not_move_in_again(
    session: WriteSession, family: MovementResult, move_in: MoveInFactory
) -> None:
    _, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    await service.record_death(session, died(family, family.addressee_no, staying=staying), NOW)
    with pytest.raises(Invalid) as failure:
        await move_in(
            {**FATHER, "addressee_no": family.addressee_no}, event_date="2026-11-18", notified_on="2026-11-20"
        )
    assert "死亡により除票" in failure.value.fields[0].message
