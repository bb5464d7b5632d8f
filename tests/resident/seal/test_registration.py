"""登録申請: who may register, which seal, how the person is known, what follows from an answer."""

from datetime import date, datetime
from typing import Any

import pytest

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.seal_registration import service
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import Answer, GuardianshipNotice, RegistrationAct
from modules.resident.seal_registration.reads import get_registration, list_registrations, list_reviews
from modules.resident.seal_registration.states import State
from tests.resident.people import FATHER, NOW, MoveInFactory
from tests.resident.seal.seals import LATER, register, stamp
from yoriai.clock import JAPAN
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

_STATES = """
SELECT status, valid_from::text, valid_to::text, superseded_at IS NULL AS known FROM seal_registration_state
 WHERE registration_no = $1 ORDER BY id
"""


async def _errors(session: WriteSession, config: TenantConfig, number: int, **values: Any) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        await register(session, config, number, **values)
    assert all(error.message and not error.message.isascii() for error in caught.value.fields)
    return {error.field: error.rule for error in caught.value.fields}


async def test_inkan_001_a_resident_registers_with_a_number_and_a_card(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    father, mother, _ = family.addressee_nos
    one = await register(session, config, father)
    two = await register(session, config, mother, seal_text="花子", image=stamp(pattern=2), card_no=5000)
    three_cards = await session.fetch("SELECT card_no FROM seal_card ORDER BY registration_no")
    assert (one.status, two.status) == ("active", "active")
    assert one.registration_no != two.registration_no
    assert [row["card_no"] for row in three_cards] == [one.card_no, 5000]
    row = await session.fetchrow(
        "SELECT name, text_kind FROM seal_registration WHERE registration_no = $1", one.registration_no
    )
    assert row is not None
    assert tuple(row.values()) == ("渡邉　太郎", "surname")


async def test_a_card_number_is_used_once_and_counting_goes_on_after_it(
    session: WriteSession, config: TenantConfig, move_in: MoveInFactory
) -> None:
    people = [
        await move_in(
            {**FATHER, "name": f"渡辺 {name}", "name_kana": "ワタナベ イチ", "birth_date": f"198{index}-01-01"}
        )
        for index, name in enumerate(("一", "二", "三"))
    ]
    numbers = [result.addressee_no for result in people]
    await register(session, config, numbers[0], card_no=700, image=stamp(pattern=3))
    assert await _errors(session, config, numbers[1], card_no=700, image=stamp(pattern=6)) == {"card_no": "duplicate"}
    assert (await register(session, config, numbers[2], image=stamp(pattern=9))).card_no == 701


async def test_all_mistakes_are_told_at_once_at_their_fields(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    child = family.addressee_nos[2]
    values = {
        "seal_text": "鈴木",
        "material": "rubber",
        "image": stamp(7),
        "identity_document": "",
        "applied_on": "2026-12-01",
    }
    assert await _errors(session, config, child, **values) == {
        "applied_on": "order",
        "addressee_no": "age",
        "material": "material",
        "image": "too_small",
        "seal_text": "name",
        "identity_document": "required",
    }


async def test_a_seal_of_26_mm_and_somebody_unknown_are_refused(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    assert await _errors(session, config, family.addressee_nos[0], image=stamp(26)) == {"image": "too_large"}
    assert await _errors(session, config, 999) == {"addressee_no": "not_resident"}


async def test_the_fifteenth_birthday_is_the_first_day(
    session: WriteSession, config: TenantConfig, move_in: MoveInFactory
) -> None:
    youth = await move_in({**FATHER, "birth_date": "2011-11-19"})
    early = datetime(2026, 11, 18, 9, tzinfo=JAPAN)
    assert await _errors(session, config, youth.addressee_no, now=early) == {"addressee_no": "age"}
    done = await register(session, config, youth.addressee_no, applied_on="2026-11-19")
    assert done.status == "active"


async def test_one_person_has_one_seal_and_may_change_it(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    father = family.addressee_nos[0]
    first = await register(session, config, father)
    assert await _errors(session, config, father, image=stamp(pattern=2)) == {"addressee_no": "duplicate"}
    early = {"image": stamp(pattern=2), "replaces": True, "applied_on": "2026-11-17"}
    assert await _errors(session, config, father, **early) == {"applied_on": "order"}, "before the one it replaces"
    second = await register(session, config, father, image=stamp(pattern=2), replaces=True, applied_on="2026-11-19")
    states = await session.fetch(_STATES, first.registration_no)
    assert [tuple(row.values()) for row in states] == [
        ("active", "2026-11-18", "9999-12-31", False),
        ("active", "2026-11-18", "2026-11-19", True),
        ("ended", "2026-11-19", "9999-12-31", True),
    ]
    ended = await session.fetchrow("SELECT end_reason FROM seal_card WHERE registration_no = $1", first.registration_no)
    assert ended is not None
    assert ended["end_reason"] == "ended"
    assert second.card_no != first.card_no


async def test_one_seal_belongs_to_one_person_and_a_likeness_is_asked_about(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    father, mother, _ = family.addressee_nos
    await register(session, config, father)
    assert await _errors(session, config, mother) == {"image": "taken"}
    with pytest.raises(NeedsConfirmation) as asked:
        await register(session, config, mother, image=stamp(shift=2))
    assert [alert.rule for alert in asked.value.fields] == ["alike"]
    done = await register(session, config, mother, image=stamp(shift=2), confirmed=["alike"])
    assert done.status == "active"


async def test_a_seal_without_a_rim_is_asked_about(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        await register(session, config, family.addressee_nos[0], image=stamp(rim=False))
    assert [alert.rule for alert in asked.value.fields] == ["rim"]


async def test_inkan_004_an_adult_ward_registers_only_together_with_the_representative(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    father = family.addressee_nos[0]
    first = await register(session, config, father)
    notice = {"addressee_no": father, "started_on": "2026-11-01", "notified_on": "2026-11-19", "source": "法務局"}
    result = await service.record_guardianship(session, GuardianshipNotice.model_validate(notice), NOW)
    assert result.ended_registration_no == first.registration_no
    assert await _errors(session, config, father) == {"representative_name": "ward"}
    by_agent = {"applicant": "agent", "agent_name": "乙 次郎", "identity_kind": "inquiry"}
    assert await _errors(session, config, father, **by_agent) == {"applicant": "ward"}
    with pytest.raises(NeedsConfirmation) as asked:
        await register(session, config, father, representative_name="乙 次郎", applied_on="2026-11-20")
    assert [alert.rule for alert in asked.value.fields] == ["ward"]
    values: dict[str, Any] = {"representative_name": "乙 次郎", "applied_on": "2026-11-20", "confirmed": ["ward"]}
    assert (await register(session, config, father, **values)).status == "active"
    mother = family.addressee_nos[1]
    await register(session, config, mother, seal_text="花子", image=stamp(pattern=7), identity_kind="inquiry")
    await service.record_guardianship(
        session, GuardianshipNotice.model_validate(notice | {"addressee_no": mother}), NOW
    )
    inquiries = await session.fetch("SELECT outcome, closed_on::text FROM seal_inquiry")
    assert [tuple(row.values()) for row in inquiries] == [("rejected", "2026-11-19")], "no answer is waited for"


async def test_inkan_008_each_way_of_checking_identity_is_stored(
    session: WriteSession, config: TenantConfig, family: MovementResult, move_in: MoveInFactory
) -> None:
    father, mother, _ = family.addressee_nos
    other = await move_in({**FATHER, "name": "渡辺 次郎", "name_kana": "ワタナベ ジロウ", "birth_date": "1980-05-05"})
    guarantor = await register(session, config, father)
    values: dict[str, Any] = {"seal_text": "花子", "image": stamp(pattern=2), "identity_kind": "guarantor"}
    assert await _errors(session, config, mother, **values) == {"guarantor_no": "required"}
    assert await _errors(session, config, mother, **values, guarantor_no=999) == {"guarantor_no": "guarantor"}
    await register(session, config, mother, **values, guarantor_no=guarantor.registration_no)
    await register(session, config, other.addressee_no, image=stamp(pattern=5), identity_kind="inquiry")
    rows = await session.fetch("SELECT identity_kind FROM seal_registration ORDER BY registration_no")
    assert [row["identity_kind"] for row in rows] == ["photo_document", "guarantor", "inquiry"]
    listed = await list_registrations(session, State.ACTIVE, "", 1, NOW.date())
    assert [row.identity for row in listed.rows] == ["登録者による保証", "官公署発行の写真付き証明書"]
    shown = await get_registration(session, guarantor.registration_no, NOW.date())
    assert (shown.identity, shown.identity_document) == ("官公署発行の写真付き証明書", "運転免許証")


async def test_an_agent_is_answered_by_a_letter_to_the_person(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    errors = await _errors(session, config, family.addressee_nos[0], applicant="agent")
    assert errors == {"agent_name": "required", "identity_kind": "agent"}


async def test_inkan_007_an_inquiry_is_pending_until_the_answer_and_lapses_after_its_time(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    father, mother, _ = family.addressee_nos
    values: dict[str, Any] = {"applicant": "agent", "agent_name": "乙 次郎", "identity_kind": "inquiry"}
    pending = await register(session, config, father, **values)
    late = await register(session, config, mother, seal_text="花子", image=stamp(pattern=2), **values)
    assert (pending.status, pending.card_no) == ("inquiring", None)
    due = await session.fetchval(
        "SELECT due_on::text FROM seal_inquiry WHERE registration_no = $1", pending.registration_no
    )
    assert due == "2026-12-18"
    figures = figures_of(config, NOW.date())
    body = Answer.model_validate({"version": 1, "on": "2026-11-20", "answer_document": "回答書・運転免許証"})
    done = await service.answer_inquiry(session, pending.registration_no, body, figures, NOW)
    assert done.status == "active"
    assert done.card_no is not None
    with pytest.raises(Conflict):
        await service.answer_inquiry(session, pending.registration_no, body, figures, NOW)
    after = Answer.model_validate({"version": 1, "on": "2026-12-19", "answer_document": "回答書"})
    with pytest.raises(Invalid) as refused:
        await service.answer_inquiry(session, late.registration_no, after, figures, LATER)
    assert [(error.field, error.rule) for error in refused.value.fields] == [("on", "late")]
    overdue = [(await list_reviews(session, date(2026, 12, day))).overdue for day in (18, 19)]
    assert [[row.registration_no for row in rows] for rows in overdue] == [[], [late.registration_no]]
    reject = RegistrationAct.model_validate({"version": 1, "act": "reject", "on": "2026-12-24", "reason": "期限経過"})
    await service.act_on_registration(session, late.registration_no, reject, figures, LATER)
    outcome = await session.fetchval(
        "SELECT outcome FROM seal_inquiry WHERE registration_no = $1", late.registration_no
    )
    assert outcome == "lapsed"


async def test_inkan_006_somebody_about_to_leave_registers_until_the_eve(
    session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    from modules.resident.basic_register.movements.inputs import MoveOut
    from modules.resident.basic_register.service import record_move_out

    mother = family.addressee_nos[1]
    body = {
        "event_date": "2026-11-21",
        "notified_on": "2026-11-18",
        "household": {"household_no": family.household_no, "version": 1},
        "members": [{"addressee_no": mother}],
        "destination": "東京都千代田区",
    }
    await record_move_out(session, MoveOut.model_validate(body), NOW)
    the_day = datetime(2026, 11, 21, 9, tzinfo=JAPAN)
    values: dict[str, Any] = {"seal_text": "花子"}
    assert await _errors(session, config, mother, now=the_day, applied_on="2026-11-21", **values) == {
        "addressee_no": "leaving"
    }
    with pytest.raises(NeedsConfirmation) as asked:
        await register(session, config, mother, applied_on="2026-11-20", **values)
    assert [alert.rule for alert in asked.value.fields] == ["leaving"]
    done = await register(session, config, mother, applied_on="2026-11-20", confirmed=["leaving"], **values)
    assert done.status == "active"
