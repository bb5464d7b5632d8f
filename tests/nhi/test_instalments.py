"""期割: splitting, provisional instalments, due dates on holidays, changes within the year."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from modules.nhi.health_insurance.calc import is_closed
from modules.nhi.health_insurance.rules import InstalmentPlan, instalment_plan, respread, split_instalments

EIGHT = ("07-31", "08-31", "09-30", "10-31", "11-30", "12-25", "01-31", "02-28")


def _plan(count: int = 8, unit: int = 1000, remainder: str = "first", provisional: int = 0) -> InstalmentPlan:
    dates = tuple(date(2026 + (m > 12), (m - 1) % 12 + 1, 25) for m in range(16 - count, 16))
    return InstalmentPlan(dates, unit, remainder, provisional, 12, 100)


def _split(plan: InstalmentPlan, total: int, first_no: int = 1, previous_total: int = 0) -> list[int]:
    levy = {"household_no": [7], "total": [total], "first_no": [first_no], "previous_total": [previous_total]}
    return split_instalments(pl.DataFrame(levy), plan)["amount"].to_list()


@pytest.mark.parametrize(
    ("unit", "total", "amounts"),
    [
        (1000, 356_500, [48_500] + [44_000] * 7),
        (100, 356_500, [45_000] + [44_500] * 7),
        (10, 356_500, [44_580] + [44_560] * 7),
        (1, 356_503, [44_569] + [44_562] * 7),
        (1000, 7_900, [7_900] + [0] * 7),
        (1000, 0, [0] * 8),
    ],
)
def test_remainder_below_the_unit_goes_to_the_first_instalment(unit: int, total: int, amounts: list[int]) -> None:
    assert _split(_plan(unit=unit), total) == amounts


def test_remainder_may_go_to_the_last_instalment() -> None:
    assert _split(_plan(unit=1000, remainder="last"), 356_500) == [44_000] * 7 + [48_500]


def test_levy_decided_late_is_spread_over_what_is_left() -> None:
    assert _split(_plan(), 100_000, first_no=7) == [0] * 6 + [50_000, 50_000]
    assert _split(_plan(), 100_000, first_no=9) == [0] * 7 + [100_000]


def test_provisional_instalments_are_a_twelfth_of_last_years_levy() -> None:
    amounts = _split(_plan(count=12, unit=100, provisional=3), 300_000, previous_total=240_999)
    assert amounts == [20_000] * 3 + [27_200] + [26_600] * 8


@settings(max_examples=100, deadline=None)
@given(
    total=st.integers(0, 1_130_000),
    count=st.integers(1, 12),
    unit=st.sampled_from([1, 10, 100, 1000]),
    remainder=st.sampled_from(["first", "last"]),
    first_no=st.integers(1, 13),
    provisional=st.integers(0, 3),
    previous=st.integers(0, 1_130_000),
)
def test_instalments_add_up_and_are_never_negative(
    total: int, count: int, unit: int, remainder: str, first_no: int, provisional: int, previous: int
) -> None:
    plan = _plan(count, unit, remainder, min(provisional, count - 1))
    amounts = _split(plan, total, first_no, previous)
    assert sum(amounts) == total
    assert min(amounts) >= 0


@pytest.mark.parametrize(
    ("new_total", "expected"),
    [
        (100_000, (10_000,) * 3 + (14_000,) * 5),
        (60_000, (10_000,) * 3 + (6_000,) * 5),
        (20_000, (10_000,) * 3 + (0,) * 5),
    ],
)
def test_change_within_the_year_moves_only_the_instalments_still_open(
    new_total: int, expected: tuple[int, ...]
) -> None:
    assert respread((10_000,) * 8, new_total, 4, 1000) == expected


def test_due_dates_move_off_weekends_and_holidays(figures: object) -> None:
    build = figures
    assert callable(build)
    changes = {"instalment.count": 8, "instalment.due_dates": list(EIGHT)}
    plan = instalment_plan(build(2026, changes), is_closed)
    assert plan.due_dates == (
        date(2026, 7, 31),
        date(2026, 8, 31),
        date(2026, 9, 30),
        date(2026, 11, 2),
        date(2026, 11, 30),
        date(2026, 12, 25),
        date(2027, 2, 1),
        date(2027, 3, 1),
    )
    assert plan.first_open(date(2026, 7, 10)) == 2
    assert plan.first_open(date(2027, 3, 20)) == 9


@pytest.mark.parametrize("day", [date(2026, 12, 29), date(2027, 1, 3), date(2026, 5, 5), date(2026, 7, 25)])
def test_turn_of_the_year_holidays_and_weekends_are_closed(day: date) -> None:
    assert is_closed(day)
