"""What a business takes over from an old system: tables of a layout with items under their official names, their rules, and how
they are written. Declared by each business (`Business.onboarding`), used by the kernel, which knows no business.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from yoriai.sealing import Sealer
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession
from yoriai.tenancy.config import TenantConfig

LINE, MARK = "line__", "outcome__"
"""Columns every frame has beside its items: the line of the file the record begins on, and its `Outcome`."""


class Kind(StrEnum):
    """What the values of an item are."""

    TEXT = "text"
    NAME = "name"
    """A person's name: kanji, full-width kana, Latin letters; every character is looked for in the font."""
    KANA = "kana"
    CODE = "code"
    """A code of ours: what the file holds is translated by the municipality's table."""
    NUMBER = "number"
    YEN = "yen"
    DATE = "date"
    FLAG = "flag"
    """1 or 0."""


POLARS: Mapping[Kind, Any] = {
    Kind.TEXT: pl.String,
    Kind.NAME: pl.String,
    Kind.KANA: pl.String,
    Kind.CODE: pl.String,
    Kind.NUMBER: pl.Int64,
    Kind.YEN: pl.Int64,
    Kind.DATE: pl.Date,
    Kind.FLAG: pl.Boolean,
}


class Outcome(StrEnum):
    """What becomes of a record. Each record of a file has exactly one of them."""

    LOADED = "loaded"
    SET_ASIDE = "set_aside"
    """Not wrong by itself: unneeded, twice there, or hanging on a record that is refused."""
    REFUSED = "refused"


OUTCOME_LABELS: Mapping[Outcome, str] = {
    Outcome.LOADED: "取込",
    Outcome.SET_ASIDE: "保留",
    Outcome.REFUSED: "拒否",
}


@dataclass(frozen=True)
class Column:
    """An item of a table."""

    key: str
    label: str
    """The name of the 基本データリスト (or the 中間標準レイアウト) where it has one."""
    kind: Kind = Kind.TEXT
    length: int = 0
    """Characters or digits at most; 0 where none is set."""
    is_required: bool = False
    codes: Mapping[str, str] = field(default_factory=dict)
    """Of a `CODE`: our codes and their words."""
    is_code: Callable[[str], bool] | None = None
    """Of a `CODE` whose codes are too many to list: whether it is one of ours."""
    check: Callable[[str], bool] | None = None
    """A check of the form, such as a check digit."""
    fault: str = ""
    """What is told when `check` fails."""
    default: Any = None
    """What an empty value means."""
    official: str = ""
    """Where the name is known from, with the mark of evidence (`S:…`); empty for an item of ours."""
    sealed: str = ""
    """The kind under which the value is sealed (個人番号): reports never show it."""
    is_printed: bool = False
    """Whether it is printed as written: its characters are looked for in the font (a `NAME` always is)."""
    is_compared: bool = True
    """Whether the database gives it back as it came, for the reconciliation."""

    @property
    def is_summable(self) -> bool:
        """Whether a total of its values is a control total."""
        return self.kind in (Kind.YEN, Kind.NUMBER)


@dataclass(frozen=True)
class Reference:
    """The value of `column` has to be a `target` of one of the tables; an empty one is none."""

    column: str
    tables: tuple[str, ...]
    target: str


@dataclass(frozen=True)
class Rule:
    """A condition that makes a record wrong; `column` is the item it is told at."""

    name: str
    column: str
    wrong: pl.Expr
    message: str


@dataclass(frozen=True)
class Fault:
    """A mistake found by a business's own check: the records of these lines of the table, each with the outcome."""

    table: str
    line: int
    column: str
    rule: str
    message: str
    outcome: Outcome | None = Outcome.REFUSED
    """None: the record is loaded, and the remark stands in the report."""


@dataclass(frozen=True)
class Table:
    """A file of the layout. `name` is `business.table`; `loaded` gives back what is in the database, in the items of the layout."""

    name: str
    label: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    loaded: str
    """SELECT with a column for each compared item; it shall give exactly what `load` has written."""
    references: tuple[Reference, ...] = ()
    rules: tuple[Rule, ...] = ()
    person: str = "addressee_no"
    """The item that says whom a record is about; empty where none does."""
    note: str = ""
    attached: str = ""
    """The item that names a file of its own beside the CSV (a picture), which is part of what a check is about."""
    beside: Callable[[BulkReadSession, Path], pl.DataFrame] | None = None
    """For an export: writes what belongs to the records beside the CSV (pictures) and gives key and the items that name it."""

    def find(self, key: str) -> Column:
        """The column of that key. Raises KeyError."""
        return next(column for column in self.columns if column.key == key)

    @property
    def file_name(self) -> str:
        """The name of its file where the municipality declares no other."""
        return f"{self.name}.csv"


@dataclass(frozen=True)
class Context:
    """For whom, as of which day, by whom and when a municipality is loaded; `folder` holds the files, pictures too.

    `staff` is the login of who is responsible, `terminal` says from where and by which user of the machine it was typed.
    """

    config: TenantConfig
    sealer: Sealer
    as_of: date
    now: datetime
    staff: str
    folder: Path
    terminal: str = "yoriai migrate"


Frames = Mapping[str, pl.DataFrame]
"""By table; columns are the items' keys in our types, beside `LINE` and `MARK`."""


def _nothing(_frames: Frames, _context: Context) -> Iterable[Fault]:
    return ()


@dataclass(frozen=True)
class Part:
    """What one business takes over."""

    tables: tuple[Table, ...]
    load: Callable[[BulkWriteSession, Frames, Context], None]
    """Writes what passed: its own tables are in the frames, possibly empty; raises nothing for them being empty."""
    check: Callable[[Frames, Context], Iterable[Fault]] = _nothing
    """Looks at whole tables, the ones of businesses before it too: households without a head, periods that overlap."""
