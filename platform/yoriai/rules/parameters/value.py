"""The values parameters take, and how they are read from and written to YAML and JSON. No binary float is accepted."""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any

from yoriai.money import format_rate, parse_rate

Scalar = int | Fraction | bool | str | None
Value = Scalar | tuple[str, ...] | tuple[Mapping[str, Scalar], ...]

YEN_LIMIT = 10**12
RATE_PARTS_LIMIT = 900_000
"""Largest numerator of a rate: with yen under 10**13 a product stays inside 64 bits."""

_MONTH_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_MONTH = re.compile(r"(19|20|21)\d\d-(0[1-9]|1[0-2])")


class ValueFormatError(ValueError):
    """A figure is not written as its unit asks; the message is Japanese and says what was expected."""


class Unit(StrEnum):
    """What a figure is counted in."""

    YEN = "yen"
    RATE = "rate"
    COUNT = "count"
    FLAG = "flag"
    TEXT = "text"
    TEXTS = "texts"
    MONTH = "month"
    MONTH_DAYS = "month_days"
    TABLE = "table"


def read_value(unit: Unit, raw: object, columns: Mapping[str, Unit] | None = None) -> Value:
    """Read a raw YAML or JSON value; raises ValueFormatError saying what was expected."""
    if unit is Unit.TABLE:
        return tuple(_read_row(row, columns or {}) for row in _items(raw, "表は行の並びで書いてください"))
    if unit is Unit.TEXTS:
        return tuple(_read_text(item) for item in _items(raw, "文字列の並びで書いてください"))
    if unit is Unit.MONTH_DAYS:
        return tuple(_read_pattern(item, _MONTH_DAY, "07-31") for item in _items(raw, "月日の並びで書いてください"))
    return read_scalar(unit, raw)


def read_scalar(unit: Unit, raw: object) -> Scalar:
    """Read one value that is neither a list nor a table."""
    match unit:
        case Unit.YEN | Unit.COUNT:
            return _read_integer(raw)
        case Unit.RATE:
            return _read_rate(raw)
        case Unit.FLAG:
            if not isinstance(raw, bool):
                raise ValueFormatError(f"true か false で書いてください: {raw!r}")
            return raw
        case Unit.MONTH:
            return _read_pattern(raw, _MONTH, "2026-08")
        case _:
            return _read_text(raw)


def write_value(value: object) -> Any:
    """The value as JSON: rates as text (`8.38%`, `1/3`), everything else as it is."""
    if isinstance(value, Fraction):
        return format_rate(value)
    if isinstance(value, Mapping):
        return {str(key): write_value(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [write_value(item) for item in value]
    return value


def _items(raw: object, message: str) -> Sequence[object]:
    if not isinstance(raw, list | tuple) or not raw:
        raise ValueFormatError(f"{message}: {raw!r}")
    return raw


def _read_row(row: object, columns: Mapping[str, Unit]) -> Mapping[str, Scalar]:
    if not isinstance(row, Mapping):
        raise ValueFormatError(f"表の行は項目名と値の組で書いてください: {row!r}")
    if unknown := sorted(set(map(str, row)) - set(columns)):
        raise ValueFormatError(f"表にない項目です: {'、'.join(unknown)}")
    return {name: None if row.get(name) is None else read_scalar(unit, row[name]) for name, unit in columns.items()}


def _read_integer(raw: object) -> int:
    if isinstance(raw, bool) or not isinstance(raw, int):
        raise ValueFormatError(f"整数で書いてください: {raw!r}")
    if abs(raw) > YEN_LIMIT:
        raise ValueFormatError(f"大きすぎます: {raw}")
    return raw


def _read_rate(raw: object) -> Fraction:
    if isinstance(raw, bool) or not isinstance(raw, int | str | Fraction):
        raise ValueFormatError(f"率は '8.38%' や '3/4' のように文字列で書いてください: {raw!r}")
    try:
        rate = raw if isinstance(raw, Fraction) else parse_rate(str(raw))
    except ValueError as error:
        raise ValueFormatError(f"率は '8.38%' や '3/4' のように文字列で書いてください: {raw!r}") from error
    if max(abs(rate.numerator), rate.denominator) > RATE_PARTS_LIMIT:
        raise ValueFormatError(f"率の桁が多すぎます: {raw!r}")
    return rate


def _read_text(raw: object) -> str:
    if not isinstance(raw, str) or not raw.strip():
        raise ValueFormatError(f"文字列で書いてください: {raw!r}")
    return raw


def _read_pattern(raw: object, pattern: re.Pattern[str], example: str) -> str:
    if not isinstance(raw, str) or not pattern.fullmatch(raw):
        raise ValueFormatError(f"'{example}' の形で書いてください: {raw!r}")
    return raw
