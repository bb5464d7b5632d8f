"""What a parameter is: its key, unit, clock, who may set it, its legal bounds, its dated values."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Self

from yoriai.dates import fiscal_year_of
from yoriai.rules.parameters.value import Unit, Value

__all__ = ["Bounds", "BusinessParameters", "Clock", "DatedValue", "Definition", "Moment", "Setter", "Since", "Unit"]

Since = int | str
"""The first year (int), month (`2026-08`) or day (`2026-08-01`) a value is in force, by the parameter's clock."""

EVIDENCE = re.compile(r"^(?:V:.+|S(?::.+)?|K|\?)$")
"""`V:` seen on the official page named, `S:` secondary, `K` from knowledge, `?` unsure: to be confirmed before
go-live."""


class Clock(StrEnum):
    """By which calendar a figure changes; three of them exist side by side."""

    FISCAL_YEAR = "fiscal_year"
    INCOME_YEAR = "income_year"
    CALENDAR_YEAR = "calendar_year"
    MONTH = "month"
    DAY = "day"


class Setter(StrEnum):
    """Who may set a figure; a later one overrides an earlier one."""

    NATIONAL = "national"
    PREFECTURE = "prefecture"
    ORDINANCE = "ordinance"


@dataclass(frozen=True)
class Moment:
    """The day rules are asked about, read on every clock."""

    day: date

    @classmethod
    def of_fiscal_year(cls, fiscal_year: int) -> Self:
        """1 April of the 年度."""
        return cls(date(fiscal_year, 4, 1))

    @classmethod
    def of_income_year(cls, income_year: int) -> Self:
        """The start of the 年度 that is levied on the income of a calendar year."""
        return cls.of_fiscal_year(income_year + 1)

    @property
    def fiscal_year(self) -> int:
        """The 年度 of the day."""
        return fiscal_year_of(self.day)

    @property
    def income_year(self) -> int:
        """The calendar year whose income that 年度 is levied on."""
        return self.fiscal_year - 1

    def on(self, clock: Clock) -> Since:
        """The moment as the clock shows it, comparable with the `from` of a value."""
        match clock:
            case Clock.FISCAL_YEAR:
                return self.fiscal_year
            case Clock.INCOME_YEAR:
                return self.income_year
            case Clock.CALENDAR_YEAR:
                return self.day.year
            case Clock.MONTH:
                return f"{self.day:%Y-%m}"
            case Clock.DAY:
                return self.day.isoformat()


@dataclass(frozen=True)
class DatedValue:
    """A value in force from `since` until the next one, or to `until` (included) when the law itself ends it."""

    since: Since
    value: Value
    source: str
    evidence: str
    note: str = ""
    until: Since | None = None


@dataclass(frozen=True)
class Bounds:
    """What the law lets an ordinance say: limits in the parameter's own unit, and whether the national figure is
    a ceiling."""

    minimum: Value = None
    maximum: Value = None
    choices: tuple[Value, ...] = ()
    at_most_national: bool = False
    length_from: str = ""


@dataclass(frozen=True)
class Definition:
    """One parameter; `values` are the national ones, `default` holds where neither law nor ordinance says anything."""

    key: str
    label: str
    unit: Unit
    clock: Clock
    set_by: Setter
    article: str
    bounds: Bounds = field(default_factory=Bounds)
    columns: Mapping[str, Unit] = field(default_factory=dict)
    values: tuple[DatedValue, ...] = ()
    required: bool = False
    default: Value = None
    has_default: bool = False

    def value_on(self, moment: Moment) -> DatedValue | None:
        """The national value in force, if any."""
        return pick(self.values, self.clock, moment)


@dataclass(frozen=True)
class BusinessParameters:
    """All parameters a business declares, by key."""

    name: str
    definitions: Mapping[str, Definition]

    @classmethod
    def merged(cls, name: str, parts: Iterable["BusinessParameters"]) -> Self:
        """One set for a calculation that reads the figures of several businesses; raises ValueError when keys
        collide."""
        merged: dict[str, Definition] = {}
        for part in parts:
            if both := merged.keys() & part.definitions.keys():
                raise ValueError(f"parameters declared twice: {sorted(both)}")
            merged.update(part.definitions)
        return cls(name, merged)


def pick(values: Iterable[DatedValue], clock: Clock, moment: Moment) -> DatedValue | None:
    """The latest value whose `since` is not after the moment and that has not ended."""
    now = moment.on(clock)
    begun = [value for value in values if _not_after(value.since, now)]
    if not begun:
        return None
    latest = max(begun, key=lambda value: str(value.since))
    if latest.until is not None and not _not_after(now, latest.until):
        return None
    return latest


def _not_after(one: Since, other: Since) -> bool:
    # Years are four digits and months and days ISO text: the textual order is the order in time.
    return str(one) <= str(other)


def read_since(clock: Clock, raw: object) -> Since:
    """Read a `from`; raises ValueError with a Japanese message."""
    if clock in (Clock.FISCAL_YEAR, Clock.INCOME_YEAR, Clock.CALENDAR_YEAR):
        if isinstance(raw, bool) or not re.fullmatch(r"(19|20|21)\d\d", str(raw)):
            raise ValueError(f"西暦4桁の年で書いてください: {raw!r}")
        return int(str(raw))
    if clock is Clock.MONTH:
        if not re.fullmatch(r"(19|20|21)\d\d-(0[1-9]|1[0-2])", str(raw)):
            raise ValueError(f"年月は 2026-08 の形で書いてください: {raw!r}")
        return str(raw)
    try:
        return (raw if isinstance(raw, date) else date.fromisoformat(str(raw))).isoformat()
    except ValueError as error:
        raise ValueError(f"日付は 2026-08-01 の形で書いてください: {raw!r}") from error
