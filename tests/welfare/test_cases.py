"""請求, 認定, 差止, 消滅: what is recorded, what is refused, what is asked."""

from datetime import date
from typing import Any

import pytest
import pytest_asyncio

from modules.resident.basic_register.movements.inputs import MovementResult
from modules.welfare.child_allowance import service
from modules.welfare.child_allowance.earner import list_candidates
from modules.welfare.child_allowance.inputs import ChildAdded, ChildLost
from modules.welfare.child_allowance.judging import figures_of
from modules.welfare.child_allowance.proposals import get_claim_form
from modules.welfare.child_allowance.reads import get_case
from modules.welfare.child_allowance.states import TRANSITIONS, Act, Situation, State, next_state
from tests.welfare.families import NOW, act, bear, claim, claim_body, settle
from yoriai.errors import Conflict, Invalid, NeedsConfirmation
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import WriteSession


@pytest_asyncio.fixture(loop_scope="session")
async def family(write_session: WriteSession) -> MovementResult:
    return await settle(write_session)


async def _refused(session: WriteSession, config: TenantConfig, body: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as failure:
        await claim(session, config, body)
    return {error.field: error.rule for error in failure.value.fields}


async def test_main_earner_is_proposed_and_the_children_are_filled_in(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    figures = figures_of(config, NOW.date())
    form = await get_claim_form(write_session, family.household_no, None, figures, NOW.date())
    assert form.initial["recipient_no"] == family.addressee_nos[1]
    assert [child["child_no"] for child in form.initial["children"]] == [family.addressee_nos[2]]
    candidates = await list_candidates(write_session, family.household_no, NOW.date())
    assert [candidate.income for candidate in candidates] == [5_000_000, 3_000_000]


async def test_claim_of_the_parent_who_earns_less_is_asked_about(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    body = claim_body(family, recipient_no=family.addressee_nos[0])
    with pytest.raises(NeedsConfirmation) as asked:
        await claim(write_session, config, body)
    assert [error.rule for error in asked.value.fields] == ["not_main_earner"]
    assert (await claim(write_session, config, body | {"confirmed": ["not_main_earner"]})).status == State.CLAIMED


async def test_claim_after_the_15_days_in_a_later_month_is_asked_about(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    with pytest.raises(NeedsConfirmation) as asked:
        await claim(write_session, config, claim_body(family, event_on="2026-10-31"))
    assert [error.rule for error in asked.value.fields] == ["late_claim"]


async def test_approval_fixes_the_first_month_by_the_15_day_rule(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    body = claim_body(family, event="other", event_on="2026-10-31", claimed_on="2026-11-15")
    case = await act(write_session, config, await claim(write_session, config, body), "approve", "2026-11-18")
    stored = await write_session.fetchrow("SELECT status, first_month, decided_on FROM child_allowance_case")
    assert stored is not None
    assert (case.status, stored["first_month"], stored["decided_on"]) == (
        State.APPROVED,
        date(2026, 11, 1),
        date(2026, 11, 18),
    )


async def test_every_mistake_of_a_claim_is_named_at_once(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    twice = {"child_no": family.addressee_nos[2]}
    body = claim_body(family, twice, twice, {"name": "名のみ"}, claimed_on="2026-11-21", event_on="2026-11-22")
    assert await _refused(write_session, config, body) == {
        "claimed_on": "order",
        "event_on": "order",
        "children.0.child_no": "duplicate",
        "children.1.child_no": "duplicate",
        "children.2.child_no": "required",
    }


async def test_a_second_claim_and_a_child_of_another_recipient_are_refused(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    await claim(write_session, config, claim_body(family))
    assert await _refused(write_session, config, claim_body(family)) == {
        "recipient_no": "duplicate",
        "children.0.child_no": "taken",
    }


async def test_a_claim_without_an_eligible_child_cannot_be_approved(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    grown = {"name": "渡邉 大", "birth_date": "2006-06-01", "is_supported": True}
    case = await claim(write_session, config, claim_body(family, grown))
    with pytest.raises(Invalid) as failure:
        await act(write_session, config, case, "approve", "2026-11-18")
    assert [error.rule for error in failure.value.fields] == ["no_child"]


async def test_hold_and_end_need_a_reason_and_leave_a_history(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    case = await act(
        write_session, config, await claim(write_session, config, claim_body(family)), "approve", "2026-11-18"
    )
    with pytest.raises(Invalid):
        await act(write_session, config, case, "hold", "2026-11-19")
    case = await act(write_session, config, case, "hold", "2026-11-19", "現況届の未提出")
    case = await act(write_session, config, case, "end", "2026-11-20", "転出")
    view = await get_case(write_session, case.case_no, date(2026, 12, 1), figures_of(config, NOW.date()), NOW.date())
    assert [entry.label for entry in view.history] == ["消滅", "差止", "認定", "認定請求の受付"]
    assert (view.status.label, view.amount, view.acts) == ("消滅", 0, [])
    topics = await write_session.fetch("SELECT topic FROM outbox_event WHERE topic LIKE 'child%' ORDER BY id")
    assert [row["topic"] for row in topics] == [
        f"child_allowance.{word}" for word in ("claim", "approve", "hold", "end")
    ]


async def test_a_case_somebody_else_has_changed_is_refused(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    case = await claim(write_session, config, claim_body(family))
    await act(write_session, config, case, "approve", "2026-11-18")
    with pytest.raises(Conflict):
        await act(write_session, config, case, "reject", "2026-11-18", "重複")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("done", Act)
def test_only_the_transitions_of_the_table_are_possible(state: State, done: Act) -> None:
    now = Situation(date(2026, 12, 1), "理由", date(2026, 11, 1), date(2026, 12, 1), 1)
    if state in TRANSITIONS[done].sources:
        assert next_state(state, done, now) is TRANSITIONS[done].target
    else:
        with pytest.raises(Conflict):
            next_state(state, done, now)


async def test_a_baby_added_within_15_days_counts_from_the_month_after_its_birth(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    case = await act(
        write_session, config, await claim(write_session, config, claim_body(family)), "approve", "2026-11-18"
    )
    baby = await bear(write_session, family, "2026-11-19")
    body = {"child_no": baby, "is_cared": True, "claimed_on": "2026-11-20", "event_on": "2026-11-19"}
    figures = figures_of(config, NOW.date())
    added = ChildAdded.model_validate(body | {"version": case.version})
    await service.add_child(write_session, case.case_no, added, figures, NOW)
    november = await get_case(write_session, case.case_no, date(2026, 11, 1), figures, NOW.date())
    december = await get_case(write_session, case.case_no, date(2026, 12, 1), figures, NOW.date())
    assert (november.amount, december.amount) == (0, 25_000)
    assert [child.reason for child in december.children] == ["第1子・3歳以上の額", "第2子・3歳未満の額"]


async def test_a_child_no_longer_raised_counts_to_the_month_of_the_loss(
    write_session: WriteSession, config: TenantConfig, family: MovementResult
) -> None:
    case = await act(
        write_session, config, await claim(write_session, config, claim_body(family)), "approve", "2026-11-18"
    )
    child_id = await write_session.fetchval("SELECT id FROM child_allowance_child")
    body = {"child_id": child_id, "lost_on": "2026-12-31", "loss_reason": "施設に入所", "version": case.version}
    await service.lose_child(write_session, case.case_no, ChildLost.model_validate(body), NOW)
    figures = figures_of(config, NOW.date())
    december = await get_case(write_session, case.case_no, date(2026, 12, 1), figures, NOW.date())
    january = await get_case(write_session, case.case_no, date(2027, 1, 1), figures, NOW.date())
    assert (december.amount, january.amount) == (10_000, 0)
    assert await write_session.fetchval("SELECT count(*) FROM child_allowance_child") == 2
