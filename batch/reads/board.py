"""The board of a night: how many jobs stand where, which municipalities need attention, the end against the deadline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from batch.reads.jobs import JobRow
from batch.reads.nights import RESOURCE_LABELS, Night, NightOfCenter, decoded
from batch.reads.prefectures import PREFECTURES
from batch.reads.shown import GOOD, STATES, STOPPED, WAITING, State, with_shown
from yoriai.tenancy.session import Reader

_PLACE_ORDER = ("failed", "held", "running", "waiting", "warned", "succeeded")
GRID_LIMIT = 250
"""More municipalities than this are shown by prefecture, each of which opens its own grid."""
TROUBLES = 12
"""So many jobs that need somebody are listed on the board; the tiles have their number."""
ALIVE_SECONDS = 30
"""A worker that has not reported for longer counts as gone."""

# A job that waits behind a stopped one is late because of it: it is counted as blocked, not as late.
_COUNTS = with_shown("""
SELECT j.municipality_code, s.state, count(*) AS jobs,
  count(*) FILTER (WHERE s.state <> 'blocked' AND (s.is_late_start OR s.is_late_end OR s.is_missing)) AS late,
  count(*) FILTER (WHERE s.state <> 'blocked' AND s.is_late_start) AS late_starts,
  count(*) FILTER (WHERE s.state <> 'blocked' AND s.is_late_end) AS late_ends,
  count(*) FILTER (WHERE s.state <> 'blocked' AND s.is_missing) AS missing,
  max(coalesce(j.ended_at, j.expected_end, j.planned_end)) AS ends_at, max(j.deadline_at) AS deadline_at,
  coalesce(sum(j.cpu) FILTER (WHERE s.state = 'running'), 0) AS cpu,
  coalesce(sum(j.io) FILTER (WHERE s.state = 'running'), 0) AS io,
  coalesce(sum(j.connections) FILTER (WHERE s.state = 'running'), 0) AS connections,
  coalesce(sum(j.print) FILTER (WHERE s.state = 'running'), 0) AS print
FROM batch_job j JOIN shown s ON s.id = j.id WHERE j.night_key = $1 GROUP BY j.municipality_code, s.state
""")
_TROUBLE = with_shown("""
SELECT j.id, j.municipality_code, j.net, j.label, s.state, s.is_late_start, s.is_late_end, s.is_missing, j.message,
  j.planned_start, j.started_at, j.ended_at, j.expected_end, j.deadline_at, j.attempts
FROM batch_job j JOIN shown s ON s.id = j.id
WHERE j.night_key = $1 AND s.state <> 'blocked'
  AND (s.state IN ('failed', 'cutoff', 'killed', 'held', 'external') OR s.is_late_start OR s.is_late_end OR s.is_missing)
ORDER BY array_position(ARRAY['failed', 'cutoff', 'killed'], s.state), s.is_missing DESC, s.is_late_end DESC, j.planned_start, j.id
LIMIT $3
""")
_WORKERS = """
SELECT count(*) FILTER (WHERE seen_at > $1) AS alive, count(*) FILTER (WHERE seen_at > $1 AND job_id IS NOT NULL) AS busy,
  count(*) FILTER (WHERE seen_at <= $1 AND seen_at > $2) AS gone
FROM batch_worker
"""
_LAST_USE = """
SELECT at, worker_cpu_millicores + database_cpu_millicores AS cpu_millicores, database_connections, io_kilobytes,
  counter_p95_us, pace
FROM batch_use WHERE night_key = $1 ORDER BY at DESC LIMIT 1
"""
_REQUESTS = "SELECT count(*) FROM batch_request WHERE night_key = $1 AND status = 'open'"


@dataclass(frozen=True)
class Totals:
    """Jobs by what the board counts, in its order."""

    all: int = 0
    stopped: int = 0
    blocked: int = 0
    held: int = 0
    running: int = 0
    waiting: int = 0
    warned: int = 0
    skipped: int = 0
    good: int = 0
    late: int = 0
    """Late in any of the three ways that follow."""
    late_starts: int = 0
    late_ends: int = 0
    missing: int = 0

    @property
    def done(self) -> int:
        """Jobs behind which others may go on."""
        return self.good + self.warned + self.skipped

    @property
    def state(self) -> State:
        """The one state that stands for all, the worst first."""
        for code, count in (
            ("failed", self.stopped + self.missing + self.late_ends),
            ("held", self.held + self.blocked + self.late_starts),
            ("running", self.running),
            ("waiting", self.waiting),
            ("warned", self.warned),
        ):
            if count:
                return STATES[code]
        return STATES["succeeded"]


@dataclass(frozen=True)
class Place:
    """A municipality, or a prefecture with the municipalities in it, in the grid."""

    code: str
    name: str
    totals: Totals
    ends_at: datetime | None
    municipalities: int = 1

    @property
    def word(self) -> str:
        """What the cell says besides its colour."""
        totals = self.totals
        if totals.stopped:
            return f"異常{totals.stopped}"
        if totals.missing or totals.late_ends:
            return "遅延"
        if totals.held:
            return f"保留{totals.held}"
        if totals.late_starts:
            return "開始遅延"
        if totals.blocked:
            return f"閉塞{totals.blocked}"
        if totals.running:
            return "実行中"
        if totals.waiting:
            return "待ち" if totals.done == 0 else "進行中"
        return "警告あり" if totals.warned else "完了"


@dataclass(frozen=True)
class Trouble:
    """A job that needs somebody: stopped, held, late, or about to miss its deadline."""

    id: int
    municipality_code: str
    name: str
    net: str
    label: str
    state: State
    marks: tuple[str, ...]
    message: str
    planned_start: datetime
    started_at: datetime | None
    ended_at: datetime | None
    expected_end: datetime | None
    deadline_at: datetime
    attempts: int


@dataclass(frozen=True)
class Alert:
    """A message to the duty person, with the number of jobs that wait behind its one cause."""

    id: int
    kind: str
    job_id: int
    municipality_code: str
    severity: str
    message: str
    affected: int
    raised_at: datetime
    cleared_at: datetime | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    escalated_at: datetime | None
    name: str = ""
    """The municipality's name."""


@dataclass(frozen=True)
class Gauge:
    """A resource: reserved by what runs now, against what there is."""

    name: str
    reserved: int
    capacity: int

    @property
    def label(self) -> str:
        """Its Japanese name."""
        return RESOURCE_LABELS[self.name]


@dataclass(frozen=True)
class Board:
    """A night at one moment."""

    night: Night
    at: datetime
    totals: Totals
    places: tuple[Place, ...]
    is_by_prefecture: bool
    troubles: tuple[Trouble, ...]
    alerts: tuple[Alert, ...]
    alert_count: int
    gauges: tuple[Gauge, ...]
    ends_at: datetime | None
    deadline_at: datetime | None
    workers_alive: int
    workers_busy: int
    workers_gone: int
    open_requests: int
    pace: int = 100
    counter_p95_us: int | None = None
    counter_limit_ms: int | None = None
    measured: dict[str, int] = field(default_factory=dict)
    prefecture: str = ""

    @property
    def spare(self) -> timedelta | None:
        """From the expected end to the deadline; negative: it will be missed."""
        return self.deadline_at - self.ends_at if self.ends_at and self.deadline_at else None


async def read_board(
    session: Reader, night: Night, center: NightOfCenter, names: dict[str, str], at: datetime, *, prefecture: str = ""
) -> Board:
    """The board of the centre; `prefecture` (two digits) limits the grid to the municipalities in it."""
    key = night.night_key
    rows = await session.fetch(_COUNTS, key, at)
    workers = await session.fetchrow(
        _WORKERS, at - timedelta(seconds=ALIVE_SECONDS), at - timedelta(seconds=60 * ALIVE_SECONDS)
    )
    use = await session.fetchrow(_LAST_USE, key)
    places = _places(rows, names)
    is_by_prefecture = len(places) > GRID_LIMIT and not prefecture
    if is_by_prefecture:
        places = _by_prefecture(places)
    elif prefecture:
        places = [place for place in places if place.code.startswith(prefecture)]
    ends_at = max((row["ends_at"] for row in rows), default=None)
    if night.status == "running" and "end" in center.forecast:
        ends_at = datetime.fromisoformat(center.forecast["end"])
    return Board(
        night=night,
        at=at,
        totals=_totals(rows),
        places=tuple(places),
        is_by_prefecture=is_by_prefecture,
        troubles=tuple(await list_troubles(session, key, names, at)),
        alerts=tuple(await list_open_alerts(session, key, names)),
        alert_count=await count_open_alerts(session, key),
        gauges=tuple(
            Gauge(name, sum(int(row[name]) for row in rows), capacity)
            for name, capacity in capacity_at(center, at).items()
            if capacity
        ),
        ends_at=ends_at,
        deadline_at=max((row["deadline_at"] for row in rows), default=None),
        workers_alive=workers["alive"] if workers else 0,
        workers_busy=workers["busy"] if workers else 0,
        workers_gone=workers["gone"] if workers else 0,
        open_requests=int(await session.fetchval(_REQUESTS, key)),
        pace=center.pace,
        counter_p95_us=use["counter_p95_us"] if use else None,
        counter_limit_ms=center.counter_limit_ms,
        measured={name: int(use[name]) for name in ("cpu_millicores", "database_connections", "io_kilobytes")}
        if use
        else {},
        prefecture=PREFECTURES.get(prefecture, ""),
    )


def totals_of(jobs: Iterable[JobRow]) -> Totals:
    """The jobs by where they stand."""
    return _totals(
        {
            "state": job.state.code,
            "jobs": 1,
            "late": job.state.code != "blocked" and (job.is_late_start or job.is_late_end or job.is_missing),
            "late_starts": job.state.code != "blocked" and job.is_late_start,
            "late_ends": job.state.code != "blocked" and job.is_late_end,
            "missing": job.state.code != "blocked" and job.is_missing,
        }
        for job in jobs
    )


async def list_places(session: Reader, night: Night, names: dict[str, str], at: datetime) -> list[Place]:
    """The municipalities of the night, the worst first."""
    return _places(await session.fetch(_COUNTS, night.night_key, at), names)


async def list_troubles(
    session: Reader, night_key: str, names: dict[str, str], at: datetime, limit: int = TROUBLES
) -> list[Trouble]:
    """The jobs that need somebody, causes only: what merely waits behind them is left out."""
    found = []
    for row in await session.fetch(_TROUBLE, night_key, at, limit):
        values = dict(row)
        late_start, late_end, missing = (values.pop(name) for name in ("is_late_start", "is_late_end", "is_missing"))
        state = STATES[values.pop("state")]
        marks = [
            text
            for text, holds in (("打切時刻超過見込", missing), ("終了遅延", late_end), ("開始遅延", late_start))
            if holds
        ]
        name = names.get(values["municipality_code"], values["municipality_code"])
        found.append(Trouble(name=name, state=state, marks=tuple(marks), **values))
    return found


_ALERT_COUNT = "SELECT count(*) FROM batch_alert WHERE night_key = $1 AND cleared_at IS NULL"
_ALERTS = """
SELECT id, kind, job_id, municipality_code, severity, message, affected, raised_at, cleared_at, acknowledged_by,
  acknowledged_at, note, escalated_at
FROM batch_alert WHERE night_key = $1 AND cleared_at IS NULL
ORDER BY acknowledged_at IS NOT NULL, array_position(ARRAY['critical', 'warning', 'info'], severity), raised_at LIMIT 30
"""


async def count_open_alerts(session: Reader, night_key: str) -> int:
    """How many alerts are not over."""
    return int(await session.fetchval(_ALERT_COUNT, night_key))


async def list_open_alerts(session: Reader, night_key: str, names: Mapping[str, str]) -> list[Alert]:
    """What is not over: those nobody has acknowledged first, the severest first; 30 at most."""
    rows = await session.fetch(_ALERTS, night_key)
    return [Alert(**dict(row), name=names.get(row["municipality_code"], row["municipality_code"])) for row in rows]


def capacity_at(center: NightOfCenter, at: datetime) -> dict[str, int]:
    """The capacity of each resource at the moment: the night's, changed by the steps that have come."""
    capacity = dict(center.capacity)
    for step in center.steps:
        if datetime.fromisoformat(step["at"]) <= at:
            capacity.update({name: int(units) for name, units in decoded(step["capacity"]).items()})
    return capacity


def _totals(rows: Iterable[Any]) -> Totals:
    counts: dict[str, int] = {}
    late = late_starts = late_ends = missing = 0
    for row in rows:
        counts[row["state"]] = counts.get(row["state"], 0) + int(row["jobs"])
        late += row["late"]
        late_starts += row["late_starts"]
        late_ends += row["late_ends"]
        missing += row["missing"]
    return Totals(
        all=sum(counts.values()),
        stopped=_sum(counts, STOPPED),
        blocked=counts.get("blocked", 0),
        held=counts.get("held", 0),
        running=counts.get("running", 0),
        waiting=_sum(counts, WAITING),
        warned=counts.get("warned", 0),
        skipped=counts.get("skipped", 0),
        good=_sum(counts, GOOD),
        late=late,
        late_starts=late_starts,
        late_ends=late_ends,
        missing=missing,
    )


def _places(rows: Sequence[Any], names: dict[str, str]) -> list[Place]:
    """A cell for each municipality, the worst first, then by code."""
    grouped: dict[str, list[Any]] = {}
    for row in rows:
        grouped.setdefault(row["municipality_code"], []).append(row)
    places = [
        Place(code, names.get(code, code), _totals(own), max(row["ends_at"] for row in own))
        for code, own in grouped.items()
    ]
    return sorted(places, key=_worst_first)


def _by_prefecture(places: Sequence[Place]) -> list[Place]:
    grouped: dict[str, list[Place]] = {}
    for place in places:
        grouped.setdefault(place.code[:2], []).append(place)
    merged = [
        Place(
            code,
            PREFECTURES.get(code, code),
            Totals(**{name: sum(getattr(place.totals, name) for place in own) for name in Totals.__dataclass_fields__}),
            max((place.ends_at for place in own if place.ends_at), default=None),
            len(own),
        )
        for code, own in grouped.items()
    ]
    return sorted(merged, key=_worst_first)


def _worst_first(place: Place) -> tuple[int, str]:
    return (_PLACE_ORDER.index(place.totals.state.code), place.code)


def _sum(counts: dict[str, int], states: Iterable[str]) -> int:
    return sum(counts.get(state, 0) for state in states)
