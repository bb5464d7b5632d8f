"""世帯変更: split, merged, another head, other relations."""

from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.change_inputs import HouseholdMerge, HouseholdSplit, Relations
from modules.resident.basic_register.movements.inputs import MovementResult
from tests.resident.changes import current, household
from tests.resident.people import FATHER, NOW, MoveInFactory
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.session import WriteSession


def split(family: MovementResult, *members: tuple[int, str], **values: Any) -> HouseholdSplit:
    listed = [{"addressee_no": number, "relationship": code} for number, code in members]
    return HouseholdSplit.model_validate(household(family, members=listed, **values))


def relations(family: MovementResult, *codes: str, **values: Any) -> Relations:
    listed = [
        {"addressee_no": number, "relationship": code} for number, code in zip(family.addressee_nos, codes, strict=True)
    ]
    return Relations.model_validate(household(family, members=listed, **values))


async def test_a_split_makes_a_new_household_at_the_same_address(session: WriteSession, family: MovementResult) -> None:
    mother = family.addressee_nos[1]
    made = await service.record_household_split(session, split(family, (mother, "02")), NOW)
    rows = await current(session)
    assert [row["household_no"] for row in rows] == [1, made.household_no, 1]
    assert made.household_no != family.household_no
    assert len({row["address"] for row in rows}) == 1
    assert rows[1]["relationship"] == "02"
    assert rows[1]["address_since"] == rows[0]["address_since"], "nobody's 住定日 changes"
    topic = await session.fetchval("SELECT topic FROM outbox_event ORDER BY id DESC LIMIT 1")
    assert topic == "resident.household_changed"


async def test_a_split_that_takes_the_head_needs_the_next_one(session: WriteSession, family: MovementResult) -> None:
    with pytest.raises(Invalid) as failure:
        await service.record_household_split(session, split(family, (family.addressee_nos[0], "02")), NOW)
    assert {error.article for error in failure.value.fields} == {"住基法25条"}


async def test_nobody_can_be_split_from_nobody(session: WriteSession, family: MovementResult) -> None:
    everybody = [(number, code) for number, code in zip(family.addressee_nos, ("02", "12", "20"), strict=True)]
    with pytest.raises(Invalid, match="入力に誤り") as failure:
        await service.record_household_split(session, split(family, *everybody), NOW)
    assert "残る人" in failure.value.fields[0].message


async def test_a_merge_joins_the_household_at_the_same_address(session: WriteSession, family: MovementResult) -> None:
    mother = family.addressee_nos[1]
    made = await service.record_household_split(session, split(family, (mother, "02")), NOW)
    back = HouseholdMerge.model_validate(
        {
            **household(made, 1, event_date="2026-11-19"),
            "to_household": {"household_no": family.household_no, "version": 2},
            "members": [{"addressee_no": mother, "relationship": "12"}],
        }
    )
    await service.record_household_merge(session, back, NOW)
    assert [row["household_no"] for row in await current(session)] == [1, 1, 1]


async def test_a_merge_over_two_addresses_is_a_move(
    session: WriteSession, family: MovementResult, move_in: MoveInFactory
) -> None:
    other = await move_in(
        {**FATHER, "name": "乙 次郎", "birth_date": "S50.1.1"}, address={"town_code": "999000101", "block": "9番"}
    )
    body = HouseholdMerge.model_validate(
        {
            **household(other),
            "to_household": {"household_no": family.household_no, "version": 1},
            "members": [{"addressee_no": other.addressee_no, "relationship": "99"}],
        }
    )
    with pytest.raises(Invalid) as failure:
        await service.record_household_merge(session, body, NOW)
    assert failure.value.fields[0].field == "to_household.household_no"
    assert failure.value.fields[0].article == "住基法23条"


async def test_a_new_head_relates_everybody_anew(session: WriteSession, family: MovementResult) -> None:
    result = await service.record_relations(session, relations(family, "11", "02", "20"), NOW)
    assert result.reason == "head_change"
    assert [row["relationship_text"] for row in await current(session)] == ["夫", "世帯主", "子"]


async def test_juki_021_compound_relations_are_code_slots_and_words(
    session: WriteSession, family: MovementResult
) -> None:
    result = await service.record_relations(session, relations(family, "02", "12", "1220"), NOW)
    assert result.reason == "household_change"
    assert (await current(session))[2]["relationship_text"] == "妻の子"


@pytest.mark.parametrize(("codes", "word"), [(("02", "02", "20"), "2人"), (("11", "12", "20"), "世帯主がいません")])
async def test_a_household_has_one_head(
    session: WriteSession, family: MovementResult, codes: tuple[str, ...], word: str
) -> None:
    with pytest.raises(Invalid) as failure:
        await service.record_relations(session, relations(family, *codes), NOW)
    assert word in failure.value.fields[0].message


async def test_a_change_on_a_household_changed_meanwhile_is_refused_by_name(
    session: WriteSession, family: MovementResult
) -> None:
    await service.record_relations(session, relations(family, "11", "02", "20"), NOW)
    with pytest.raises(Conflict, match="世帯主変更"):
        await service.record_relations(session, relations(family, "02", "12", "20"), NOW)
