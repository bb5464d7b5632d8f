"""転居: all of a household, a part of it, into another household."""

from datetime import date
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import MovementResult, MoveWithin
from tests.resident.people import FATHER, NOW, TOWN, MoveInFactory
from yoriai.errors import Invalid
from yoriai.tenancy.session import WriteSession

_ROWS = """
SELECT addressee_no, household_no, relationship, address, address_since, became_resident_on, valid_from
  FROM resident_record WHERE superseded_at IS NULL AND valid_to = '9999-12-31' ORDER BY addressee_no"""


def body(family: MovementResult, relations: dict[int, str], **values: Any) -> MoveWithin:
    members = [{"addressee_no": number, "relationship": code} for number, code in relations.items()]
    return MoveWithin.model_validate(
        {
            "event_date": "2026-11-18",
            "notified_on": "2026-11-20",
            "household": {"household_no": family.household_no, "version": 1},
            "address": {"town_code": "ためし町", "block": "5番6号", "building": "ためしハイツ101"},
            "members": members,
            **values,
        }
    )


async def refused(session: WriteSession, request: MoveWithin) -> dict[str, str]:
    with pytest.raises(Invalid) as failure:
        await service.record_move_within(session, request, NOW)
    return {error.field: error.message for error in failure.value.fields}


async def test_a_whole_household_keeps_its_number_at_the_new_address(
    session: WriteSession, family: MovementResult
) -> None:
    everybody = dict(zip(family.addressee_nos, ("02", "12", "20"), strict=True))
    await service.record_move_within(session, body(family, everybody), NOW)
    rows = await session.fetch(_ROWS)
    assert {(row["household_no"], row["address"]) for row in rows} == {(family.household_no, "ためし町5番6号")}
    assert {(row["address_since"], row["became_resident_on"]) for row in rows} == {
        (date(2026, 11, 18), date(2026, 11, 10))
    }


async def test_one_of_three_who_moves_forms_a_household_and_the_others_stay(
    session: WriteSession, family: MovementResult
) -> None:
    """JUKI-018: addresses, households and their history on both sides."""
    mother = family.addressee_nos[1]
    result = await service.record_move_within(session, body(family, {mother: "02"}), NOW)
    rows = {row["addressee_no"]: row for row in await session.fetch(_ROWS)}
    assert result.household_no != family.household_no
    assert (rows[mother]["household_no"], rows[mother]["relationship"]) == (result.household_no, "02")
    assert {rows[n]["address"] for n in family.addressee_nos if n != mother} == {"ためし町1番2号"}
    past = "SELECT address FROM resident_record WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from"
    assert [r["address"] for r in await session.fetch(past, mother)] == ["ためし町1番2号", "ためし町5番6号"]


async def test_joining_another_household_takes_its_address(
    session: WriteSession, move_in: MoveInFactory, family: MovementResult
) -> None:
    uncle = {**FATHER, "name": "渡邉 次郎", "name_kana": "ワタナベ ジロウ", "birth_date": "S55.1.1"}
    other = await move_in(uncle, address={"town_code": TOWN, "block": "8番"})
    child = family.addressee_nos[2]
    target = {"household_no": other.household_no, "version": 1}
    await service.record_move_within(session, body(family, {child: "99"}, to_household=target, address=None), NOW)
    row = next(row for row in await session.fetch(_ROWS) if row["addressee_no"] == child)
    assert (row["household_no"], row["address"]) == (other.household_no, "ためし町8番")
    versions = await session.fetch("SELECT version FROM household ORDER BY household_no")
    assert [row["version"] for row in versions] == [2, 2]


async def test_the_head_cannot_move_away_without_a_successor(session: WriteSession, family: MovementResult) -> None:
    assert "staying" in await refused(session, body(family, {family.addressee_no: "02"}))


async def test_the_same_address_is_no_move(session: WriteSession, family: MovementResult) -> None:
    everybody = dict(zip(family.addressee_nos, ("02", "12", "20"), strict=True))
    same = body(family, everybody, address={"town_code": TOWN, "block": "1番2号"})
    assert "今の住所と同じ" in (await refused(session, same))["address.block"]


async def test_a_day_before_the_first_record_is_refused(session: WriteSession, family: MovementResult) -> None:
    early = body(family, {family.addressee_nos[1]: "02"}, event_date="2026-11-09", notified_on="2026-11-20")
    assert "住民票が始まった日（令和8年11月10日）より前" in (await refused(session, early))["event_date"]


async def test_nobody_chosen_is_refused(session: WriteSession, family: MovementResult) -> None:
    assert "1人以上" in (await refused(session, body(family, {})))["members"]
