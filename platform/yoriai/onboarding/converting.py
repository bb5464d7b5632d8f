"""From texts to values, item by item. Each distinct text is read once, so a city's files take seconds."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

import polars as pl

from yoriai.dates import parse_date
from yoriai.documents.glyphs import can_print
from yoriai.japanese import has_only_kana, has_only_name_chars, to_katakana
from yoriai.onboarding.layout import LINE, POLARS, Column, Kind, Outcome
from yoriai.onboarding.remarks import HIDDEN, Remarks
from yoriai.onboarding.settings import Source

_BIGINT_DIGITS = 18
_VARIANT = re.compile("[^\ufe00-\ufe0f\U000e0100-\U000e01ef][\ufe00-\ufe0f\U000e0100-\U000e01ef]+")
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
_FLAGS = {"1": True, "0": False}


class _Wrong(ValueError):
    """A text that is no value of the item: the rule it breaks, and the words for it."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


def convert(raw: pl.DataFrame, source: Source, remarks: Remarks) -> pl.DataFrame:
    """The frame with each item in our type; a text that is none becomes NULL, and its record is refused."""
    columns = [pl.col(LINE)]
    for column in source.table.columns:
        columns.append(pl.lit(_convert_one(raw, column, source, remarks)).alias(column.key))
    return raw.select(columns)


def _convert_one(raw: pl.DataFrame, column: Column, source: Source, remarks: Remarks) -> pl.Series:
    if raw.is_empty():
        return pl.Series(column.key, [], dtype=POLARS[column.kind])
    texts = raw[column.key].unique().to_list()
    read = _reader(column, source)
    values: dict[str, Any] = {}
    wrong: dict[str, _Wrong] = {}
    for text in texts:
        try:
            values[text] = read(text) if text else _empty(column)
        except _Wrong as error:
            values[text], wrong[text] = None, error
    if wrong:
        bad = raw.select(LINE, column.key).filter(pl.col(column.key).is_in(list(wrong)))
        for line, text in bad.iter_rows():
            value = HIDDEN if column.sealed else text
            _add(remarks, source, line, column, wrong[text], value)
    _look_for_glyphs(raw, column, texts, source, remarks)
    return raw[column.key].replace_strict(
        list(values), pl.Series(list(values.values()), dtype=POLARS[column.kind]), return_dtype=POLARS[column.kind]
    )


def _add(remarks: Remarks, source: Source, line: int, column: Column, wrong: _Wrong, value: str) -> None:
    remarks.add(source.table, source.file, [line], column.label, wrong.rule, str(wrong), Outcome.REFUSED, [value])


def _empty(column: Column) -> Any:
    if column.is_required and column.default is None:
        raise _Wrong("missing", f"{column.label}がありません。")
    return column.default


def _reader(column: Column, source: Source) -> Callable[[str], Any]:
    read = {
        Kind.TEXT: _text,
        Kind.NAME: _name,
        Kind.KANA: _kana,
        Kind.NUMBER: _number,
        Kind.YEN: _number,
        Kind.DATE: _date,
        Kind.FLAG: _flag,
    }.get(column.kind) or _code_reader(column, source)

    def checked(text: str) -> Any:
        value = read(text)
        if column.length and len(unicodedata.normalize("NFC", text)) > column.length and column.kind is not Kind.DATE:
            raise _Wrong("length", f"{column.label}が{column.length}文字より長くなっています。")
        if column.check and not column.check(text):
            raise _Wrong("check", column.fault)
        return value

    return checked


def _text(text: str) -> str:
    if _CONTROL.search(text):
        raise _Wrong("control_character", "制御文字が含まれています。")
    return text


def _name(text: str) -> str:
    value = "　".join(_text(text).split())
    if not has_only_name_chars(value):
        raise _Wrong("name_characters", "氏名に使えない文字（半角カナ・数字・記号など）が含まれています。")
    return value


def _kana(text: str) -> str:
    if not has_only_kana(_text(text)):
        raise _Wrong("kana_characters", "フリガナに仮名でない文字（漢字など）が含まれています。")
    return to_katakana(text)


def _number(text: str) -> int:
    plain = text.replace(",", "")
    if not re.fullmatch(r"-?[0-9]+", plain) or len(plain) > _BIGINT_DIGITS:
        raise _Wrong("number", "半角の数字ではありません。")
    return int(plain)


def _date(text: str) -> date:
    try:
        return parse_date(text)
    except ValueError:
        raise _Wrong("date", "ありえない日付です。") from None


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise _Wrong("flag", "1か0にしてください。")
    return _FLAGS[text]


def _code_reader(column: Column, source: Source) -> Callable[[str], str]:
    table = source.codes(column.label)

    def read(text: str) -> str:
        if table is not None:
            if text not in table:
                raise _Wrong("unmapped_code", "コード変換表（onboarding.yaml）にないコードです。")
            return table[text]
        is_known = column.is_code(text) if column.is_code else text in column.codes
        if not is_known:
            raise _Wrong("unknown_code", f"{column.label}のコードではありません。")
        return text

    return read


def _look_for_glyphs(raw: pl.DataFrame, column: Column, texts: Iterable[str], source: Source, remarks: Remarks) -> None:
    """Remark on characters that no font prints as written: 外字 that were not identified, variants the font lacks."""
    if not (column.is_printed or column.kind is Kind.NAME):
        return
    whole = "".join(texts)
    singles = set(_SELECTOR.sub("", whole))
    missing = [each for each in sorted(singles | set(_VARIANT.findall(whole))) if not can_print(each)]
    if not missing:
        return
    rows = raw.filter(pl.col(column.key).str.contains_any(missing)).select(LINE, column.key)
    for line, text in rows.iter_rows():
        found = "・".join(f"{each}（{_codes(each)}）" for each in missing if each in text)
        message = f"フォントにない文字です: {found}。外字の対応（characters）を決めるか、文字を同定してください。"
        # A character nobody can name is not taken over as if it were a name; a variant the font lacks is told and kept.
        outcome = Outcome.REFUSED if any(_is_private(each) for each in missing if each in text) else None
        remarks.add(source.table, source.file, [line], column.label, "no_glyph", message, outcome, [text])


def _codes(text: str) -> str:
    return " ".join(f"U+{ord(each):04X}" for each in text)


def _is_private(text: str) -> bool:
    return any(unicodedata.category(each) == "Co" for each in text)
