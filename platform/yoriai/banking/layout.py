"""The records of the 全銀 layouts: 120 characters of one byte each, fields of fixed width.

Source: 全国銀行協会「全銀協規定フォーマット」(口座振替 種別91, 総合振込 種別21), as banks publish it (S: second hand).
Digits are filled with zeros from the left, text with blanks to the right; a filler is blank.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

LENGTH: Final = 120
_TEXT = re.compile(r"[0-9A-Z\uff66-\uff9f ().\-/\\｢｣,]*")


@dataclass(frozen=True)
class Column:
    """A field of a record: `start` counts from 1, as banks count; without `is_digits` it is text."""

    name: str
    label: str
    start: int
    width: int
    is_digits: bool

    @property
    def place(self) -> str:
        """Where it stands, in words."""
        end = self.start + self.width - 1
        return f"{self.start}桁目" if self.width == 1 else f"{self.start}〜{end}桁目"

    def write(self, value: object) -> str:
        """The value in the field's width; ValueError for one that does not fit or no record can hold."""
        text = str(value)
        fits = text.isdigit() if self.is_digits else _TEXT.fullmatch(text) is not None
        if not fits or len(text) > self.width:
            raise ValueError(f"{self.label} ({self.place}): {text!r} は{self.width}桁に入りません。")
        return text.zfill(self.width) if self.is_digits else text.ljust(self.width)

    def read(self, line: str) -> str:
        """What stands there, text without its trailing blanks."""
        text = line[self.start - 1 : self.start - 1 + self.width]
        return text if self.is_digits else text.rstrip(" ")


@dataclass(frozen=True)
class Layout:
    """A record: its fields in their order, which fill all 120 characters."""

    label: str
    columns: tuple[Column, ...]

    def column(self, name: str) -> Column:
        """The field of that name."""
        return next(column for column in self.columns if column.name == name)

    def write(self, values: Mapping[str, object]) -> str:
        """One record; ValueError names the field that its value does not fit."""
        return "".join(
            " " * column.width if column.name == "filler" else column.write(values[column.name])
            for column in self.columns
        )

    def read(self, line: str) -> dict[str, str]:
        """The fields of a record of 120 characters."""
        return {column.name: column.read(line) for column in self.columns if column.name != "filler"}


def _layout(label: str, *fields: tuple[str, str, int, str]) -> Layout:
    columns, start = [], 1
    for name, words, width, kind in fields:
        columns.append(Column(name, words, start, width, kind == "N"))
        start += width
    if start != LENGTH + 1:
        raise ValueError(f"{label}: {start - 1} characters")
    return Layout(label, tuple(columns))


_FILLER = ("filler", "ダミー")
_OWN_ACCOUNT = (
    ("own_bank_code", "取引銀行番号", 4, "N"),
    ("own_bank_name", "取引銀行名", 15, "C"),
    ("own_branch_code", "取引支店番号", 3, "N"),
    ("own_branch_name", "取引支店名", 15, "C"),
    ("own_account_type", "預金種目", 1, "N"),
    ("own_account_number", "口座番号", 7, "N"),
)
_HEAD = (
    ("record", "データ区分", 1, "N"),
    ("kind", "種別コード", 2, "N"),
    ("code_set", "コード区分", 1, "N"),
    ("originator_code", "委託者コード", 10, "N"),
    ("originator_name", "委託者名", 40, "C"),
    ("on", "引落日・取組日", 4, "N"),
    *_OWN_ACCOUNT,
    (*_FILLER, 17, "C"),
)
_THEIR_BRANCH = (
    ("record", "データ区分", 1, "N"),
    ("bank_code", "銀行番号", 4, "N"),
    ("bank_name", "銀行名", 15, "C"),
    ("branch_code", "支店番号", 3, "N"),
    ("branch_name", "支店名", 15, "C"),
    (*_FILLER, 4, "C"),
    ("account_type", "預金種目", 1, "N"),
    ("account_number", "口座番号", 7, "N"),
    ("holder_kana", "預金者名・受取人名", 30, "C"),
    ("amount", "金額", 10, "N"),
    ("novelty", "新規コード", 1, "N"),
)
HEADER: Final = _layout("ヘッダーレコード", *_HEAD)
DEBIT: Final = _layout(
    "データレコード",
    *_THEIR_BRANCH,
    ("customer_no", "顧客番号", 20, "N"),
    ("result", "振替結果コード", 1, "N"),
    (*_FILLER, 8, "C"),
)
DEBIT_TRAILER: Final = _layout(
    "トレーラーレコード",
    ("record", "データ区分", 1, "N"),
    ("count", "合計件数", 6, "N"),
    ("total", "合計金額", 12, "N"),
    ("paid_count", "振替済件数", 6, "N"),
    ("paid_total", "振替済金額", 12, "N"),
    ("unpaid_count", "振替不能件数", 6, "N"),
    ("unpaid_total", "振替不能金額", 12, "N"),
    (*_FILLER, 65, "C"),
)
TRANSFER: Final = _layout(
    "データレコード",
    *_THEIR_BRANCH,
    ("customer_no", "顧客コード", 20, "N"),
    ("way", "振込指定区分", 1, "N"),
    (*_FILLER, 8, "C"),
)
TRANSFER_TRAILER: Final = _layout(
    "トレーラーレコード",
    ("record", "データ区分", 1, "N"),
    ("count", "合計件数", 6, "N"),
    ("total", "合計金額", 12, "N"),
    (*_FILLER, 101, "C"),
)
END: Final = _layout("エンドレコード", ("record", "データ区分", 1, "N"), (*_FILLER, 119, "C"))
