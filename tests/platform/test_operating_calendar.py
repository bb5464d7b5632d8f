"""Business days, the rules that go by them, and the clock that counts on past midnight."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoriai.calendar import (
    BUSINESS_DAYS,
    CLOSED_DAYS,
    DAILY,
    CalendarRule,
    CalendarYearMissing,
    OperatingCalendar,
    annual,
    business_date_of,
    business_day_of_month,
    format_clock,
    last_business_day,
    moment_of,
    monthly,
    on_dates,
    parse_clock,
    rule_of,
    weekly,
)
from yoriai.clock import JAPAN

PLAIN = OperatingCalendar()
YEAR = (date(2026, 4, 1), date(2027, 3, 31))


def days_of(rule: CalendarRule, first: date, last: date, calendar: OperatingCalendar = PLAIN) -> list[date]:
    return [entry.day for entry in calendar.operating_days(rule, first, last)]


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
    assert days_of(last.shifted("skip"), date(2026, 5, 1), date(2026, 6, 30)) == [date(2026, 6, 30)]


def test_an_annual_rule_runs_once_a_year_also_across_its_end() -> None:
    assert days_of(annual("12-31"), date(2026, 1, 1), date(2028, 3, 10)) == [
        date(2026, 1, 5),
        date(2027, 1, 4),
        date(2028, 1, 4),
    ]


def test_a_shifted_run_keeps_the_date_it_was_due() -> None:
    """定時登録: 1 March 2026 is a Sunday, so the registration is made on the Monday."""
    rule = annual("03-01", "06-01", "09-01", "12-01")
    (march, *others) = PLAIN.operating_days(rule, date(2026, 1, 1), date(2026, 12, 31))
    assert (march.day, march.due, march.is_shifted) == (date(2026, 3, 2), date(2026, 3, 1), True)
    assert [entry.day for entry in others] == [date(2026, 6, 1), date(2026, 9, 1), date(2026, 12, 1)]


def test_the_29th_of_february_is_the_28th_in_a_common_year() -> None:
    rule = annual("02-29").shifted("none")
    assert days_of(rule, date(2027, 1, 1), date(2028, 12, 31)) == [date(2027, 2, 28), date(2028, 2, 29)]


def test_daily_business_day_and_closed_day_rules() -> None:
    sunday = date(2026, 6, 7)
    assert PLAIN.is_operating_day(DAILY, sunday)
    assert not PLAIN.is_operating_day(BUSINESS_DAYS, sunday)
    assert PLAIN.is_operating_day(CLOSED_DAYS, sunday)


def test_weekly_rule_moves_off_a_holiday() -> None:
    """Monday 20 July 2026 is 海の日."""
    mondays = days_of(weekly(0), date(2026, 7, 13), date(2026, 7, 27))
    assert mondays == [date(2026, 7, 13), date(2026, 7, 21), date(2026, 7, 27)]


def test_nth_and_last_business_day_of_a_month() -> None:
    """May 2026 begins on a Friday, then the holidays until the 6th: its second business day is the 7th."""
    may = (date(2026, 5, 1), date(2026, 5, 31))
    assert days_of(business_day_of_month(1), *may) == [date(2026, 5, 1)]
    assert days_of(business_day_of_month(2), *may) == [date(2026, 5, 7)]
    assert days_of(last_business_day(), *may) == [date(2026, 5, 29)]
    assert days_of(business_day_of_month(23), *may) == []
    assert days_of(last_business_day((3, 12)), *YEAR) == [date(2026, 12, 28), date(2027, 3, 31)]


def test_an_opening_sunday_is_the_last_business_day_of_its_month() -> None:
    """月末日曜開庁."""
    own = OperatingCalendar(opened=frozenset({date(2026, 5, 31)}))
    assert days_of(last_business_day(), date(2026, 5, 1), date(2026, 5, 31), own) == [date(2026, 5, 31)]


def test_business_days_before_and_after_a_base_day() -> None:
    """Five business days before 納期限 31 July 2026 (Friday); the Golden Week counts for nothing."""
    due = monthly(31, months=(7,)).shifted("previous")
    assert days_of(due.business_days_away(-5), *YEAR) == [date(2026, 7, 24)]
    assert days_of(annual("04-28").business_days_away(3), *YEAR) == [date(2026, 5, 7)]
    assert days_of(annual("05-03").shifted("none").business_days_away(-1), *YEAR) == [date(2026, 5, 1)]


def test_several_dates_that_shift_to_one_day_run_once() -> None:
    dates = on_dates(date(2026, 5, 2), date(2026, 5, 3), date(2026, 6, 1))
    assert days_of(dates, *YEAR) == [date(2026, 5, 7), date(2026, 6, 1)]


@given(
    rule=st.sampled_from(
        [
            monthly(10, 31),
            monthly(5).shifted("previous"),
            weekly(0, 4),
            annual("12-31", "05-03"),
            annual("06-10").business_days_away(-7),
            last_business_day(),
            on_dates(date(2026, 8, 15)),
        ]
    ),
    start=st.integers(0, 700),
    length=st.integers(0, 40),
)
def test_a_range_lists_the_days_that_single_days_answer(rule: CalendarRule, start: int, length: int) -> None:
    first = date(2025, 4, 1) + timedelta(days=start)
    days = [first + timedelta(days=number) for number in range(length + 1)]
    assert days_of(rule, first, days[-1]) == [day for day in days if PLAIN.is_operating_day(rule, day)]


def test_a_year_the_calendar_was_not_made_for_is_refused() -> None:
    own = OperatingCalendar.of({"fiscal_years": [2026]})
    assert own.is_business_day(date(2027, 3, 31))
    with pytest.raises(CalendarYearMissing, match="2027年度"):
        own.is_business_day(date(2027, 4, 1))
    with pytest.raises(CalendarYearMissing):
        PLAIN.is_business_day(date(2100, 4, 1))


def test_the_last_day_of_the_last_year_can_still_be_told() -> None:
    own = OperatingCalendar.of({"fiscal_years": [2026]})
    assert own.is_operating_day(monthly(31), date(2027, 3, 31))
    assert own.is_operating_day(last_business_day(), date(2027, 3, 31))


@pytest.mark.parametrize(
    ("document", "rule"),
    [
        ({"kind": "daily"}, DAILY),
        ({"kind": "weekly", "weekdays": ["月", "金"]}, weekly(0, 4)),
        (
            {"kind": "monthly", "days": [10], "months": [6], "shift": "previous"},
            monthly(10, months=(6,)).shifted("previous"),
        ),
        ({"kind": "nth_business_day", "nth": -1}, last_business_day()),
        ({"kind": "annual", "month_days": ["06-10"], "offset": -5}, annual("06-10").business_days_away(-5)),
        ({"kind": "dates", "dates": ["2026-07-10"]}, on_dates(date(2026, 7, 10))),
    ],
)
def test_a_rule_is_read_from_a_file(document: dict[str, object], rule: CalendarRule) -> None:
    assert rule_of(document) == rule


def test_impossible_rules_are_refused() -> None:
    for make in (
        lambda: monthly(32),
        lambda: monthly(),
        lambda: monthly(1, months=(13,)),
        lambda: weekly(7),
        lambda: annual("2-3"),
        lambda: annual("02-30"),
        lambda: business_day_of_month(0),
        lambda: on_dates(),
        lambda: DAILY.business_days_away(1),
    ):
        with pytest.raises(ValueError, match=r"."):
            make()


def test_one_in_the_morning_belongs_to_the_evening_before() -> None:
    day = date(2026, 6, 1)
    moment = moment_of(day, parse_clock("25:30"))
    assert moment == datetime(2026, 6, 2, 1, 30, tzinfo=JAPAN)
    assert format_clock(day, moment) == "25:30"


def test_the_business_date_turns_at_its_hour_not_at_midnight() -> None:
    turn = parse_clock("08:30")
    assert business_date_of(datetime(2026, 6, 2, 8, 29, tzinfo=JAPAN), turn) == date(2026, 6, 1)
    assert business_date_of(datetime(2026, 6, 2, 8, 30, tzinfo=JAPAN), turn) == date(2026, 6, 2)


@pytest.mark.parametrize("text", ["48:00", "9:00", "12:60", "", "１２:00"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="時刻"):
        parse_clock(text)
