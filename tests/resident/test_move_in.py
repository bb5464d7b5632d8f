"""転入: what is recorded, and what is refused or asked."""

from typing import Any
from uuid import uuid4

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import MoveIn, MovementResult, MoveOut
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, MoveInFactory, move_in_body
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.tenancy.session import WriteSession

CURRENT = "superseded_at IS NULL AND valid_to = '9999-12-31'"


async def refused(move_in: MoveInFactory, *members: dict[str, Any], **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as failure:
        await move_in(*members, **values)
    return {error.field: error.message for error in failure.value.fields}


async def asked(move_in: MoveInFactory, *members: dict[str, Any], **values: Any) -> dict[str, str]:
    with pytest.raises(NeedsConfirmation) as failure:
        await move_in(*members, **values)
    return {error.rule: error.message for error in failure.value.fields}


async def test_three_people_move_in_with_both_dates_and_the_former_address(
    session: WriteSession, family: MovementResult
) -> None:
    """JUKI-008."""
    rows = await session.fetch(f"SELECT * FROM resident_record WHERE {CURRENT} ORDER BY addressee_no")
    assert [row["name"] for row in rows] == ["渡邉　太郎", "渡邉　花子", "渡邉　さくら"]
    assert {row["previous_address"] for row in rows} == {"東京都千代田区丸の内一丁目1番1号"}
    assert {str(row["became_resident_on"]) for row in rows} == {"2026-11-10"}
    assert rows[1]["name_kana"] == "ワタナベ　ハナコ"
    assert rows[0]["address"] == "ためし町1番2号"
    movement = await session.fetchrow("SELECT * FROM movement")
    assert movement is not None
    assert (str(movement["event_date"]), str(movement["notified_on"])) == ("2026-11-10", "2026-11-16")
    assert (movement["reason"], movement["class"], movement["staff_id"]) == ("move_in", "notified", "clerk")


async def test_the_event_and_the_audit_events_are_in_the_same_transaction(
    session: WriteSession, family: MovementResult
) -> None:
    event = await session.fetchrow("SELECT topic, key, effective_on, payload FROM outbox_event")
    assert event is not None
    assert event["topic"] == "resident.moved_in"
    assert str(event["effective_on"]) == "2026-11-10"
    assert [audit.subject for audit in session.audit_events] == [f"addressee:{n}" for n in family.addressee_nos]


async def test_joining_a_household_takes_its_address_and_raises_its_version(
    session: WriteSession, move_in: MoveInFactory, family: MovementResult
) -> None:
    grandmother = {
        **MOTHER,
        "name": "渡邉 ハル",
        "name_kana": "ワタナベ ハル",
        "birth_date": "S200101",
        "relationship": "52",
    }
    ref = {"household_no": family.household_no, "version": 1}
    result = await move_in(grandmother, household=ref, address=None)
    row = await session.fetchrow(
        f"SELECT * FROM resident_record WHERE {CURRENT} AND addressee_no = $1", result.addressee_no
    )
    assert row is not None
    assert (row["household_no"], row["address"], row["relationship_text"]) == (
        family.household_no,
        "ためし町1番2号",
        "母",
    )
    assert await session.fetchval("SELECT version FROM household") == 2


async def test_a_household_changed_meanwhile_is_a_conflict_that_names_who(
    move_in: MoveInFactory, family: MovementResult
) -> None:
    ref = {"household_no": family.household_no, "version": 1}
    await move_in(
        {**MOTHER, "name": "甲 乙", "name_kana": "コウ オツ", "relationship": "99"}, household=ref, address=None
    )
    with pytest.raises(Conflict, match="clerkさんが10時30分に転入"):
        await move_in(
            {**MOTHER, "name": "丙 丁", "name_kana": "ヘイ テイ", "relationship": "99"}, household=ref, address=None
        )


async def test_the_same_request_is_recorded_once(session: WriteSession, move_in: MoveInFactory) -> None:
    key = str(uuid4())
    first = await move_in(FATHER, request_key=key)
    second = await move_in(FATHER, request_key=key)
    assert second == first.model_copy(update={"is_repeat": True})
    assert await session.fetchval("SELECT count(*) FROM movement") == 1


async def test_all_mistakes_are_told_at_once_at_their_fields(move_in: MoveInFactory) -> None:
    wrong = {**FATHER, "name": "渡邉123", "name_kana": "渡邉", "birth_date": "2026-11-12", "relationship": "77"}
    errors = await refused(move_in, wrong, address={"town_code": "nowhere", "block": "1"}, notified_on="2026-11-09")
    assert set(errors) == {
        "notified_on",
        "address.town_code",
        "members.0.name",
        "members.0.name_kana",
        "members.0.birth_date",
        "members.0.relationship",
        "members",
    }


async def test_a_day_in_the_future_is_refused(move_in: MoveInFactory) -> None:
    errors = await refused(move_in, FATHER, event_date="2026-11-21", notified_on="2026-11-21")
    assert set(errors) == {"event_date", "notified_on"}


@pytest.mark.parametrize(
    ("members", "words"), [((MOTHER,), "世帯主がいません"), ((FATHER, {**MOTHER, "relationship": "02"}), "2人")]
)
async def test_a_household_has_exactly_one_head(move_in: MoveInFactory, members: Any, words: str) -> None:
    assert words in (await refused(move_in, *members))["members"]


async def test_the_fourteenth_day_is_in_time_and_the_fifteenth_has_to_be_confirmed(move_in: MoveInFactory) -> None:
    await move_in(FATHER, event_date="2026-11-02", notified_on="2026-11-16")
    late = {"event_date": "2026-10-30", "notified_on": "2026-11-16"}
    other = {**FATHER, "name": "乙 次郎", "name_kana": "オツ ジロウ"}
    alerts = await asked(move_in, other, **late)
    assert "期限は令和8年11月13日" in alerts["late_notice:notified_on"]
    assert (await move_in(other, **late, confirmed=["late_notice:notified_on"])).movement_no == 2


@pytest.mark.parametrize("name", ["渡辺　太郎", "渡邊 太郎"])
async def test_a_namesake_of_the_same_birth_date_has_to_be_confirmed(
    move_in: MoveInFactory, family: MovementResult, name: str
) -> None:
    """JUKI-012: asked before anything is saved."""
    alerts = await asked(move_in, {**FATHER, "name": name})
    assert f"宛名番号{family.addressee_no}" in alerts["duplicate:members.0.name"]


async def test_who_moves_in_again_keeps_the_number_and_both_periods(
    session: WriteSession, move_in: MoveInFactory
) -> None:
    first = await move_in(FATHER, event_date="2026-09-01", notified_on="2026-09-02")
    leave = {
        "event_date": "2026-10-01",
        "notified_on": "2026-09-25",
        "household": {"household_no": first.household_no, "version": 1},
        "members": [{"addressee_no": first.addressee_no}],
        "destination": "大阪府大阪市",
    }
    await service.record_move_out(session, MoveOut.model_validate(leave), NOW)
    again = await move_in({**FATHER, "addressee_no": first.addressee_no})
    assert again.addressee_no == first.addressee_no
    rows = await session.fetch(
        "SELECT status, valid_from, valid_to FROM resident_record WHERE superseded_at IS NULL ORDER BY valid_from"
    )
    assert [(r["status"], str(r["valid_from"]), str(r["valid_to"])) for r in rows] == [
        ("resident", "2026-09-01", "2026-10-01"),
        ("removed", "2026-10-01", "2026-11-10"),
        ("resident", "2026-11-10", "9999-12-31"),
    ]


async def test_who_lives_here_cannot_move_in_again(move_in: MoveInFactory, family: MovementResult) -> None:
    errors = await refused(move_in, {**FATHER, "addressee_no": family.addressee_no})
    assert "すでに住民として登録されています" in errors["members.0.addressee_no"]


def test_the_input_says_which_date_it_cannot_read() -> None:
    with pytest.raises(ValueError, match="event_date"):
        MoveIn.model_validate(move_in_body(CHILD, event_date="R8.13.1"))
