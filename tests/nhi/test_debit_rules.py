"""What follows for an instalment after a request: never twice for the same yen, 再振替 once, else a payment slip (ATENA-017)."""

from dataclasses import replace
from datetime import date

import pytest

from modules.nhi.health_insurance.calc import is_closed
from modules.nhi.health_insurance.debits.rules import DebitDays, Position, Step, StepKind, next_step
from yoriai.banking import RESULT_CODES, Retry
from yoriai.calendar import OperatingCalendar

JULY, AUGUST, SEPTEMBER = date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 30)
RETRY = Retry(1, 20)
DAYS = DebitDays(
    today=date(2026, 8, 4),
    lead=7,
    calendar=OperatingCalendar(),
    due_dates={2026: (JULY, AUGUST, SEPTEMBER)},
    is_closed=is_closed,
    retry=RETRY,
)
ASKED = Position(10_000, JULY, date(2026, 6, 10), pending=10_000, pending_on=JULY, pending_due_date=JULY, last_on=JULY)
FAILED = Position(10_000, JULY, date(2026, 6, 10), failures=1, last_result="1", last_on=JULY, last_amount=10_000)
PAID = Position(10_000, JULY, date(2026, 6, 10), collected=10_000, last_result="0", last_on=JULY, last_amount=10_000)


def step(position: Position, **days: object) -> Step:
    return next_step(position, replace(DAYS, **days), 2026)  # type: ignore[arg-type]


def test_while_a_request_is_open_nothing_more_is_asked_for() -> None:
    assert step(ASKED).kind is StepKind.NOTHING
    for due, kind, amount in (
        (4_000, StepKind.OVER_ASKED, 6_000),
        (0, StepKind.OVER_ASKED, 10_000),
        (13_000, StepKind.AWAITING, 3_000),
    ):
        found = step(replace(ASKED, due=due))
        assert (found.kind, found.amount, found.on) == (kind, amount, JULY), "told, and the day of the open request"
    assert step(replace(ASKED, due_date=AUGUST)).kind is StepKind.MOVED


def test_what_was_collected_is_never_asked_for_again() -> None:
    assert step(PAID).kind is StepKind.NOTHING
    assert step(replace(PAID, due=4_000)) == Step(StepKind.OVERPAID, 6_000, None, "振り替えた後に減額されました。")
    raised = replace(PAID, due=13_000, decided_on=date(2026, 8, 3))
    assert (step(raised).kind, step(raised).amount) == (StepKind.FURTHER, 3_000), "the rest alone"
    assert step(raised).on == date(2026, 8, 20), "the 再振替 of July is a debit day, 17 days after the decision"
    assert step(raised, retry=None).on == AUGUST
    assert step(replace(raised, decided_on=date(2026, 8, 11))).on == AUGUST, "the notice needs ten days"
    assert step(raised, notice_days=30).on == date(2026, 9, 24), "of September 20 to 23 every day is closed"
    assert step(raised, today=date(2026, 8, 12)).on == AUGUST, "the file of the 20th was made on the 11th"
    assert step(raised, made=frozenset({date(2026, 8, 20)})).on == AUGUST
    last = step(raised, today=date(2026, 10, 25))
    assert (last.kind, last.on) == (StepKind.UNDATED, None)


@pytest.mark.parametrize("code", sorted(RESULT_CODES.keys() - {"0"}))
def test_only_short_funds_are_asked_for_again(code: str) -> None:
    found = step(replace(FAILED, last_result=code))
    if code == "1":
        assert found == Step(StepKind.RETRY, 10_000, date(2026, 8, 20), "資金不足。")
    else:
        assert (found.kind, found.amount) == (StepKind.SLIP, 10_000)
        assert RESULT_CODES[code] in found.reason


def test_a_request_that_was_stopped_because_the_levy_changed_is_made_anew_for_the_new_amount() -> None:
    stopped = replace(FAILED, last_result="8", due=4_000)
    assert (step(stopped).kind, step(stopped).amount) == (StepKind.FURTHER, 4_000)
    assert step(replace(stopped, due=0)).kind is StepKind.NOTHING


def test_the_second_debit_is_of_what_is_owed_then_on_the_configured_day() -> None:
    assert step(FAILED, retry=Retry(1, 31)).on == AUGUST, "the month's last day"
    assert step(FAILED, retry=Retry(2, 20)).on == date(2026, 9, 24), "moved off closed days"
    assert step(FAILED, retry=Retry()).on == AUGUST, "with the next due date"
    assert step(replace(FAILED, due=4_000)).amount == 4_000
    assert step(replace(FAILED, due=0)).kind is StepKind.NOTHING
    none = step(FAILED, retry=None)
    assert (none.kind, none.reason) == (StepKind.SLIP, "資金不足。再振替をしない設定です。")
    late = step(FAILED, today=date(2026, 8, 12))
    assert late.kind is StepKind.SLIP
    assert "間に合いませんでした" in late.reason
    over = step(replace(FAILED, last_on=SEPTEMBER), retry=Retry(), today=date(2026, 10, 5))
    assert (over.kind, over.reason) == (StepKind.SLIP, "資金不足。年度内に次の納期限がありません。")


def test_the_second_failure_a_lost_account_or_a_clerks_slip_ends_the_debits() -> None:
    for changed in (
        {"failures": 2},
        {"is_by_slip": True},
        {"has_account": False},
        {"is_served": False},
        {"problem": "取りまとめ店がありません。"},
    ):
        assert step(replace(FAILED, **changed)).kind is StepKind.SLIP, changed
    raised = replace(PAID, due=13_000, failures=2)
    assert step(raised).kind is StepKind.SLIP, "two failures were enough, whatever came between"
    assert step(replace(FAILED, is_by_slip=True, pending=10_000, pending_due_date=JULY)).kind is StepKind.NOTHING
