"""The allow-list of conditions: which operators a kind takes, how typed values are read, and their SQL with placeholders."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from yoriai.dates import parse_date
from yoriai.extraction.views import Item, Kind

_SEPARATOR = re.compile(r"[\n、,，]")
_MAX_VALUES = 500
_FLAGS = {"有": True, "はい": True, "true": True, "1": True, "無": False, "いいえ": False, "false": False, "0": False}


@dataclass(frozen=True)
class Operator:
    """An operator: its words, how many values it takes (-1: one or more), and its SQL; `{c}` is the column, `{v}` the values."""

    label: str
    values: int
    sql: str
    pattern: Callable[[str], str] | None = None
    """How a text value becomes the pattern of a LIKE."""


def escaped(text: str) -> str:
    r"""The text as a LIKE pattern that matches itself: `%`, `_` and `\` are characters like others."""
    return re.sub(r"([\\%_])", r"\\\1", text)


OPERATORS: Mapping[str, Operator] = {
    "eq": Operator("等しい", 1, "{c} = {v}"),
    "ne": Operator("等しくない", 1, "{c} IS DISTINCT FROM {v}"),
    "in": Operator("いずれか", -1, "{c} IN ({v})"),
    "not_in": Operator("いずれでもない", -1, "({c} IN ({v})) IS NOT TRUE"),
    "ge": Operator("以上・以後", 1, "{c} >= {v}"),
    "le": Operator("以下・以前", 1, "{c} <= {v}"),
    "between": Operator("から〜まで", 2, "{c} BETWEEN {v}"),
    "starts": Operator("で始まる", 1, "{c} LIKE {v}", lambda text: f"{escaped(text)}%"),
    "contains": Operator("を含む", 1, "{c} LIKE {v}", lambda text: f"%{escaped(text)}%"),
    "empty": Operator("空である", 0, "{c} IS NULL"),
    "not_empty": Operator("空でない", 0, "{c} IS NOT NULL"),
}
_ORDERED = ("eq", "ne", "in", "not_in", "ge", "le", "between", "empty", "not_empty")
ALLOWED: Mapping[Kind, tuple[str, ...]] = {
    Kind.TEXT: ("eq", "ne", "in", "not_in", "starts", "contains", "empty", "not_empty"),
    Kind.CODE: ("eq", "ne", "in", "not_in", "starts", "empty", "not_empty"),
    Kind.NUMBER: _ORDERED,
    Kind.YEN: _ORDERED,
    Kind.DATE: _ORDERED,
    Kind.FLAG: ("eq",),
    Kind.SEALED: (),
}
CASTS: Mapping[Kind, str] = {
    Kind.TEXT: "text",
    Kind.CODE: "text",
    Kind.NUMBER: "bigint",
    Kind.YEN: "bigint",
    Kind.DATE: "date",
    Kind.FLAG: "boolean",
}


def split_values(operator: Operator, typed: str) -> list[str]:
    """The single values of what was typed: of a list, one a line or between commas; of a range, the two sides of 〜."""
    if operator.values == 1:
        return [typed] if typed else []
    if operator.values == 2:
        return [part.strip() for part in re.split(r"[〜~～]|から", typed.removesuffix("まで")) if part.strip()]
    return [part.strip() for part in _SEPARATOR.split(typed) if part.strip()] if operator.values else []


def read_values(item: Item, operator: Operator, typed: str) -> list[Any]:
    """The values to bind: text, int (yen or a number), bool or date. Raises ValueError with the words for the clerk."""
    parts = split_values(operator, typed)
    if operator.values == 0:
        if typed.strip():
            raise ValueError(f"「{operator.label}」に値は要りません。")
        return []
    if operator.values == 2 and len(parts) != 2:
        raise ValueError("「20〜64」のように、二つの値を〜でつないでください。")
    if not parts:
        raise ValueError("値を入力してください。")
    if len(parts) > _MAX_VALUES:
        raise ValueError(f"値は{_MAX_VALUES}個までです。")
    if item.is_name:
        parts = [part.replace(" ", "　") for part in parts]
    if operator.pattern:
        return [operator.pattern(part) for part in parts]
    values = [_read(item, part) for part in parts]
    if operator.values == 2 and values[0] > values[1]:
        raise ValueError("範囲の前と後が逆です。")
    return values


def _read(item: Item, text: str) -> Any:
    match item.kind:
        case Kind.NUMBER | Kind.YEN:
            return _integer(text)
        case Kind.DATE:
            return _day(text)
        case Kind.FLAG:
            plain = unicodedata.normalize("NFKC", text).strip().lower()
            if plain not in _FLAGS:
                raise ValueError("「有」か「無」を入力してください。")
            return _FLAGS[plain]
        case Kind.CODE if item.codes:
            return _code(item, text)
        case _:
            return text


def _integer(text: str) -> int:
    plain = unicodedata.normalize("NFKC", text).replace(",", "").strip()
    if not re.fullmatch(r"-?\d{1,18}", plain):
        raise ValueError(f"「{text}」は数字ではありません。")
    return int(plain)


def _day(text: str) -> date:
    try:
        return parse_date(text)
    except ValueError:
        raise ValueError(f"「{text}」は日付として読めません。例: R8.4.1、2026-04-01") from None


def _code(item: Item, text: str) -> str:
    """A code, typed as itself or as its words."""
    if text in item.codes:
        return text
    named = [code for code, label in item.codes.items() if label == text]
    if named:
        return named[0]
    known = "、".join(f"{code} {label}" for code, label in list(item.codes.items())[:8])
    raise ValueError(f"「{text}」というコードはありません。{known}")
