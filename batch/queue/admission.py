"""Whether anything more may start now: the night's lock, and the counters' precedence over the batch."""

from dataclasses import dataclass
from enum import Enum, auto

from psycopg import Connection
from psycopg.rows import class_row

MAX_RUNNING_WHEN_SLOW = 1
_OVERLOAD_FACTOR = 2
_FRESH_SECONDS = 10

_COLUMNS = """
SELECT night_key, counter_limit_ms, coalesce(reaped_at < clock_timestamp() - interval '1 second', true) AS is_cut_off_due
FROM batch_night"""
_LOCK_RUNNING = f"{_COLUMNS} WHERE status = 'running' FOR UPDATE"
_LOCK_ONE = f"{_COLUMNS} WHERE night_key = %s FOR UPDATE"
_RUNNING = "SELECT count(*) FROM batch_job WHERE status = 'running'"
_SLOWEST = "SELECT max(p95_us) / 1000 FROM counter_load WHERE at > clock_timestamp() - make_interval(secs => %s)"


@dataclass(frozen=True)
class _NightRow:
    night_key: str
    counter_limit_ms: int | None
    is_cut_off_due: bool


@dataclass(frozen=True)
class LockedNight:
    """The night whose lock the transaction holds, with the number of jobs running."""

    night_key: str
    counter_limit_ms: int | None
    is_cut_off_due: bool
    running: int


class CounterState(Enum):
    """How the counters fare: calm lets the batch go on, slow lets one job run at a time, overloaded lets none start."""

    CALM = auto()
    SLOW = auto()
    OVERLOADED = auto()


def lock_night(connection: Connection, night_key: str | None = None) -> LockedNight | None:
    """Lock this night, or the one that is running; None when there is none. The lock ends with the transaction."""
    with connection.cursor(row_factory=class_row(_NightRow)) as cursor:
        cursor.execute(_LOCK_ONE, (night_key,)) if night_key else cursor.execute(_LOCK_RUNNING)
        row = cursor.fetchone()
    if row is None:
        return None
    count = connection.execute(_RUNNING).fetchone()
    return LockedNight(row.night_key, row.counter_limit_ms, row.is_cut_off_due, count[0] if count else 0)


def counter_state(connection: Connection, night: LockedNight) -> CounterState:
    """The state of the slowest web process that has reported lately; silence counts as calm."""
    if night.counter_limit_ms is None:
        return CounterState.CALM
    row = connection.execute(_SLOWEST, (_FRESH_SECONDS,)).fetchone()
    slowest = row[0] if row else None
    if slowest is None or slowest <= night.counter_limit_ms:
        return CounterState.CALM
    return CounterState.OVERLOADED if slowest > night.counter_limit_ms * _OVERLOAD_FACTOR else CounterState.SLOW
