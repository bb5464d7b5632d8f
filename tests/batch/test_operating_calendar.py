"""Business days, the rules that go by them, and the clock that counts on past midnight."""

from datetime import date, datetime, timedelta

import pytest

from batch.calendar import OperatingCalendar, format_clock, moment_of, parse_clock
from yoriai.clock import JAPAN
from yoriai.jobs import BUSINESS_DAYS, DAILY, annual, monthly

PLAIN = OperatingCalendar()


@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 6, 1), True),
        (date(2026, 6, 6), False),
        (date(2026, 5, 6), False),  # 振替休日
        (date(2026, 9, 22), False),  # 国民の休日
        (date(2026, 12, 28), True),
        (date(2026, 12, 29), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
    ],
)
def test_counters_close_on_weekends_holidays_and_at_the_turn_of_the_year(day: date, is_open: bool) -> None:
    assert PLAIN.is_business_day(day) is is_open


def test_a_municipality_closes_and_opens_on_days_of_its_own() -> None:
    own = OperatingCalendar(closed=frozenset({date(2026, 6, 1)}), opened=frozenset({date(2026, 6, 28)}))
    assert not own.is_business_day(date(2026, 6, 1))
    assert own.is_business_day(date(2026, 6, 28))
    assert own.next_business_day(date(2026, 5, 30)) == date(2026, 6, 2)


def test_a_monthly_rule_moves_from_a_closed_day() -> None:
    """31 May 2026 is a Sunday."""
    last = monthly(31)
    assert PLAIN.is_operating_day(last, date(2026, 6, 1))
    assert not PLAIN.is_operating_day(last, date(2026, 5, 31))
    assert PLAIN.is_operating_day(last.shifted("previous"), date(2026, 5, 29))
    assert PLAIN.is_operating_day(last.shifted("none"), date(2026, 5, 31))
    assert PLAIN.is_operating_day(last, date(2026, 6, 30))


def test_an_annual_rule_runs_once_a_year_also_across_its_end() -> None:
    rule = annual("12-31")
    days = [date(2026, 1, 1) + timedelta(days=number) for number in range(800)]
    assert [day for day in days if PLAIN.is_operating_day(rule, day)] == [
        date(2026, 1, 5),
        date(2027, 1, 4),
        date(2028, 1, 4),
    ]


def test_daily_and_business_day_rules() -> None:
    sunday = date(2026, 6, 7)
    assert PLAIN.is_operating_day(DAILY, sunday)
    assert not PLAIN.is_operating_day(BUSINESS_DAYS, sunday)


def test_one_in_the_morning_belongs_to_the_evening_before() -> None:
    day = date(2026, 6, 1)
    moment = moment_of(day, parse_clock("25:30"))
    assert moment == datetime(2026, 6, 2, 1, 30, tzinfo=JAPAN)
    assert format_clock(day, moment) == "25:30"


@pytest.mark.parametrize("text", ["48:00", "9:00", "12:60", "", "１２:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="時刻"):
        parse_clock(text)
