"""The parts a calculation is made of: levels (tables of units) and named steps over their columns."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import polars as pl

from yoriai.rules.parameters import ParameterSet, Resolved
from yoriai.rules.parameters.value import Scalar

Frames = Mapping[str, pl.DataFrame]
"""One frame per level. A level's frame has its rows' columns and, for every parent, `_<parent>`: the parent's row
number."""


class Use:
    """The parameters as one step sees them; it remembers which it was given, so that an explanation can show them."""

    def __init__(self, parameters: ParameterSet) -> None:
        self._parameters = parameters
        self.used: dict[str, Resolved] = {}

    @property
    def fiscal_year(self) -> int:
        """The 年度 asked about."""
        return self._parameters.moment.fiscal_year

    @property
    def income_year(self) -> int:
        """The calendar year whose income is judged."""
        return self._parameters.moment.income_year

    def yen(self, key: str) -> int:
        """An amount in yen."""
        return self._integer(key)

    def count(self, key: str) -> int:
        """A count (people, months, years, a unit of rounding)."""
        return self._integer(key)

    def rate(self, key: str) -> Fraction:
        """An exact rate."""
        value = self._read(key)
        if not isinstance(value, Fraction):
            raise TypeError(f"{key} is not a rate")
        return value

    def flag(self, key: str) -> bool:
        """A yes or no."""
        return self._read(key) is True

    def text(self, key: str) -> str:
        """A word, one of the parameter's choices."""
        return str(self._read(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        value = self._read(key)
        return tuple(str(item) for item in value) if isinstance(value, tuple) else ()

    def table(self, key: str) -> tuple[Mapping[str, Scalar], ...]:
        """A table's rows."""
        value = self._read(key)
        return tuple(row for row in value if isinstance(row, Mapping)) if isinstance(value, tuple) else ()

    def row_yen(self, row: Mapping[str, Scalar], column: str) -> int:
        """A whole number in a table's row."""
        cell = row[column]
        if isinstance(cell, bool) or not isinstance(cell, int):
            raise TypeError(f"{column} is not a whole number")
        return cell

    def row_rate(self, row: Mapping[str, Scalar], column: str) -> Fraction:
        """A rate in a table's row."""
        cell = row[column]
        if not isinstance(cell, Fraction):
            raise TypeError(f"{column} is not a rate")
        return cell

    def is_set(self, key: str) -> bool:
        """Whether an optional figure has a value; asking alone does not count as using it."""
        return key in self._parameters and self._parameters[key].value is not None

    def _integer(self, key: str) -> int:
        value = self._read(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{key} is not a whole number")
        return value

    def _read(self, key: str) -> object:
        figure = self._parameters[key]
        self.used[key] = figure
        return figure.value


Expression = Callable[[Use], pl.Expr]


@dataclass(frozen=True)
class Input:
    """A column a caller may give; absent columns are filled with `default`."""

    key: str
    label: str
    dtype: pl.DataType
    default: Any = None
    unit: str = "yen"


@dataclass(frozen=True)
class Level:
    """One kind of unit: `household`, `member`. `key` is its identifier column, `parents` the levels it hangs from.

    `title` names the column that says in words which row it is (世帯主, 令和8年4月〜6月).
    """

    name: str
    label: str
    key: str
    parents: tuple[str, ...] = ()
    inputs: tuple[Input, ...] = ()
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One named value of a calculation. `formula` says in words what `value` computes; `article` on what authority."""

    key: str
    on: str
    label: str
    formula: str
    article: str = ""
    rounding: str = ""
    unit: str = "yen"
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class Row(Step):
    """A value computed from the row's own columns."""

    value: Expression


@dataclass(frozen=True, kw_only=True)
class Gather(Step):
    """A value gathered up from the rows of a child level, such as a sum over members; a unit without children
    gets `empty`."""

    of: str
    value: Expression
    empty: Any = 0


@dataclass(frozen=True, kw_only=True)
class Spread(Step):
    """A parent's column spread down to each of its rows."""

    source: str
    column: str


@dataclass(frozen=True, kw_only=True)
class Open(Step):
    """A level whose rows come out of the calculation itself, such as the months a household's make-up is constant.

    `rows` gets the frames so far and returns the new level's frame with its `_<parent>` columns; `needs` lists the
    (level, column) pairs it reads.
    """

    rows: Callable[[Frames, Use], pl.DataFrame]
    needs: Sequence[tuple[str, str]] = field(default_factory=tuple)
