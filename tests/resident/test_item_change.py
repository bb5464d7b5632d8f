"""Items of a 住民票: by the family register, 在留情報, by the office; dated before later movements too."""

from datetime import date
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.change_inputs import (
    ExOfficioCorrection,
    FamilyRegisterChange,
    Reissue,
    ResidenceChange,
)
from modules.resident.basic_register.movements.inputs import MovementResult
from tests.resident.changes import COUNTED, current, household
from tests.resident.people import FATHER, NOW, MoveInFactory
from yoriai.errors import Invalid, NeedsConfirmation
from yoriai.tenancy.session import WriteSession


def changed(family: MovementResult, reason: str, number: int, version: int = 1, **values: Any) -> FamilyRegisterChange:
    days = {name: values.pop(name) for name in ("event_date", "confirmed") if name in values}
    body = household(family, version, reason=reason, members=[{"addressee_no": number, **values}], **days)
    return FamilyRegisterChange.model_validate(body)


async def refused(session: WriteSession, body: FamilyRegisterChange) -> dict[str, str]:
    with pytest.raises(Invalid) as failure:
        await service.record_family_register_change(session, body, NOW)
    return {error.field: f"{error.message} {error.article}" for error in failure.value.fields}


async def test_a_new_name_is_found_by_search_terms_and_the_old_one_stays(
    session: WriteSession, family: MovementResult
) -> None:
    mother = family.addressee_nos[1]
    body = changed(family, "name_change", mother, name="佐藤 花子", name_kana="サトウ ハナコ")
    await service.record_family_register_change(session, body, NOW)
    assert (await current(session))[1]["name"] == "佐藤　花子"
    names = await session.fetch(
        "SELECT name, name_fold, valid_from, valid_to FROM resident_record"
        " WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from",
        mother,
    )
    assert [row["name"] for row in names] == ["渡邉　花子", "佐藤　花子"]
    assert names[0]["valid_to"] == names[1]["valid_from"] == date(2026, 11, 18)
    assert names[1]["name_fold"].startswith("佐")


async def test_a_change_before_a_later_movement_keeps_what_that_changed(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    later = changed(family, "name_change", child, name="乙 さくら", name_kana="オツ サクラ")
    await service.record_family_register_change(session, later, NOW)
    earlier = {
        "event_date": "2026-11-15",
        "registered_domicile": "東京都",
        "name": "丙 さくら",
        "name_kana": "ヘイ サクラ",
    }
    with pytest.raises(NeedsConfirmation) as question:
        await service.record_family_register_change(session, changed(family, "adoption", child, 2, **earlier), NOW)
    confirmed = [alert.rule for alert in question.value.fields]
    body = changed(family, "adoption", child, 2, confirmed=confirmed, **earlier)
    await service.record_family_register_change(session, body, NOW)
    rows = await session.fetch(
        "SELECT name, registered_domicile, valid_from FROM resident_record"
        " WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from",
        child,
    )
    assert [(row["name"], row["registered_domicile"]) for row in rows] == [
        ("渡邉　さくら", None),
        ("丙　さくら", "東京都"),
        ("乙　さくら", "東京都"),
    ]


async def test_the_reading_of_a_name_is_confirmed_once(session: WriteSession, family: MovementResult) -> None:
    father = family.addressee_nos[0]
    await service.record_family_register_change(session, changed(family, "kana_confirmed", father), NOW)
    assert (await current(session))[0]["kana_confirmed"]
    assert "members.0.addressee_no" in await refused(session, changed(family, "kana_confirmed", father, 2))


async def test_former_surnames_are_for_japanese_and_aliases_for_foreign_residents(
    session: WriteSession, family: MovementResult
) -> None:
    father = family.addressee_nos[0]
    assert "30条の16" in (await refused(session, changed(family, "alias", father, alias="太郎")))["members.0.alias"]
    await service.record_family_register_change(
        session, changed(family, "former_surname", father, former_surname="乙"), NOW
    )


async def test_residence_items_belong_to_foreign_residents_and_end_with_naturalization(
    session: WriteSession, family: MovementResult, move_in: MoveInFactory
) -> None:
    foreign = {
        **FATHER,
        "name": "NGUYEN VAN A",
        "name_kana": "グエン ヴァン アー",
        "nationality": "VNM",
        "residence_class": "mid_long",
        "residence_status": "留学",
        "residence_until": "2027-03-31",
    }
    person = await move_in(foreign)
    member = {
        "addressee_no": person.addressee_no,
        "residence_status": "技術・人文知識・国際業務",
        "residence_period": "3年",
    }
    await service.record_residence_change(
        session, ResidenceChange.model_validate(household(person, members=[member])), NOW
    )
    assert (await current(session))[3]["residence_status"] == "技術・人文知識・国際業務"
    with pytest.raises(Invalid) as failure:
        wrong = {"addressee_no": family.addressee_no, "residence_status": "留学"}
        await service.record_residence_change(
            session, ResidenceChange.model_validate(household(family, members=[wrong])), NOW
        )
    assert failure.value.fields[0].article == "住基法30条の45"
    body = changed(
        person, "naturalization", person.addressee_no, 2, registered_domicile="東京都", family_register_head="乙 一郎"
    )
    await service.record_family_register_change(session, body, NOW)
    row = (await current(session))[3]
    assert (row["nationality"], row["residence_status"]) == ("JPN", None)


async def test_the_office_corrects_with_a_ground_only(session: WriteSession, family: MovementResult) -> None:
    father = family.addressee_nos[0]
    body = household(family, addressee_no=father, birth_date="S600402", event_date="2026-11-10")
    with pytest.raises(Invalid) as failure:
        await service.record_ex_officio_correction(session, ExOfficioCorrection.model_validate(body), NOW)
    assert failure.value.fields[0].field == "ground"
    before = await session.fetchval(COUNTED)
    await service.record_ex_officio_correction(
        session,
        ExOfficioCorrection.model_validate({**body, "ground": "戸籍照会の結果", "approval_no": "市記8第12号"}),
        NOW,
    )
    kept = await session.fetch(
        "SELECT birth_date, superseded_at IS NULL AS is_known FROM resident_record WHERE addressee_no = $1 ORDER BY id",
        father,
    )
    assert [(row["birth_date"].day, row["is_known"]) for row in kept] == [(1, False), (2, True)]
    assert await session.fetchval(COUNTED) == before + 1
    assert await session.fetchval("SELECT class FROM movement ORDER BY movement_no DESC LIMIT 1") == "ex_officio"


async def test_a_reissue_begins_the_next_sheet_and_keeps_the_old_one(
    session: WriteSession, family: MovementResult
) -> None:
    body = Reissue.model_validate(household(family, ground="様式の変更"))
    await service.record_reissue(session, body, NOW)
    assert [row["sheet_no"] for row in await current(session)] == [2, 2, 2]
    old = await session.fetchval("SELECT count(*) FROM resident_record WHERE sheet_no = 1 AND superseded_at IS NULL")
    assert old == 3
