"""職権消除・回復, 転出取消, 転入通知, 異動取消 and 異動訂正: nothing is overwritten, everything can be read as it stood."""

from datetime import date
from typing import Any

import pytest

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.cancellation import cancel_movement
from modules.resident.basic_register.movements.change_inputs import (
    Cancellation,
    Correction,
    ExOfficioEntry,
    ExOfficioRemoval,
    FamilyRegisterChange,
    MoveOutCancel,
    MoveOutNotice,
    Restoration,
)
from modules.resident.basic_register.movements.correction import correct_movement
from modules.resident.basic_register.movements.inputs import Death, MovementResult, MoveOut
from modules.resident.basic_register.reads.departures import list_departures
from tests.resident.changes import COUNTED, current, household
from tests.resident.people import CHILD, FATHER, NOW, MoveInFactory, move_in_body
from yoriai.errors import Conflict, Invalid
from yoriai.tenancy.session import WriteSession

GROUND = {"ground": "実態調査（11月17日）"}


def chosen(numbers: list[int]) -> list[dict[str, Any]]:
    return [{"addressee_no": number} for number in numbers]


async def leave(
    session: WriteSession, family: MovementResult, numbers: list[int], version: int = 1, **values: Any
) -> int:
    body = household(family, version, members=chosen(numbers), destination="大阪府大阪市", **values)
    body |= {"event_date": values.get("event_date", "2026-11-30")}
    return (await service.record_move_out(session, MoveOut.model_validate(body), NOW)).movement_no


def cancel(reason: str = "誤って登録したため") -> Cancellation:
    return Cancellation(reason_text=reason)


async def test_juki_025_a_removed_record_is_restored_with_its_original_days(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    removal = ExOfficioRemoval.model_validate(household(family, members=chosen([child]), **GROUND))
    await service.record_ex_officio_removal(session, removal, NOW)
    assert (await current(session))[2]["removal_reason"] == "ex_officio_removal"
    back = Restoration.model_validate(
        household(family, 2, members=[{"addressee_no": child, "relationship": "20"}], **GROUND)
    )
    await service.record_restoration(session, back, NOW)
    row = (await current(session))[2]
    assert (row["status"], row["became_resident_on"], row["address_since"]) == (
        "resident",
        date(2026, 11, 10),
        date(2026, 11, 10),
    )
    reasons = await session.fetch("SELECT reason FROM movement ORDER BY movement_no")
    assert [item["reason"] for item in reasons] == ["move_in", "ex_officio_removal", "restoration"]


async def test_an_entry_by_the_office_is_ex_officio_and_needs_its_ground(session: WriteSession) -> None:
    body = ExOfficioEntry.model_validate({**move_in_body(FATHER), "former_address": ""})
    with pytest.raises(Invalid) as failure:
        await service.record_move_in(session, body, NOW)
    assert failure.value.fields[0].field == "ground"
    result = await service.record_move_in(session, body.model_copy(update=GROUND), NOW)
    assert result.reason == "ex_officio_entry"
    assert await session.fetchval("SELECT class FROM movement") == "ex_officio"


async def test_juki_016_a_notice_makes_a_plan_certain_and_the_other_stays_outstanding(
    session: WriteSession, family: MovementResult
) -> None:
    _, mother, child = family.addressee_nos
    await leave(session, family, [mother, child], event_date="2026-11-25")
    body = MoveOutNotice.model_validate(household(family, 2, members=chosen([mother]), event_date="2026-11-20"))
    await service.record_move_out_notice(session, body, NOW)
    rows = await current(session)
    assert [row["status"] for row in rows] == ["resident", "removed", "move_out_planned"]
    assert rows[1]["removed_on"] == date(2026, 11, 20)
    waiting = [row.addressee_no for row in (await list_departures(session, date(2026, 12, 10), "")).departures]
    assert waiting == [child]


async def test_a_notice_gives_those_who_stay_the_relations_of_the_plan(
    session: WriteSession, family: MovementResult
) -> None:
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    await leave(session, family, [father], staying=staying)
    body = MoveOutNotice.model_validate(household(family, 2, members=chosen([father]), event_date="2026-11-20"))
    await service.record_move_out_notice(session, body, NOW)
    assert [row["relationship"] for row in await current(session)] == ["02", "02", "20"]


@pytest.mark.parametrize("is_certain", [False, True])
async def test_juki_017_a_cancelled_move_out_restores_household_and_relations(
    session: WriteSession, family: MovementResult, is_certain: bool
) -> None:
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    day = "2026-11-18" if is_certain else "2026-11-30"
    await leave(session, family, [father], staying=staying, event_date=day)
    body = MoveOutCancel.model_validate(household(family, 2, members=chosen([father]), event_date="2026-11-20"))
    await service.record_move_out_cancel(session, body, NOW)
    rows = await current(session)
    assert [(row["status"], row["relationship"]) for row in rows] == [
        ("resident", "02"),
        ("resident", "12"),
        ("resident", "20"),
    ]
    assert rows[0]["valid_from"] == date(2026, 11, 10), "as if it had not been"
    topic = await session.fetchval("SELECT topic FROM outbox_event ORDER BY id DESC LIMIT 1")
    assert topic == "resident.move_out_cancelled"


async def test_a_notice_after_a_plan_can_be_taken_back_whole(session: WriteSession, family: MovementResult) -> None:
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    await leave(session, family, [father], staying=staying)
    notice = MoveOutNotice.model_validate(household(family, 2, members=chosen([father]), event_date="2026-11-20"))
    await service.record_move_out_notice(session, notice, NOW)
    body = MoveOutCancel.model_validate(household(family, 3, members=chosen([father]), event_date="2026-11-20"))
    await service.record_move_out_cancel(session, body, NOW)
    assert [row["relationship"] for row in await current(session)] == ["02", "12", "20"]


async def test_who_has_not_announced_to_leave_cannot_take_it_back(
    session: WriteSession, family: MovementResult
) -> None:
    body = MoveOutCancel.model_validate(household(family, members=chosen(family.addressee_nos[:1])))
    with pytest.raises(Invalid) as failure:
        await service.record_move_out_cancel(session, body, NOW)
    assert failure.value.fields[0].article == "住基法24条"


async def test_juki_028_the_latest_movement_is_cancelled_once_and_every_row_stays(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    body = Death.model_validate(household(family, addressee_no=child))
    died = await service.record_death(session, body, NOW)
    before = await session.fetchval(COUNTED)
    await cancel_movement(session, died.movement_no, cancel(), NOW)
    assert (await current(session))[2]["status"] == "resident"
    assert await session.fetchval(COUNTED) == before + 1, "one row more, none less"
    with pytest.raises(Conflict, match="二重"):
        await cancel_movement(session, died.movement_no, cancel(), NOW)
    event = await session.fetchrow(
        "SELECT topic, payload->>'cancels' AS cancels FROM outbox_event ORDER BY id DESC LIMIT 1"
    )
    assert event is not None
    assert (event["topic"], event["cancels"]) == ("resident.cancelled", str(died.movement_no))


async def test_movements_are_cancelled_from_the_last_one_back(session: WriteSession, family: MovementResult) -> None:
    child = family.addressee_nos[2]
    plan = await leave(session, family, [child])
    body = Death.model_validate(household(family, 2, addressee_no=child, event_date="2026-11-20"))
    died = await service.record_death(session, body, NOW)
    with pytest.raises(Invalid) as failure:
        await cancel_movement(session, plan, cancel(), NOW)
    assert "先にそれを取り消して" in failure.value.fields[0].message
    await cancel_movement(session, died.movement_no, cancel(), NOW)
    assert (await current(session))[2]["status"] == "move_out_planned"
    await cancel_movement(session, plan, cancel(), NOW)
    assert (await current(session))[2]["status"] == "resident"


async def test_who_was_entered_by_a_cancelled_movement_is_a_removed_record(
    session: WriteSession, family: MovementResult
) -> None:
    await cancel_movement(session, family.movement_no, cancel(), NOW)
    rows = await current(session)
    assert {(row["status"], row["removal_reason"]) for row in rows} == {("removed", "cancellation")}
    assert await session.fetchval("SELECT count(*) FROM fact_resident") == 0


async def test_juki_028_a_past_movement_is_corrected_and_what_came_later_stays(
    session: WriteSession, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    await leave(session, family, [child])
    body = Correction(addressee_no=child, name="渡邉 桜", name_kana="ワタナベ サクラ", reason_text="届書の読み違い")
    await correct_movement(session, family.movement_no, body, NOW)
    rows = await session.fetch(
        "SELECT name, status FROM resident_record WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from",
        child,
    )
    assert [(row["name"], row["status"]) for row in rows] == [
        ("渡邉　桜", "resident"),
        ("渡邉　桜", "move_out_planned"),
    ]
    wrong = await session.fetchval("SELECT count(*) FROM resident_record WHERE name = '渡邉　さくら'")
    assert wrong == 3, "what was believed stays readable"


async def test_the_day_of_a_movement_is_corrected_with_the_days_that_hang_on_it(
    session: WriteSession, family: MovementResult
) -> None:
    body = Correction.model_validate(
        {"addressee_no": family.addressee_no, "event_date": "2026-11-05", "reason_text": "転出証明書による"}
    )
    await correct_movement(session, family.movement_no, body, NOW)
    row = (await current(session))[0]
    assert {row["valid_from"], row["became_resident_on"], row["address_since"]} == {date(2026, 11, 5)}


async def test_a_correction_changes_something_and_the_day_stays_in_order(
    session: WriteSession, family: MovementResult
) -> None:
    nothing = Correction(addressee_no=family.addressee_no, reason_text="なし")
    with pytest.raises(Invalid, match="誤り"):
        await correct_movement(session, family.movement_no, nothing, NOW)
    future = Correction.model_validate(
        {"addressee_no": family.addressee_no, "event_date": "2026-12-05", "reason_text": "誤記"}
    )
    with pytest.raises(Invalid) as failure:
        await correct_movement(session, family.movement_no, future, NOW)
    assert failure.value.fields[0].field == "event_date"


async def test_juki_011_who_returns_keeps_number_and_earlier_record(
    session: WriteSession, family: MovementResult, move_in: MoveInFactory
) -> None:
    child = family.addressee_nos[2]
    await leave(session, family, [child], event_date="2026-11-15", is_certain=True)
    back = await move_in(
        {**CHILD, "relationship": "02", "addressee_no": child}, event_date="2026-11-18", notified_on="2026-11-20"
    )
    assert back.addressee_no == child
    periods = await session.fetch(
        "SELECT status FROM resident_record WHERE addressee_no = $1 AND superseded_at IS NULL ORDER BY valid_from",
        child,
    )
    assert [row["status"] for row in periods] == ["resident", "removed", "resident"]


async def rename(session: WriteSession, family: MovementResult, number: int, version: int) -> None:
    """A name changed between the notice of the 転出 and its day."""
    members = [{"addressee_no": number, "name": "佐藤 太郎", "name_kana": "サトウ タロウ"}]
    body = household(family, version, reason="name_change", members=members, event_date="2026-11-20")
    await service.record_family_register_change(session, FamilyRegisterChange.model_validate(body), NOW)


@pytest.mark.parametrize("has_notice", [False, True])
async def test_what_changed_after_the_notice_stays_when_the_move_out_is_cancelled(
    session: WriteSession, family: MovementResult, has_notice: bool
) -> None:
    father, mother, child = family.addressee_nos
    staying = [{"addressee_no": mother, "relationship": "02"}, {"addressee_no": child, "relationship": "20"}]
    await leave(session, family, [father], staying=staying)
    await rename(session, family, father, 2)
    if has_notice:
        notice = household(family, 3, members=chosen([father]), event_date="2026-11-20")
        await service.record_move_out_notice(session, MoveOutNotice.model_validate(notice), NOW)
        assert [row["relationship"] for row in await current(session)] == ["02", "02", "20"]
    back = household(family, 4 if has_notice else 3, members=chosen([father]), event_date="2026-11-20")
    await service.record_move_out_cancel(session, MoveOutCancel.model_validate(back), NOW)
    rows = await current(session)
    assert [(row["status"], row["relationship"]) for row in rows] == [
        ("resident", "02"),
        ("resident", "12"),
        ("resident", "20"),
    ]
    assert (rows[0]["name"], rows[0]["removed_on"]) == ("佐藤　太郎", None)
