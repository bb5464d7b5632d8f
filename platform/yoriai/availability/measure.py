"""Availability from what probes saw. Pure: intervals of aware moments in, whole seconds and exact fractions out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction

from yoriai.availability.states import Seen

Interval = tuple[datetime, datetime]


@dataclass(frozen=True)
class Span:
    """So long a probe saw the same."""

    since: datetime
    until: datetime
    state: Seen


@dataclass(frozen=True)
class Outage:
    """A stretch within the service hours in which nobody was served; `state` as it was first seen."""

    since: datetime
    until: datetime
    state: Seen

    @property
    def seconds(self) -> int:
        """Its length."""
        return _length([(self.since, self.until)])


@dataclass(frozen=True)
class Availability:
    """Of one municipality in one month, as far as the month has passed; everything in seconds of its service hours."""

    service: int
    planned: int
    """Stops that were announced before they began: they do not count."""
    down: int
    unmeasured: int
    """No probe looked."""
    outages: tuple[Outage, ...]
    target: Fraction

    @property
    def rate(self) -> Fraction | None:
        """Served ÷ measured; None where nothing was measured."""
        measured = self.service - self.planned - self.unmeasured
        return Fraction(measured - self.down, measured) if measured else None

    @property
    def worst(self) -> Fraction | None:
        """The rate if nobody had been served while no probe looked."""
        due = self.service - self.planned
        return Fraction(due - self.unmeasured - self.down, due) if due else None

    @property
    def verdict(self) -> str:
        """`met` even in the worst case, `missed` as measured, `open` where the unmeasured time decides or nothing was measured."""
        if self.rate is not None and self.rate < self.target:
            return "missed"
        return "met" if self.worst is not None and self.worst >= self.target else "open"


def measure(
    windows: Sequence[Interval], spans: Sequence[Span], stops: Sequence[Interval], target: Fraction, now: datetime
) -> Availability:
    """The availability in the windows (in order, apart from each other) up to `now`.

    Where several probes looked, one that was served is enough: what only another missed was its own way there. A span that is not
    `up` is an outage; outages that touch are one.
    """
    past = [(start, min(end, now)) for start, end in windows if start < now]
    due = subtract(past, stops)
    up = merge((span.since, span.until) for span in spans if span.state is Seen.UP)
    seen = merge((span.since, span.until) for span in spans)
    down = intersect(due, subtract(seen, up))
    return Availability(
        service=_length(past),
        planned=_length(past) - _length(due),
        down=_length(down),
        unmeasured=_length(subtract(due, seen)),
        outages=tuple(Outage(start, end, _first_state(spans, start)) for start, end in down),
        target=target,
    )


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The union, in order, without overlaps."""
    merged: list[Interval] = []
    for start, end in sorted(interval for interval in intervals if interval[0] < interval[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def intersect(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """What lies in both."""
    found: list[Interval] = []
    rest = merge(other)
    for start, end in merge(one):
        found += [(max(start, begin), min(end, stop)) for begin, stop in rest if begin < end and stop > start]
    return found


def subtract(one: Iterable[Interval], other: Iterable[Interval]) -> list[Interval]:
    """What lies in the first and not in the second."""
    found: list[Interval] = []
    taken = merge(other)
    for start, end in merge(one):
        for begin, stop in taken:
            if stop <= start or begin >= end:
                continue
            if begin > start:
                found.append((start, begin))
            start = max(start, stop)
        if start < end:
            found.append((start, end))
    return found


def percent(rate: Fraction | None) -> str:
    """`99.49%`, cut off after two places: a rate below the target must never read like the target. Empty for None."""
    if rate is None:
        return ""
    hundredths = rate.numerator * 10_000 // rate.denominator
    return f"{hundredths // 100}.{hundredths % 100:02d}%"


def _length(intervals: Iterable[Interval]) -> int:
    return sum((end - start for start, end in intervals), timedelta()) // timedelta(seconds=1)


def _first_state(spans: Sequence[Span], at: datetime) -> Seen:
    seen = [span.state for span in spans if span.since <= at < span.until and span.state is not Seen.UP]
    return seen[0] if seen else Seen.NO_ANSWER
