"""月割: from which month to which month, and what a change within the year does."""

from typing import Any

import pytest

HEAD = {"role": "head", "birth_date": "1990-07-10", "income": {"total_income": 3_430_000}}
ANNUAL_MEDICAL = 3_000_000 * 8 // 100 + 24_000 + 18_000


def _medical(result: dict[str, Any]) -> int:
    return int(result["components"]["medical"]["amount"])


@pytest.mark.parametrize(
    ("acquired", "lost", "months"),
    [
        ("2026-04-01", None, 12),
        ("2026-04-30", None, 12),
        ("2026-05-01", None, 11),
        ("2027-03-31", None, 1),
        (None, "2026-04-30", 0),
        (None, "2026-05-01", 1),
        ("2026-06-10", "2026-06-20", 0),
        ("2026-06-10", "2026-07-01", 1),
        (None, "2027-04-01", 12),
        (None, "9999-12-31", 12),
    ],
)
def test_months_run_from_the_month_of_acquisition_to_the_month_before_loss(
    levy: Any, acquired: str | None, lost: str | None, months: int
) -> None:
    dates = {name: day for name, day in (("acquired_on", acquired), ("lost_on", lost)) if day}
    result = levy(HEAD | dates)
    assert result["months"] == months
    assert _medical(result) == ANNUAL_MEDICAL * months // 12


@pytest.mark.parametrize(("to_other_insurance", "months"), [(True, 11), (False, 12)])
def test_loss_on_the_1st_because_a_scheme_began_the_day_before_ends_a_month_earlier(
    levy: Any, to_other_insurance: bool, months: int
) -> None:
    assert levy(HEAD | {"lost_on": "2027-04-01", "lost_to_other_insurance": to_other_insurance})["months"] == months


@pytest.mark.parametrize(
    ("born", "first", "count"),
    [
        ("1986-07-01", 2, 10),
        ("1986-07-02", 3, 9),
        ("1986-04-01", 0, 12),
        ("1986-04-02", 0, 12),
        ("1987-04-01", 11, 1),
        ("1987-04-02", 12, 0),
        ("1961-07-01", 0, 2),
        ("1961-07-10", 0, 3),
        ("1961-04-01", 0, 0),
        ("1961-05-01", 0, 0),
        ("1961-05-02", 0, 1),
    ],
)
def test_care_runs_from_the_eve_of_40_to_the_month_before_the_eve_of_65(
    levy: Any, born: str, first: int, count: int
) -> None:
    result = levy(HEAD | {"birth_date": born})
    member = result["members"][0]
    assert (member["care_from"] if count else first, member["months_care"]) == (first, count)
    assert result["components"]["care"]["amount"] == (3_000_000 * 2 // 100 + 18_000) * count // 12


def test_care_is_not_charged_to_somebody_exempt(levy: Any) -> None:
    assert levy(HEAD | {"birth_date": "1970-01-01", "is_care_exempt": True})["components"]["care"]["amount"] == 0


@pytest.mark.parametrize(
    ("born", "months"),
    [
        ("1951-04-01", 0),
        ("1951-04-30", 0),
        ("1951-05-01", 1),
        ("1951-12-31", 8),
        ("1952-03-31", 11),
        ("1952-04-01", 12),
    ],
)
def test_levy_ends_with_the_month_before_the_75th_birthday(levy: Any, born: str, months: int) -> None:
    assert levy(HEAD | {"birth_date": born})["months"] == months


def test_29_february_has_its_75th_birthday_on_1_march(levy: Any) -> None:
    assert levy(HEAD | {"birth_date": "1952-02-29"}, fiscal_year=2026)["months"] == 11


def test_member_who_joins_in_october_is_charged_for_six_months_of_the_larger_household(levy: Any) -> None:
    joining = {"role": "member", "birth_date": "1992-01-01", "acquired_on": "2026-10-15"}
    result = levy(HEAD, joining)
    assert [segment["months"] for segment in result["segments"]] == [6, 6]
    assert _medical(result) == (ANNUAL_MEDICAL * 6 + (ANNUAL_MEDICAL + 24_000) * 6) // 12


def test_cap_holds_for_each_period_pro_rata(levy: Any) -> None:
    rich = HEAD | {"income": {"total_income": 50_000_000}}
    joining = {"role": "member", "birth_date": "1992-01-01", "acquired_on": "2026-10-15"}
    result = levy(rich, joining)
    assert _medical(result) == 670_000
    assert (
        levy(rich | {"lost_on": "2026-10-01"}, joining)["components"]["medical"]["amount"]
        == (670_000 * 6 + (24_000 + 18_000) * 6) // 12
    )


def test_household_whose_last_member_left_in_april_owes_nothing(levy: Any) -> None:
    result = levy(HEAD | {"lost_on": "2026-04-10"})
    assert (result["total"], result["segments"], result["months"]) == (0, [], 0)


def test_levy_over_a_gap_counts_only_the_months_with_somebody_insured(levy: Any) -> None:
    leaving = HEAD | {"lost_on": "2026-06-01"}
    later = {"role": "member", "birth_date": "1992-01-01", "acquired_on": "2026-12-01"}
    result = levy(leaving, later)
    assert [segment["period"] for segment in result["segments"]] == ["4月〜5月", "12月〜3月"]
    assert _medical(result) == (ANNUAL_MEDICAL * 2 + (24_000 + 18_000) * 4) // 12
