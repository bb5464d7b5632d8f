"""Exact arithmetic on integer columns, against Python's own fractions."""

import math
from fractions import Fraction

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from yoriai.rules import Rounding, bracket, divide, floor_to, piecewise, times

_RATES = st.builds(Fraction, st.integers(0, 10_000), st.sampled_from([1, 3, 12, 100, 1000, 10_000]))
_PYTHON = {
    Rounding.FLOOR: math.floor,
    Rounding.CEILING: math.ceil,
    Rounding.HALF_UP: lambda value: math.floor(value + Fraction(1, 2)),
}


def _value(expression: pl.Expr, amount: int) -> int:
    return int(pl.DataFrame({"x": [amount]}).select(expression).item())


@settings(max_examples=150, deadline=None)
@given(
    amount=st.integers(-(10**12), 10**12),
    rate=_RATES,
    rounding=st.sampled_from(Rounding),
    unit=st.sampled_from([1, 10, 50]),
)
def test_rate_is_applied_exactly_and_rounded_once(amount: int, rate: Fraction, rounding: Rounding, unit: int) -> None:
    expected = _PYTHON[rounding](amount * rate / unit) * unit
    assert _value(times(pl.col("x"), rate, rounding, unit), amount) == expected


def test_20_000_001_yen_stays_20_000_001_yen() -> None:
    assert _value(times(pl.col("x"), Fraction(1)), 20_000_001) == 20_000_001


def test_largest_amounts_do_not_overflow() -> None:
    assert _value(times(pl.col("x"), Fraction(899_999, 900_000)), 10**13) == 10**13 * 899_999 // 900_000


def test_rate_with_too_many_digits_is_refused() -> None:
    with pytest.raises(OverflowError, match="too many digits"):
        times(pl.col("x"), Fraction(1, 1_000_003))


@pytest.mark.parametrize(
    ("amount", "unit", "floor"), [(99, 100, 0), (100, 100, 100), (-1, 100, -100), (1_999, 1000, 1000)]
)
def test_floor_to_unit(amount: int, unit: int, floor: int) -> None:
    assert _value(floor_to(pl.col("x"), unit), amount) == floor


def test_months_are_a_division_not_a_rate() -> None:
    assert _value(divide(pl.col("x") * 7, 12, Rounding.FLOOR, 100), 213_040) == 124_200


def test_table_row_holds_up_to_its_limit_included() -> None:
    rows = [{"up_to": 10, "amount": 1}, {"up_to": 20, "amount": 2}, {"up_to": None, "amount": 3}]
    assert [_value(bracket(pl.col("x"), rows, "amount"), amount) for amount in (10, 11, 20, 21)] == [1, 2, 2, 3]


def test_line_of_a_table_is_stepped_multiplied_and_shifted() -> None:
    rows = [{"up_to": None, "step": 4000, "rate": Fraction(7, 10), "add": -80_000}]
    assert _value(piecewise(pl.col("x"), rows), 3_003_999) == 2_020_000
