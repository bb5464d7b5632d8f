"""What a business publishes for extraction: views with items under their official names; and how protected people are hidden."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What an item's values are; the operators a condition may use go by it."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    YEN = "yen"
    DATE = "date"
    FLAG = "flag"
    SEALED = "sealed"
    """A number that is unreadable at rest (個人番号): it can be listed after a second person's approval, and nothing else."""


KIND_LABELS: Mapping[Kind, str] = {
    Kind.TEXT: "文字列",
    Kind.CODE: "コード",
    Kind.NUMBER: "数値",
    Kind.YEN: "金額（円）",
    Kind.DATE: "日付",
    Kind.FLAG: "有無",
    Kind.SEALED: "番号（承認が必要）",
}


class Time(StrEnum):
    """How a view's rows relate to the base date (基準日) of an extraction."""

    DAY = "day"
    """Periods: the rows that were true at the end of the base date."""
    OWN = "own"
    """Rows that carry their own time (a year, a day of event): the base date does not choose among them."""
    PRESENT = "present"
    """Only what is true now is known: another base date is refused."""


@dataclass(frozen=True)
class Item:
    """A column that may be listed, asked for, sorted and counted by."""

    key: str
    label: str
    """The name of the 基本データリスト where it has one."""
    kind: Kind = Kind.TEXT
    length: int = 0
    """Characters or digits at most; 0 where none is set."""
    column: str = ""
    """The expression over the view's relation when it is not the column `key`; `{day}` stands for the base date."""
    codes: Mapping[str, str] = field(default_factory=dict)
    """The words of a code's values."""
    official: str = ""
    """Where the name is known from, with the mark of evidence (`S:…`); empty for an item of ours."""
    is_place: bool = False
    """It says, or lets one find out, where a protected person lives."""
    is_name: bool = False
    """A person's name, in which 氏 and 名 are parted by a full-width space, however it is typed."""
    sealed: str = ""
    """The kind under which a `SEALED` value was sealed (`my_number`)."""

    @property
    def is_summable(self) -> bool:
        """Whether a total of its values means something."""
        return self.kind is Kind.YEN or (self.kind is Kind.NUMBER and not self.key.endswith("_no"))

    @property
    def is_numbering(self) -> bool:
        """Whether its values stand for one person, household or paper."""
        return self.kind is Kind.SEALED or self.key.endswith("_no")


@dataclass(frozen=True)
class View:
    """A published relation of the municipality's schema. `name` is `business.view`."""

    name: str
    label: str
    relation: str
    items: tuple[Item, ...]
    permission: str
    """What one must hold to use it: what one must hold to see the same on the screens."""
    person: str = ""
    """The column of the 宛名番号 its rows are about."""
    others: tuple[str, ...] = ()
    """Columns with the 宛名番号 of further people its rows tell of: where one of them is concealed, the row is not there."""
    household: str = ""
    """The column of the 世帯番号 its rows are about."""
    time: Time = Time.PRESENT
    valid_from: str = "valid_from"
    valid_to: str = "valid_to"
    """Half-open period of a `DAY` view; NULL is open."""
    condition: str = ""
    """Which rows of the relation belong to it."""
    note: str = ""
    """What a clerk should know of it."""

    def find(self, key: str) -> Item | None:
        """The item of that key."""
        return next((item for item in self.items if item.key == key), None)


@dataclass(frozen=True)
class Veil:
    """Who is protected: their places are masked for everybody without `permission`, the concealed are left out."""

    relation: str
    person: str
    concealed: str
    """The boolean column that says that nobody may even learn of the person."""
    permission: str
    text: str
    """What a list shows in place of a hidden value."""
