"""What to plan: the business date, the capacity of the night and its window, and what is tried out (what-if)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from yoriai.calendar import moment_of, parse_clock

RESOURCES = ("cpu", "io", "connections", "print")


@dataclass(frozen=True)
class CapacityStep:
    """From a time of the night on there is so much of some resources."""

    clock: str
    amounts: Mapping[str, int]


@dataclass(frozen=True)
class ClosedSpan:
    """A stretch of the night in which nothing of ours runs: a backup, maintenance. `dates` empty: every night."""

    start: str
    end: str
    dates: frozenset[date] = frozenset()
    label: str = ""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> "ClosedSpan":
        """An entry of `blackouts` in a configuration file."""
        dates = frozenset(date.fromisoformat(text) for text in entry.get("dates") or ())
        return cls(entry["start"], entry["end"], dates, entry.get("label", ""))

    def holds_on(self, business_date: date) -> bool:
        """Whether that date's night has it."""
        return not self.dates or business_date in self.dates


@dataclass(frozen=True)
class WhatIf:
    """What is tried out in a plan: municipalities of another size (exact factors), nets moved to another date."""

    scales: Mapping[str, Fraction] = field(default_factory=dict)
    moves: Mapping[str, date] = field(default_factory=dict)

    def size_of(self, municipality_code: str, size: int) -> int:
        """The size to plan with, rounded up."""
        return -(-size * self.scales.get(municipality_code, Fraction(1)) // 1)

    def to_json(self) -> dict[str, Any]:
        """What was tried out."""
        return {
            "scales": {code: str(factor) for code, factor in self.scales.items()},
            "moves": {net: day.isoformat() for net, day in self.moves.items()},
        }


@dataclass(frozen=True)
class NightRequest:
    """What to plan. `window` is the night's start and end; an immediate night begins now, whatever the clock says.

    `capacity` holds from the start, `steps` change it later, in the `blackouts` nothing runs; an immediate night keeps to
    neither, as it keeps to no release. `seconds` is how long the planner may look for a better plan.
    """

    business_date: date
    capacity: Mapping[str, int]
    window: tuple[str, str]
    now: datetime
    is_immediate: bool = True
    is_staggered: bool = True
    extra_nets: frozenset[str] = frozenset()
    counter_limit_ms: int | None = None
    steps: tuple[CapacityStep, ...] = ()
    blackouts: tuple[ClosedSpan, ...] = ()
    jobs_per_municipality: int | None = None
    class_limits: Mapping[str, int] = field(default_factory=dict)
    use_limits: Mapping[str, int] = field(default_factory=dict)
    what_if: WhatIf = field(default_factory=WhatIf)
    seconds: float = 0.0

    @property
    def supply(self) -> dict[str, int]:
        """The capacity of every resource; one that is not stated is there once."""
        return {name: self.capacity.get(name, 1) for name in RESOURCES}

    @property
    def window_start(self) -> timedelta:
        """The window's start since the business date's midnight."""
        return parse_clock(self.window[0])

    @property
    def window_end(self) -> timedelta:
        """The window's end since the business date's midnight."""
        return parse_clock(self.window[1])

    @property
    def origin(self) -> datetime:
        """Moment 0 of the plan."""
        return self.now if self.is_immediate else moment_of(self.business_date, self.window_start)

    def moment_of(self, clock: str) -> int:
        """A time of the night in milliseconds from the plan's moment 0; 0 for what is before the window."""
        return max((parse_clock(clock) - self.window_start) // timedelta(milliseconds=1), 0)


def night_conditions(deployment: Mapping[str, Any]) -> dict[str, Any]:
    """What the deployment file says of every night beside capacity and window, as fields of a NightRequest."""
    steps = deployment.get("capacity_steps") or ()
    return {
        "steps": tuple(
            CapacityStep(step["from"], {name: amount for name, amount in step.items() if name != "from"})
            for step in steps
        ),
        "blackouts": tuple(ClosedSpan.of(entry) for entry in deployment.get("blackouts") or ()),
        "jobs_per_municipality": deployment.get("jobs_per_municipality"),
        "class_limits": deployment.get("class_limits") or {},
        "use_limits": deployment.get("use_limits") or {},
    }
