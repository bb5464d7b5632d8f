"""Moments as places in an SVG picture: lanes with bars, step curves, the lines of the clock. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from batch.reads.curves import Point, ResourceCurve, highest_between
from batch.reads.gantt import Bar, Lane
from batch.reads.nights import RESOURCE_LABELS, Night
from yoriai.clock import JAPAN

LEFT, WIDTH, RIGHT = 168, 1120, 12
LANE = 26
HEAD = 24
CHART = 96
_COLUMNS = 470
"""Into so many spans a curve is cut: two pixels each."""
_TICKS = tuple(timedelta(seconds=seconds) for seconds in (1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 21600, 86400))
_MOST_TICKS = 13


@dataclass(frozen=True)
class Scale:
    """The window of time that a picture shows."""

    first: datetime
    last: datetime

    @property
    def span(self) -> timedelta:
        """Its length, a second at least."""
        return max(self.last - self.first, timedelta(seconds=1))

    def x(self, at: datetime) -> int:
        """The place of a moment, cut at the picture's sides."""
        inside = min(max(at, self.first), self.last)
        return LEFT + (inside - self.first) * (WIDTH - LEFT - RIGHT) // self.span

    def shows(self, start: datetime, end: datetime) -> bool:
        """Whether any of the span can be seen."""
        return start <= self.last and end >= self.first


@dataclass(frozen=True)
class Tick:
    """A line of the clock."""

    x: int
    label: str


@dataclass(frozen=True)
class Rect:
    """A bar in the picture."""

    x: int
    width: int
    picture: str
    title: str


@dataclass(frozen=True)
class DrawnLane:
    """A lane with its bars placed."""

    y: int
    lane: Lane
    planned: tuple[Rect, ...]
    real: tuple[Rect, ...]
    deadline_x: int | None


@dataclass(frozen=True)
class Chart:
    """The curves of one resource placed in a box of `CHART` pixels' height, with what a table says of them."""

    label: str
    name: str
    top: int
    planned: str
    reserved: str
    measured: str
    capacity: str
    capacity_units: int
    planned_peak: int
    reserved_peak: int
    measured_peak: str
    unit: str


@dataclass(frozen=True)
class GanttPicture:
    """Everything the Gantt's SVG needs."""

    width: int
    height: int
    ticks: tuple[Tick, ...]
    lanes: tuple[DrawnLane, ...]
    now_x: int | None
    blackouts: tuple[Rect, ...]


def draw_gantt(
    night: Night, scale: Scale, lanes: Sequence[Lane], at: datetime | None, blackouts: Sequence[Bar] = ()
) -> GanttPicture:
    """Lanes below the clock; `at` is the present of a night that runs."""
    drawn = []
    for number, lane in enumerate(lanes):
        deadline = lane.deadline_at
        drawn.append(
            DrawnLane(
                y=HEAD + number * LANE,
                lane=lane,
                planned=_rects(night, scale, lane.planned),
                real=_rects(night, scale, lane.real),
                deadline_x=scale.x(deadline) if deadline and scale.first <= deadline <= scale.last else None,
            )
        )
    return GanttPicture(
        width=WIDTH,
        height=HEAD + len(lanes) * LANE + 6,
        ticks=draw_ticks(night, scale),
        lanes=tuple(drawn),
        now_x=scale.x(at) if at and scale.first <= at <= scale.last else None,
        blackouts=_rects(night, scale, blackouts),
    )


def draw_ticks(night: Night, scale: Scale) -> tuple[Tick, ...]:
    """Lines of the clock at round times, a dozen at most."""
    step = next((tick for tick in _TICKS if scale.span / tick <= _MOST_TICKS), _TICKS[-1])
    midnight = scale.first.astimezone(JAPAN).replace(hour=0, minute=0, second=0, microsecond=0)
    at = midnight + -(-(scale.first - midnight) // step) * step
    ticks = []
    while at <= scale.last:
        label = night.clock(at)
        if step < timedelta(minutes=1):
            label = f"{label}:{at.astimezone(JAPAN):%S}"
        ticks.append(Tick(scale.x(at), label.rpartition(" ")[2]))
        at += step
    return tuple(ticks)


def draw_chart(scale: Scale, curve: ResourceCurve, at: datetime | None = None) -> Chart:
    """A resource's curves; what is measured in thousandths is brought to units. What really happened is drawn up to `at`."""
    per_unit = 1000 if curve.name == "cpu" else 1
    measured_top = -(-curve.measured_peak // per_unit)
    top = max(curve.top, measured_top, 1)
    peak = curve.measured_peak
    shown_peak = f"{peak // 1000}.{peak % 1000 // 100}" if per_unit == 1000 else str(peak)
    return Chart(
        label=RESOURCE_LABELS[curve.name],
        name=curve.name,
        top=top,
        planned=_steps(scale, curve.planned, top, is_area=True),
        reserved=_steps(scale, curve.reserved, top, until=at),
        measured=_steps(scale, curve.measured, top * per_unit, until=at),
        capacity=_steps(scale, curve.capacity, top),
        capacity_units=max((units for _, units in curve.capacity), default=0),
        planned_peak=curve.planned_peak,
        reserved_peak=curve.reserved_peak,
        measured_peak=shown_peak if curve.measured else "-",
        unit="個" if curve.name == "cpu" else "",
    )


def _rects(night: Night, scale: Scale, bars: Sequence[Bar]) -> tuple[Rect, ...]:
    rects = []
    for bar in bars:
        if scale.shows(bar.start, bar.end):
            x = scale.x(bar.start)
            title = f"{bar.label} {night.clock(bar.start)}～{night.clock(bar.end)}"
            rects.append(Rect(x, max(scale.x(bar.end) - x, 3), bar.picture, title))
    return tuple(rects)


def _steps(
    scale: Scale, curve: Sequence[Point], top: int, *, is_area: bool = False, until: datetime | None = None
) -> str:
    """The curve as a path of steps: the highest value of each of some hundred spans."""
    if not curve:
        return ""
    end = min(until or scale.last, scale.last)
    edges = [scale.first + scale.span * number / _COLUMNS for number in range(_COLUMNS + 1)]
    heights = highest_between(curve, edges)
    place = [CHART - min(value, top) * (CHART - 8) // top for value in heights]
    last = CHART if is_area else place[0]
    parts = [f"M{scale.x(edges[0])} {last}"]
    for number, y in enumerate(place):
        if y != last and edges[number] <= end:
            parts.append(f"H{scale.x(edges[number])}V{y}")
            last = y
    parts.append(f"H{scale.x(end)}")
    if is_area:
        parts.append(f"V{CHART}Z")
    return "".join(parts)
