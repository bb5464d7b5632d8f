"""住民票, 除票 and 改製原 as they stood on a day, as they were known at a moment."""

from datetime import date, timedelta

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.change_inputs import Correction, Reissue
from modules.resident.basic_register.movements.correction import correct_movement
from modules.resident.basic_register.movements.inputs import Death, MovementResult
from modules.resident.basic_register.reads.as_of import get_household_as_of, get_person_as_of
from tests.resident.changes import household
from tests.resident.people import NOW
from yoriai.errors import NotFound
from yoriai.tenancy.session import WriteSession

LATER = NOW + timedelta(hours=2)


async def test_juki_060_a_removed_record_and_the_sheet_before_a_reissue_are_read_as_they_stood(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    await service.record_reissue(session, Reissue.model_validate(household(family, ground="様式の変更")), NOW)
    body = Death.model_validate(household(family, 2, event_date="2026-11-19", addressee_no=child))
    await service.record_death(session, body, NOW)
    old = (await get_person_as_of(session, child, date(2026, 11, 12), LATER)).sheets[0]
    gone = (await get_person_as_of(session, child, date(2200, 1, 1), LATER)).sheets[0]
    assert (old.sheet_no, old.status.label) == (1, "住民")
    assert (gone.sheet_no, gone.status.label) == (2, "除票（死亡）")
    members = await get_household_as_of(session, family.household_no, date(2026, 11, 18), LATER)
    assert [sheet.addressee_no for sheet in members.sheets] == family.addressee_nos
    members = await get_household_as_of(session, family.household_no, date(2026, 11, 20), LATER)
    assert len(members.sheets) == 2


async def test_what_was_believed_before_a_correction_is_read_back(
    session: WriteSession, family: MovementResult
) -> None:
    father = family.addressee_no
    fix = Correction(addressee_no=father, name="渡辺 太郎", name_kana="ワタナベ タロウ", reason_text="誤記")
    await correct_movement(session, family.movement_no, fix, LATER)
    day = date(2026, 11, 12)
    assert (await get_person_as_of(session, father, day, NOW + timedelta(hours=1))).sheets[0].name == "渡邉　太郎"
    assert (await get_person_as_of(session, father, day, LATER)).sheets[0].name == "渡辺　太郎"


async def test_only_the_items_asked_for_are_given(session: WriteSession, family: MovementResult) -> None:
    stood = await get_person_as_of(session, family.addressee_no, date(2026, 11, 12), LATER, {"relationship"})
    assert [item["label"] for item in stood.sheets[0].items] == ["続柄"]


async def test_a_day_before_anything_was_known_has_no_record(session: WriteSession, family: MovementResult) -> None:
    with pytest.raises(NotFound):
        await get_person_as_of(session, family.addressee_no, date(2020, 1, 1), LATER)
