"""Ratios and the table they end in. Seconds never leave the benchmark: they tell of the machine, not of the software."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True)
class Row:
    """A ratio. `spread` is its smallest and largest value over the rounds, where there were several."""

    part: str
    label: str
    ratio: float
    spread: tuple[float, float] | None = None
    note: str = ""

    def to_json(self) -> dict[str, object]:
        """The row for `bench.json`."""
        values = {"part": self.part, "label": self.label, "ratio": round(self.ratio, 3), "note": self.note}
        if self.spread:
            values["spread"] = [round(value, 3) for value in self.spread]
        return values


def ratio_row(part: str, label: str, over: Sequence[float], under: Sequence[float], note: str = "") -> Row:
    """The median of the rounds' ratios; the two sequences are the rounds of what was measured in turn."""
    ratios = [first / second for first, second in zip(over, under, strict=True)]
    return Row(part, label, median(ratios), (min(ratios), max(ratios)), note)


def percentile(values: Sequence[float], part: float) -> float:
    """The nearest-rank percentile; `part` is 0.95 for the 95th. Raises ValueError when there is no value."""
    if not values:
        raise ValueError("nothing was measured")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]


def table(rows: Sequence[Row]) -> list[str]:
    """The rows as lines of text."""
    width = max((len(row.label) for row in rows), default=0)
    lines = []
    for row in rows:
        spread = f"{row.spread[0]:.2f}–{row.spread[1]:.2f}" if row.spread else ""
        lines.append(f"{row.part:<11} {row.label:<{width}} {row.ratio:>8.3f}  {spread:<12} {row.note}".rstrip())
    return lines
