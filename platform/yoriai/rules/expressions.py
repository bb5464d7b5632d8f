"""Exact arithmetic on integer columns: rates as fractions, explicit rounding, bracket tables. Nothing here makes a
float."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import assert_never

import polars as pl

from yoriai.rules.parameters.value import RATE_PARTS_LIMIT, Scalar

VALUE_LIMIT = 10**13
"""Largest yen amount a step may produce; times the largest numerator of a rate it still fits 64 bits."""


class Rounding(StrEnum):
    """What happens to the part below the unit. Negative amounts round the same way on the number line."""

    FLOOR = "floor"
    CEILING = "ceiling"
    HALF_UP = "half_up"


def times(value: pl.Expr, rate: Fraction, rounding: Rounding = Rounding.FLOOR, unit: int = 1) -> pl.Expr:
    """`value` × `rate`, exact, then rounded once to a multiple of `unit` (floor by default)."""
    if max(abs(rate.numerator), rate.denominator * unit) > RATE_PARTS_LIMIT:
        raise OverflowError(f"rate {rate} has too many digits for 64-bit arithmetic")
    return divide(value * rate.numerator, rate.denominator, rounding, unit)


def divide(value: pl.Expr, divisor: int | pl.Expr, rounding: Rounding = Rounding.FLOOR, unit: int = 1) -> pl.Expr:
    """`value` / `divisor` rounded once to a multiple of `unit`; `divisor` must be positive."""
    whole = divisor * unit
    match rounding:
        case Rounding.FLOOR:
            quotient = value // whole
        case Rounding.CEILING:
            quotient = -((-value) // whole)
        case Rounding.HALF_UP:
            quotient = (value * 2 + whole) // (whole * 2)
        case _:
            assert_never(rounding)
    return quotient if unit == 1 else quotient * unit


def floor_to(value: pl.Expr, unit: int) -> pl.Expr:
    """`value` with everything below `unit` dropped."""
    return divide(value, 1, Rounding.FLOOR, unit)


def at_least_zero(value: pl.Expr) -> pl.Expr:
    """`value`, but 0 instead of anything negative."""
    return pl.max_horizontal(value, pl.lit(0, pl.Int64))


def smaller_of(value: pl.Expr, other: int | pl.Expr) -> pl.Expr:
    """The smaller of two amounts."""
    return pl.min_horizontal(value, _integer(other))


def larger_of(value: pl.Expr, other: int | pl.Expr) -> pl.Expr:
    """The larger of two amounts."""
    return pl.max_horizontal(value, _integer(other))


def either(condition: pl.Expr, then: int | pl.Expr, otherwise: int | pl.Expr = 0) -> pl.Expr:
    """`then` where the condition holds, else `otherwise`; an unknown condition does not hold."""
    return pl.when(condition.fill_null(value=False)).then(_integer(then)).otherwise(_integer(otherwise))


def bracket(value: pl.Expr, rows: Sequence[Mapping[str, Scalar]], column: str, limit: str = "up_to") -> pl.Expr:
    """The `column` of the first row whose `limit` (included, empty = no limit) the value does not exceed."""
    return _first_row(value, rows, limit, [pl.lit(whole(row, column), pl.Int64) for row in rows])


def piecewise(value: pl.Expr, rows: Sequence[Mapping[str, Scalar]], limit: str = "up_to") -> pl.Expr:
    """A table of lines `{up_to, step, rate, add}`: value dropped to a multiple of `step`, × `rate`, floored to 1
    yen, + `add`."""
    return _first_row(value, rows, limit, [_line(value, row) for row in rows])


def floor_by_row(value: pl.Expr, rows: Sequence[Mapping[str, Scalar]], limit: str = "up_to") -> pl.Expr:
    """The value dropped to a multiple of the `step` of its row in such a table."""
    return _first_row(value, rows, limit, [floor_to(value, whole(row, "step")) for row in rows])


def whole(row: Mapping[str, Scalar], column: str) -> int:
    """The integer in a table row."""
    cell = row[column]
    if isinstance(cell, bool) or not isinstance(cell, int):
        raise TypeError(f"{column} of a table row must be an integer: {cell!r}")
    return cell


def _line(value: pl.Expr, row: Mapping[str, Scalar]) -> pl.Expr:
    rate = row["rate"]
    if not isinstance(rate, Fraction):
        raise TypeError(f"rate of a table row: {rate!r}")
    step = row.get("step")
    start = value if step in (None, 1) else floor_to(value, whole(row, "step"))
    return times(start, rate) + whole(row, "add")


def _first_row(value: pl.Expr, rows: Sequence[Mapping[str, Scalar]], limit: str, results: Sequence[pl.Expr]) -> pl.Expr:
    answer = results[-1]
    for row, result in reversed(list(zip(rows[:-1], results[:-1], strict=True))):
        answer = pl.when(value <= whole(row, limit)).then(result).otherwise(answer)
    return answer


def _integer(value: int | pl.Expr) -> pl.Expr:
    return value if isinstance(value, pl.Expr) else pl.lit(value, pl.Int64)
