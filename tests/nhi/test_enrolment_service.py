"""資格: candidates from movements, 取得 and 喪失 with their checks, 特定同一世帯所属者."""

from datetime import date

import pytest
import pytest_asyncio

from modules.nhi.health_insurance import service
from modules.nhi.health_insurance.figures import figures_of
from modules.nhi.health_insurance.inputs import Circumstance, Dismissal, Enrol, Transfer, Withdraw
from modules.nhi.health_insurance.together import Companion, EnrolTogether, enrol_together, list_mates
from modules.resident.basic_register.movements.inputs import MovementResult
from tests.resident.people import CHILD, FATHER, MOTHER, NOW, add_town, record_move_in
from yoriai.errors import Invalid, NeedsConfirmation, NotFound
from yoriai.rules import ParameterSet
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession

MOVED_ON = date(2026, 11, 10)
NOTICE = date(2026, 11, 16)


@pytest.fixture
def figures(config: TenantConfig) -> ParameterSet:
    return figures_of(config, 2026)


@pytest_asyncio.fixture(loop_scope="session")
async def family(write_session: WriteSession) -> MovementResult:
    await add_town(write_session)
    return await record_move_in(write_session, FATHER, MOTHER, CHILD)


def enrolment(number: int, **changes: object) -> Enrol:
    return Enrol.model_validate(
        {"addressee_no": number, "acquired_on": MOVED_ON, "reason": "move_in", "notified_on": NOTICE, **changes}
    )


async def test_who_moves_in_is_a_candidate_until_enrolled(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    found = await service.list_candidates(write_session, 75)
    assert [(row["kind"], row["reason"], row["effective_on"], row["household_no"]) for row in found] == [
        ("acquire", "move_in", MOVED_ON, family.household_no)
    ] * 3
    result = await service.enrol(write_session, enrolment(family.addressee_nos[0]), figures, NOW)
    assert (result.household_no, result.fiscal_years) == (family.household_no, [2026])
    left = await service.list_candidates(write_session, 75)
    assert {row["addressee_no"] for row in left} == set(family.addressee_nos[1:])
    assert all(row["has_insured"] for row in left)


async def test_a_candidate_that_asks_for_nothing_is_taken_off(
    write_session: WriteSession, family: MovementResult
) -> None:
    first = (await service.list_candidates(write_session, 75))[0]
    body = Dismissal(source=first["source"], addressee_no=first["addressee_no"], kind=first["kind"])
    await service.dismiss_candidate(write_session, body, NOW)
    assert len(await service.list_candidates(write_session, 75)) == 2
    with pytest.raises(NotFound):
        await service.dismiss_candidate(write_session, body, NOW)
    assert family.addressee_nos


async def test_a_notice_after_14_days_has_to_be_confirmed_and_the_day_stays(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    number = family.addressee_nos[0]
    later = NOW.replace(month=12, day=20)
    body = enrolment(number, notified_on=date(2026, 12, 18))
    with pytest.raises(NeedsConfirmation) as late:
        await service.enrol(write_session, body, figures, later)
    assert [(error.rule, error.article) for error in late.value.fields] == [("late_notice", "国保法9条")]
    await service.enrol(write_session, body.model_copy(update={"confirmed": ["late_notice"]}), figures, later)
    assert (await service.list_enrolments(write_session, number))[0]["acquired_on"] == MOVED_ON


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"acquired_on": date(2026, 11, 1)}, "order"),
        ({"acquired_on": date(2026, 12, 1)}, "future"),
        ({"notified_on": date(2026, 12, 1)}, "future"),
        ({"reason": "birth"}, "birth"),
    ],
)
async def test_an_impossible_acquisition_is_refused(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet, changes: dict[str, object], rule: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        await service.enrol(write_session, enrolment(family.addressee_nos[0], **changes), figures, NOW)
    assert rule in [error.rule for error in refusal.value.fields]


async def test_nobody_is_insured_twice(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    number = family.addressee_nos[0]
    await service.enrol(write_session, enrolment(number), figures, NOW)
    with pytest.raises(Invalid) as refusal:
        await service.enrol(write_session, enrolment(number), figures, NOW)
    assert [error.rule for error in refusal.value.fields] == ["overlap"]


async def test_who_leaves_for_elderly_medical_care_stays_a_former_member_of_the_household(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    father, mother, _ = family.addressee_nos
    for number in (father, mother):
        await service.enrol(write_session, enrolment(number), figures, NOW)
    body = Withdraw(addressee_no=father, lost_on=NOTICE, reason="elderly_medical", notified_on=NOTICE)
    await service.withdraw(write_session, body, figures, NOW)
    kept = await service.list_enrolments(write_session, father)
    assert [(row["lost_on"], row["loss_reason"]) for row in kept] == [(NOTICE, "elderly_medical")]
    former = await write_session.fetch("SELECT addressee_no, since FROM nhi_former_member WHERE superseded_at IS NULL")
    assert [dict(row) for row in former] == [{"addressee_no": father, "since": NOTICE}]
    history = await write_session.fetchval("SELECT count(*) FROM nhi_enrolment WHERE addressee_no = $1", father)
    assert history == 2, "the row without an end stays readable"


async def test_withdrawing_who_is_not_insured_is_refused(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    body = Withdraw(addressee_no=family.addressee_nos[0], lost_on=NOTICE, reason="other", notified_on=NOTICE)
    with pytest.raises(NotFound):
        await service.withdraw(write_session, body, figures, NOW)


async def test_an_enrolment_follows_the_person_into_another_household(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    mother = family.addressee_nos[1]
    await service.enrol(write_session, enrolment(mother), figures, NOW)
    await write_session.fetch("UPDATE nhi_enrolment SET superseded_at = now() WHERE addressee_no = $1", mother)
    await write_session.fetch(
        "INSERT INTO nhi_enrolment (addressee_no, household_no, acquired_on, acquisition_reason) VALUES ($1, 7777, $2, 'move_in')",
        mother,
        date(2026, 11, 1),
    )
    moved = Transfer(addressee_no=mother, moved_on=MOVED_ON, notified_on=NOTICE)
    await service.transfer(write_session, moved, MOVED_ON, NOW)
    spells = await service.list_enrolments(write_session, mother)
    assert [(row["household_no"], row["acquired_on"], row["is_open"]) for row in spells] == [
        (family.household_no, MOVED_ON, True),
        (7777, date(2026, 11, 1), False),
    ]


async def test_a_circumstance_is_kept_with_its_person(write_session: WriteSession, family: MovementResult) -> None:
    mother = family.addressee_nos[1]
    body = Circumstance(addressee_no=mother, kind="delivery", starts_on=date(2027, 2, 1), notified_on=NOTICE)
    result = await service.record_circumstance(write_session, body, NOW)
    assert result.household_no == family.household_no
    row = await write_session.fetchrow(
        "SELECT addressee_no, kind, ends_on = '9999-12-31' AS is_open FROM nhi_circumstance"
    )
    assert row is not None
    assert dict(row) == {"addressee_no": mother, "kind": "delivery", "is_open": True}


async def test_a_household_joins_with_one_notice_or_nobody_does(
    write_session: WriteSession, family: MovementResult, figures: ParameterSet
) -> None:
    father, mother, child = family.addressee_nos
    stranger = await record_move_in(write_session, {**FATHER, "name": "乙 次郎", "name_kana": "オツ ジロウ"})
    assert [mate.addressee_no for mate in await list_mates(write_session, father, 1, MOVED_ON)] == [mother, child]
    chosen = [{"addressee_no": number, "is_chosen": number != child} for number in (mother, child)]
    body = EnrolTogether.model_validate({**enrolment(father).model_dump(), "also": chosen})
    wrong = [*chosen, {"addressee_no": stranger.addressee_no, "is_chosen": True}]
    with pytest.raises(Invalid) as failure:
        async with write_session.begin_nested():
            await enrol_together(write_session, body.model_copy(update={"also": [
                Companion.model_validate(item) for item in wrong]}), figures, NOW)  # fmt: skip
    assert [(error.field, error.rule) for error in failure.value.fields] == [("also.2.is_chosen", "household")]
    assert await service.list_enrolments(write_session, father) == []
    await enrol_together(write_session, body, figures, NOW)
    assert [len(await service.list_enrolments(write_session, number)) for number in (father, mother, child)] == [
        1,
        1,
        0,
    ]
    assert [mate.addressee_no for mate in await list_mates(write_session, father, 1, MOVED_ON)] == [child]
