"""Dates and ages as the law counts them."""

from datetime import date

import pytest

from yoriai.dates import (
    add_months,
    age_at_end_of,
    attained_on,
    fiscal_year_of,
    format_wareki,
    format_wareki_year,
    parse_date,
)


def test_an_age_is_attained_on_the_eve_of_the_birthday() -> None:
    assert attained_on(date(1986, 7, 1), 40) == date(2026, 6, 30)
    assert age_at_end_of(date(2026, 6, 30), date(1986, 7, 1)) == 40
    assert age_at_end_of(date(2026, 6, 29), date(1986, 7, 1)) == 39


def test_a_leap_day_birthday_recurs_on_the_first_of_march() -> None:
    assert attained_on(date(2004, 2, 29), 20) == date(2024, 2, 28)
    assert attained_on(date(2004, 2, 29), 21) == date(2025, 2, 28)


def test_a_child_born_on_the_first_of_april_is_six_before_the_school_year_begins() -> None:
    assert age_at_end_of(date(2026, 3, 31), date(2020, 4, 1)) == 6
    assert age_at_end_of(date(2026, 3, 31), date(2020, 4, 2)) == 5


@pytest.mark.parametrize(
    "text", ["S600401", "s60.4.1", "昭和60年4月1日", "1985-04-01", "19850401", "1985/4/1", "Ｓ６０．４．１"]
)
def test_one_day_in_all_its_spellings(text: str) -> None:
    assert parse_date(text) == date(1985, 4, 1)


@pytest.mark.parametrize("text", ["", "R0.1.1", "平成31年2月30日", "H400101", "M010101", "8.4.1", "昭和", "2026-13-01"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse_date(text)


def test_the_first_year_of_an_era_is_gannen() -> None:
    assert format_wareki(date(2019, 5, 1)) == "令和元年5月1日"
    assert format_wareki(date(2019, 4, 30)) == "平成31年4月30日"
    assert parse_date("令和元年5月1日") == date(2019, 5, 1)
    assert format_wareki_year(2026) == "令和8年度"


def test_a_fiscal_year_begins_in_april() -> None:
    assert (fiscal_year_of(date(2026, 3, 31)), fiscal_year_of(date(2026, 4, 1))) == (2025, 2026)


def test_months_end_where_the_month_does() -> None:
    assert add_months(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert add_months(date(2026, 1, 31), -2) == date(2025, 11, 30)
