"""The year as nights: what every night has to carry, where peaks collide, and which heavy runs to move so that the peak is least.

A night is a window of fixed length; what it carries is work, units × milliseconds of each resource, and its share is the
largest part of a resource's capacity that this work fills, in millionths. The peak over all nights is what is bought.
Pure: no database, no clock.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property

MILLION = 1_000_000
Work = tuple[int, ...]


@dataclass(frozen=True)
class SeasonRun:
    """One heavy run of a municipality: its usual night, the nights it may have, what it costs.

    Nights are positions in `SeasonDemand.nights`. `after` are runs that must not come on a later night.
    """

    key: str
    municipality: str
    net: str
    label: str
    usual: int
    nights: tuple[int, ...]
    work: Work
    after: tuple[str, ...] = ()


@dataclass(frozen=True)
class SeasonDemand:
    """The nights, what they carry in any case (`base`), and the runs that may move. `window` is in milliseconds."""

    nights: tuple[date, ...]
    capacity: Mapping[str, int]
    window: int
    base: tuple[Work, ...]
    runs: tuple[SeasonRun, ...]

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """The resource names in the order of every `Work`."""
        return tuple(self.capacity)

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each run in `runs`."""
        return {run.key: at for at, run in enumerate(self.runs)}

    @cached_property
    def room(self) -> Work:
        """Units × milliseconds a night has of each resource."""
        return tuple(amount * self.window for amount in self.capacity.values())

    def share_of(self, work: Sequence[int]) -> int:
        """How much of a night the work fills, in millionths of the scarcest resource, rounded up."""
        return max((-(-amount * MILLION // room) for amount, room in zip(work, self.room, strict=True)), default=0)

    def loads(self, assigned: Sequence[int]) -> list[list[int]]:
        """The work of every night when each run has the night given for it."""
        loads = [list(work) for work in self.base]
        for run, night in zip(self.runs, assigned, strict=True):
            for resource, amount in enumerate(run.work):
                loads[night][resource] += amount
        return loads

    def needed(self, work: Sequence[int]) -> dict[str, int]:
        """The least units of each resource on which the work can be done within the window."""
        return {name: -(-amount // self.window) for name, amount in zip(self.resources, work, strict=True)}


@dataclass(frozen=True)
class Move:
    """A run that gets another night. `saving` is by how much the peak would rise, in millionths, if it alone went back."""

    run: SeasonRun
    night: int
    saving: int


@dataclass(frozen=True)
class SingleMove:
    """What moving one run of the highest night, and nothing else, would save of the peak and of that night."""

    run: SeasonRun
    night: int
    peak_saving: int
    night_saving: int


@dataclass(frozen=True)
class Season:
    """A planned year: the night of each run before and after, and what no assignment can beat."""

    demand: SeasonDemand
    before: tuple[int, ...]
    after: tuple[int, ...]
    bound: int
    moves: tuple[Move, ...]
    single_moves: tuple[SingleMove, ...]
    faults: tuple[str, ...] = ()

    @cached_property
    def loads_before(self) -> list[list[int]]:
        """The work of every night as usual."""
        return self.demand.loads(self.before)

    @cached_property
    def loads_after(self) -> list[list[int]]:
        """The work of every night as planned."""
        return self.demand.loads(self.after)

    @property
    def peak_before(self) -> int:
        """The largest share of a night as usual, in millionths."""
        return max((self.demand.share_of(work) for work in self.loads_before), default=0)

    @property
    def peak_after(self) -> int:
        """The largest share of a night as planned, in millionths."""
        return max((self.demand.share_of(work) for work in self.loads_after), default=0)

    @property
    def gap_percent(self) -> str:
        """How far the planned peak is above the bound, rounded up: `1.25%`."""
        if not self.bound:
            return "0.00%"
        hundredths = -((self.bound - self.peak_after) * 10_000 // self.bound)
        return f"{hundredths // 100}.{hundredths % 100:02d}%"

    def highest(self, loads: Sequence[Sequence[int]], count: int) -> list[int]:
        """The nights with the largest shares, the largest first."""
        shares = [(-self.demand.share_of(work), at) for at, work in enumerate(loads)]
        return [at for _, at in sorted(shares)[:count]]


def check_season(demand: SeasonDemand, assigned: Sequence[int]) -> list[str]:
    """Every rule an assignment breaks: written from the definitions alone. Empty for one that holds."""
    faults = []
    night_of = dict(zip((run.key for run in demand.runs), assigned, strict=True))
    for run in demand.runs:
        night = night_of[run.key]
        if night not in run.nights:
            faults.append(f"{run.key}: {demand.nights[night]}の夜には置けません。")
        faults += [
            f"{run.key}: 先に行う{earlier}より前の夜になります。"
            for earlier in run.after
            if earlier in night_of and night_of[earlier] > night
        ]
    return faults
