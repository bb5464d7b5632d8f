"""Whether anything more may start now: the night's lock, the machine's measured use, the counters' precedence over the batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from yoriai.load import ENOUGH_REQUESTS

MAX_RUNNING_WHEN_SLOW = 1
_OVERLOAD_FACTOR = 2
_FRESH_SECONDS = 10
_SAMPLE_SECONDS = 3
_SLOW_PERCENT = 110
_OVERLOAD_PERCENT = 125
"""Of the counters' 95th percentile while no job runs: above the first one job runs at a time, above the second all pause."""

_COLUMNS = """
SELECT n.night_key, n.counter_limit_ms, n.jobs_beside_counters, n.use_limits,
  coalesce(n.reaped_at < clock_timestamp() - interval '1 second', true) AS is_cut_off_due,
  (SELECT count(*) FROM batch_job j WHERE j.status = 'running') AS running
FROM batch_night n"""
_LOCK_RUNNING = f"{_COLUMNS} WHERE n.status = 'running' FOR UPDATE OF n"
_LOCK_ONE = f"{_COLUMNS} WHERE n.night_key = %s FOR UPDATE OF n"
_READ_ONE = f"{_COLUMNS} WHERE n.night_key = %s"
_LOAD = """
SELECT max(p95_us) AS slowest_us, max(quiet_us) AS quiet_us,
  max(p95_us * 100 / nullif(quiet_us, 0)) FILTER (WHERE requests >= %(enough)s) AS percent,
  coalesce(bool_or(requests >= %(enough)s), false) AS are_busy
FROM counter_load WHERE at > clock_timestamp() - make_interval(secs => %(fresh)s)
"""
_USE = """
SELECT worker_cpu_millicores + database_cpu_millicores AS cpu_millicores, io_kilobytes, database_connections AS connections
FROM batch_use WHERE night_key = %s AND at > clock_timestamp() - make_interval(secs => %s) ORDER BY at DESC LIMIT 1
"""


@dataclass(frozen=True)
class AdmittingNight:
    """What admission looks at: the night, and the number of jobs running."""

    night_key: str
    counter_limit_ms: int | None
    jobs_beside_counters: int | None
    use_limits: Mapping[str, Any]
    is_cut_off_due: bool
    running: int


@dataclass(frozen=True)
class CounterLoad:
    """What the web processes have reported lately: the slowest 95th percentile, and the largest in percent of what the same
    process answers while nothing works in the background. `are_busy` says whether there are people at the counters at all.
    """

    slowest_us: int | None = None
    quiet_us: int | None = None
    percent: int | None = None
    are_busy: bool = False


class CounterState(Enum):
    """How the counters fare: calm lets the batch go on, slow lets one job work at a time and half of it, overloaded none."""

    CALM = auto()
    SLOW = auto()
    OVERLOADED = auto()

    @property
    def pace(self) -> int:
        """The percentage of the time that running jobs work."""
        return {CounterState.CALM: 100, CounterState.SLOW: 50, CounterState.OVERLOADED: 0}[self]


def lock_night(connection: Connection, night_key: str | None = None) -> AdmittingNight | None:
    """Lock this night, or the one that is running; None when there is none. The lock ends with the transaction."""
    if night_key is None:
        return _one(connection, _LOCK_RUNNING, ())
    return _one(connection, _LOCK_ONE, (night_key,))


def read_night(connection: Connection, night_key: str) -> AdmittingNight | None:
    """The night without its lock."""
    return _one(connection, _READ_ONE, (night_key,))


def counter_load(connection: Connection) -> CounterLoad:
    """What the web processes have reported lately; silence is no load."""
    with connection.cursor(row_factory=class_row(CounterLoad)) as cursor:
        found = cursor.execute(_LOAD, {"enough": ENOUGH_REQUESTS, "fresh": _FRESH_SECONDS}).fetchone()
    return found or CounterLoad()


def counter_state(connection: Connection, night: AdmittingNight) -> CounterState:
    """The counters' state, by the stated limit and by how much slower they are than while no job ran."""
    if night.counter_limit_ms is None:
        return CounterState.CALM
    return state_of(counter_load(connection), night.counter_limit_ms)


def state_of(load: CounterLoad, limit_ms: int) -> CounterState:
    """By the stated limit, and by how much slower the counters are than by themselves; the worse of both. Pure."""
    limit_us = limit_ms * 1000
    absolute = _state(load.slowest_us, limit_us, limit_us * _OVERLOAD_FACTOR)
    relative = _state(load.percent, _SLOW_PERCENT, _OVERLOAD_PERCENT)
    return min(absolute, relative, key=lambda state: state.pace)


def may_start(connection: Connection, night: AdmittingNight) -> bool:
    """Whether anything more may start at all, before capacity and limits are asked."""
    counters = counter_state(connection, night)
    if counters is CounterState.OVERLOADED or (
        counters is CounterState.SLOW and night.running >= MAX_RUNNING_WHEN_SLOW
    ):
        return False
    if night.jobs_beside_counters is not None and night.running >= night.jobs_beside_counters:
        return False
    return not (night.running and is_machine_full(connection, night))


def is_machine_full(connection: Connection, night: AdmittingNight) -> bool:
    """Whether the last sample of measured use reaches a limit: then nothing more starts, whatever the reservations say."""
    if not night.use_limits:
        return False
    row = connection.execute(_USE, (night.night_key, _SAMPLE_SECONDS)).fetchone()
    if row is None:
        return False
    use = dict(zip(("cpu_millicores", "io_kilobytes", "connections"), row, strict=True))
    return any(use[name] >= limit for name, limit in night.use_limits.items())


def _state(value: int | None, slow: int, overload: int) -> CounterState:
    if value is None or value <= slow:
        return CounterState.CALM
    return CounterState.OVERLOADED if value > overload else CounterState.SLOW


def _one(connection: Connection, statement: str, arguments: tuple[str, ...]) -> AdmittingNight | None:
    with connection.cursor(row_factory=class_row(AdmittingNight)) as cursor:
        return cursor.execute(statement.encode(), arguments).fetchone()
