"""From counted figures to the tables of a report. Pure: no database, no clock."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason

COLUMNS = (("1", False), ("2", False), ("9", False), ("1", True), ("2", True), ("9", True))
"""Sex and origin of each figure; 9 is 性別不明."""
_INS = ("move_in", "birth", "ex_officio_entry", "restoration", "move_out_cancelled", "conversion")
_OUTS = ("move_out", "death", "ex_officio_removal", "disappearance", "nationality_loss")
_BAND = 5
_OPEN_BAND = 100
HIDDEN_TOWN = "*"


@dataclass(frozen=True)
class Figure:
    """A counted figure (`counting.FIGURES`)."""

    section: str
    key: str
    sex: str
    is_foreign: bool
    persons: int
    households: int


class Count(BaseModel):
    """People of a line: in all, men, women, and how many of them are foreign residents."""

    label: str
    total: int
    male: int
    female: int
    japanese: int
    foreign: int
    households: int = 0
    is_sum: bool = False


class Report(BaseModel):
    """The tables of a period."""

    opening: Count
    correction: Count
    """前の期間の確定後にさかのぼって変わった人数: what is known now of the day before, less what was fixed."""
    ins: list[Count]
    outs: list[Count]
    closing: Count
    difference: Count
    """当期末 − (前期末 + さかのぼる増減 + 増 − 減): zero, or the figures do not close."""
    households: dict[str, int]
    ages: list[Count]
    single_ages: list[Count]
    nationalities: list[Count]
    towns: list[Count]

    @property
    def closes(self) -> bool:
        """Whether 前期末人口 + 増 − 減 = 当期末人口 in every column."""
        return _is_zero(self.difference)


def figures_of(rows: Iterable[Mapping[str, Any]]) -> list[Figure]:
    """The rows of `counting.FIGURES` or of what was fixed."""
    return [
        Figure(row["section"], row["key"], row["sex"], row["is_foreign"], row["persons"], row["households"])
        for row in rows
    ]


def make_report(
    figures: Iterable[Figure],
    before: Iterable[Figure],
    towns: Mapping[str, str],
    countries: Mapping[str, str],
    *,
    shows_all: bool,
) -> Report:
    """The tables. `before` are the fixed figures of the period before, empty where it was not fixed.

    Without `shows_all` protected people are counted in no 町字, but in a line of their own.
    """
    known = list(figures)
    fixed = _sum("前期末人口", (f for f in before if f.section == "population"))
    recounted = _sum("前期末人口", (f for f in known if f.section == "opening"))
    opening = fixed if fixed.total else recounted
    correction = _minus("前期末以前にさかのぼる増減", recounted, opening)
    ins, outs = _movements(known, "in", _INS), _movements(known, "out", _OUTS)
    closing = _sum("当期末人口", (f for f in known if f.section == "population"))
    expected = _plus("", _plus("", opening, correction), _minus("", _total("", ins), _total("", outs)))
    section = "town" if shows_all else "town_shown"
    return Report(
        opening=opening,
        correction=correction,
        ins=[*ins, _total("増加計", ins)],
        outs=[*outs, _total("減少計", outs)],
        closing=closing,
        difference=_minus("差", closing, expected),
        households={f.key: f.households for f in known if f.section == "household"},
        ages=_ages(known, _BAND),
        single_ages=_ages(known, 1),
        nationalities=_by_key(known, "nationality", lambda key: countries.get(key, key), by_size=True),
        towns=_by_key(known, section, lambda key: _town(key, towns)),
    )


def differences(fixed: Report, recounted: Report) -> list[tuple[str, int, int]]:
    """(label, fixed, counted anew) of the main figures that have changed since they were fixed."""
    pairs = [
        ("当期末人口", fixed.closing.total, recounted.closing.total),
        ("うち外国人住民", fixed.closing.foreign, recounted.closing.foreign),
        ("世帯数", fixed.households.get("closing", 0), recounted.households.get("closing", 0)),
    ]
    for kind in ("ins", "outs"):
        old = {count.label: count.total for count in getattr(fixed, kind)}
        new = {count.label: count.total for count in getattr(recounted, kind)}
        pairs += [(label, old.get(label, 0), new.get(label, 0)) for label in dict.fromkeys([*old, *new])]
    return [pair for pair in pairs if pair[1] != pair[2]]


def _movements(figures: Iterable[Figure], way: str, usual: tuple[str, ...]) -> list[Count]:
    """A line for each cause: the usual ones always, others when there are any."""
    by_cause: dict[str, list[Figure]] = {cause: [] for cause in usual}
    for figure in figures:
        kind, _, cause = figure.key.partition(":")
        if figure.section == "movement" and kind == way:
            by_cause.setdefault(cause, []).append(figure)
    return [_sum(_cause_label(cause), found) for cause, found in by_cause.items()]


def _cause_label(cause: str) -> str:
    if cause == "became":
        return "国籍・性別の変更（帰化など）"
    return TRANSITIONS[Reason(cause)].label if cause in set(Reason) else cause


def _ages(figures: Iterable[Figure], width: int) -> list[Count]:
    bands: dict[int, list[Figure]] = {}
    for figure in figures:
        if figure.section == "age":
            lower = min(int(figure.key) // width * width, _OPEN_BAND)
            bands.setdefault(lower, []).append(figure)
    lines = [_sum(_age_label(lower, width), bands[lower]) for lower in sorted(bands)]
    return [*lines, _total("計", lines)] if lines else []


def _age_label(lower: int, width: int) -> str:
    if lower >= _OPEN_BAND:
        return f"{_OPEN_BAND}歳以上"
    return f"{lower}歳" if width == 1 else f"{lower}〜{lower + width - 1}歳"


def _by_key(figures: Iterable[Figure], section: str, name: Any, *, by_size: bool = False) -> list[Count]:
    groups: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.section == section:
            groups.setdefault(figure.key, []).append(figure)
    lines = [
        _sum(name(key), groups[key]) for key in sorted(groups, key=lambda key: (key == HIDDEN_TOWN, key == "", key))
    ]
    if by_size:
        lines.sort(key=lambda count: -count.total)
    return [*lines, _total("計", lines)] if lines else []


def _town(key: str, towns: Mapping[str, str]) -> str:
    if key == HIDDEN_TOWN:
        return "（支援措置により町字を示さない人）"
    return towns.get(key, key) or "（町字なし）"


def _sum(label: str, figures: Iterable[Figure]) -> Count:
    counts: Counter[str] = Counter()
    for figure in figures:
        counts["total"] += figure.persons
        counts["male"] += figure.persons if figure.sex == "1" else 0
        counts["female"] += figure.persons if figure.sex == "2" else 0
        counts["foreign" if figure.is_foreign else "japanese"] += figure.persons
        counts["households"] += figure.households
    return Count(label=label, **{name: counts[name] for name in _NUMBERS})


_NUMBERS = ("total", "male", "female", "japanese", "foreign", "households")


def _total(label: str, lines: Iterable[Count]) -> Count:
    found = list(lines)
    return Count(label=label, is_sum=True, **{name: sum(getattr(line, name) for line in found) for name in _NUMBERS})


def _plus(label: str, left: Count, right: Count) -> Count:
    return Count(label=label, **{name: getattr(left, name) + getattr(right, name) for name in _NUMBERS})


def _minus(label: str, left: Count, right: Count) -> Count:
    return Count(label=label, **{name: getattr(left, name) - getattr(right, name) for name in _NUMBERS})


def _is_zero(count: Count) -> bool:
    return not any(getattr(count, name) for name in _NUMBERS if name != "households")
