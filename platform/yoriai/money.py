"""Money is whole yen, rates are exact rationals; no binary float ever touches either."""

import re
from fractions import Fraction
from typing import NewType

Yen = NewType("Yen", int)
Rate = Fraction

_RATE = re.compile(r"^(?P<number>-?\d+(?:\.\d+)?)(?P<percent>%?)$|^(?P<num>-?\d+)/(?P<den>[1-9]\d*)$")


def parse_rate(text: str) -> Rate:
    """Read a rate written as `8.38%`, `0.0838` or `3/4`; raises ValueError for anything else, a float included."""
    if not isinstance(text, str) or not (match := _RATE.match(text.strip())):
        raise ValueError(f"rate must be text like '8.38%', '0.0838' or '3/4': {text!r}")
    if match["num"]:
        return Fraction(int(match["num"]), int(match["den"]))
    value = Fraction(match["number"])
    return value / 100 if match["percent"] else value


def format_rate(rate: Rate) -> str:
    """Write a rate as a percentage when that is exact with at most six decimals, else as a fraction."""
    scaled = rate * 100 * 10**6
    if scaled.denominator != 1:
        return f"{rate.numerator}/{rate.denominator}"
    whole, part = divmod(abs(scaled.numerator), 10**6)
    digits = f"{part:06d}".rstrip("0")
    return f"{'-' if rate < 0 else ''}{whole}{'.' + digits if digits else ''}%"
