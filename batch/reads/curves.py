"""How much of each resource was planned, reserved and measured over a night: step curves, pure and from the tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from batch.reads.nights import Night, NightOfCenter, decoded
from yoriai.tenancy.session import Reader

Point = tuple[datetime, int]
"""From this moment on, so many units."""

_PLANNED = """
SELECT planned_start, planned_end, cpu, io, connections, print FROM batch_job WHERE night_key = $1 AND planned_end > planned_start
"""
# A claim takes the job's units; the next event of the job that leaves "running" gives them back.
_RESERVED = """
SELECT e.at, CASE WHEN e.to_status = 'running' THEN 1 ELSE -1 END AS sign, j.cpu, j.io, j.connections, j.print
FROM batch_event e JOIN batch_job j ON j.id = e.job_id
WHERE e.night_key = $1 AND (e.to_status = 'running') <> (e.from_status = 'running') ORDER BY e.at, e.id
"""
_MEASURED = """
SELECT at, worker_cpu_millicores + database_cpu_millicores AS cpu, database_connections AS connections, io_kilobytes AS io,
  counter_p95_us, pace
FROM batch_use WHERE night_key = $1 ORDER BY at
"""


@dataclass(frozen=True)
class ResourceCurve:
    """One resource over the night. `measured` is in thousandths of a unit for processors, in units for connections."""

    name: str
    capacity: tuple[Point, ...]
    planned: tuple[Point, ...]
    reserved: tuple[Point, ...]
    measured: tuple[Point, ...]

    @property
    def top(self) -> int:
        """The highest value there is, of capacity, plan and reservation."""
        return max((value for curve in (self.capacity, self.planned, self.reserved) for _, value in curve), default=0)

    @property
    def planned_peak(self) -> int:
        """The highest planned use."""
        return peak_of(self.planned)

    @property
    def reserved_peak(self) -> int:
        """The highest reserved use."""
        return peak_of(self.reserved)

    @property
    def measured_peak(self) -> int:
        """The highest measured use; 0 when nothing was measured."""
        return peak_of(self.measured)


@dataclass(frozen=True)
class CounterSample:
    """How the counters answered at a moment, and how fast the batch was let work."""

    at: datetime
    p95_us: int
    pace: int


@dataclass(frozen=True)
class NightCurves:
    """The curves of all resources of a night that have a capacity, and the counters."""

    resources: tuple[ResourceCurve, ...]
    counters: tuple[CounterSample, ...]


async def read_curves(session: Reader, night: Night, center: NightOfCenter) -> NightCurves:
    """Planned, reserved (exactly, from the log) and measured use (from the samples); needs the centre's session."""
    planned = await session.fetch(_PLANNED, night.night_key)
    reserved = await session.fetch(_RESERVED, night.night_key)
    measured = await session.fetch(_MEASURED, night.night_key)
    names = [name for name, units in center.capacity.items() if units]
    resources = [
        ResourceCurve(
            name=name,
            capacity=capacity_steps(night, center, name),
            planned=level(
                [(row["planned_start"], row[name]) for row in planned]
                + [(row["planned_end"], -row[name]) for row in planned]
            ),
            reserved=level([(row["at"], row["sign"] * row[name]) for row in reserved]),
            measured=tuple((row["at"], row[name]) for row in measured) if name in ("cpu", "connections") else (),
        )
        for name in names
    ]
    counters = tuple(
        CounterSample(row["at"], row["counter_p95_us"], row["pace"])
        for row in measured
        if row["counter_p95_us"] is not None
    )
    return NightCurves(tuple(resources), counters)


def level(moves: Iterable[tuple[datetime, int]]) -> tuple[Point, ...]:
    """The running sum of changes; what is freed at a moment is free for what begins at it."""
    points: list[Point] = []
    height = 0
    for at, change in sorted(moves, key=lambda move: move[0]):
        height += change
        if points and points[-1][0] == at:
            points[-1] = (at, height)
        else:
            points.append((at, height))
    return tuple(points)


def capacity_steps(night: Night, center: NightOfCenter, name: str) -> tuple[Point, ...]:
    """The capacity line of a resource: its steps, and nothing while a blackout holds for everybody."""
    changes: list[Point] = [(night.origin, center.capacity[name])]
    for step in center.steps:
        capacity: Mapping[str, int] = decoded(step["capacity"])
        if name in capacity:
            changes.append((datetime.fromisoformat(step["at"]), int(capacity[name])))
    changes.sort(key=lambda change: change[0])
    closed = [
        (datetime.fromisoformat(item["start"]), datetime.fromisoformat(item["end"]))
        for item in center.blackouts
        if not item.get("municipality_code")
    ]
    moments = sorted({at for at, _ in changes} | {at for span in closed for at in span})
    points: list[Point] = []
    for at in moments:
        units = next((value for since, value in reversed(changes) if since <= at), center.capacity[name])
        points.append((at, 0 if any(start <= at < end for start, end in closed) else units))
    return tuple(points)


def peak_of(curve: Sequence[Point]) -> int:
    """The highest value of a curve."""
    return max((value for _, value in curve), default=0)


def highest_between(curve: Sequence[Point], edges: Sequence[datetime]) -> list[int]:
    """The highest value in each of the spans between neighbouring edges; what has begun before a span still counts in it."""
    found = []
    position, current = 0, 0
    for end in edges[1:]:
        highest = current
        while position < len(curve) and curve[position][0] < end:
            current = curve[position][1]
            highest = max(highest, current)
            position += 1
        found.append(highest)
    return found
