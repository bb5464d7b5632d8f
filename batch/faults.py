"""Which errors pass by themselves, how long to wait before the next try, and what of an error may be told outside."""

import traceback
from dataclasses import dataclass
from pathlib import Path

import psycopg
from adbc_driver_manager import Error as BulkError
from adbc_driver_manager import OperationalError as BulkOperationalError

_TRANSIENT_CLASSES = ("08", "40", "53", "57")
"""SQLSTATE classes: connection, rolled back (deadlock), out of resources, operator intervention (restart)."""
_LOCK_NOT_AVAILABLE = "55P03"
_QUERY_CANCELED = "57014"
_LONGEST_SECONDS = 5.0
_NAMELESS_CLASSES = (*_TRANSIENT_CLASSES, "23", "42", "55")
"""SQLSTATE classes of which the first line names tables, columns and constraints only; others, like 22, quote values."""
_ROOT = str(Path(__file__).resolve().parents[1])


def is_timeout(error: BaseException) -> bool:
    """Whether the server ended a statement that took longer than its job may."""
    return isinstance(error, psycopg.Error | BulkError) and error.sqlstate == _QUERY_CANCELED


def is_transient(error: BaseException) -> bool:
    """Whether trying again can help: the database restarts, a connection broke, a deadlock chose this transaction."""
    if not isinstance(error, psycopg.Error | BulkError):
        return False
    state = error.sqlstate
    if state:
        return state != _QUERY_CANCELED and (state[:2] in _TRANSIENT_CLASSES or state == _LOCK_NOT_AVAILABLE)
    return isinstance(error, psycopg.OperationalError | BulkOperationalError)


def outside_words(error: BaseException) -> str:
    """An unexpected error for the queue, which the shared centre reads: its kind and place, and nothing of anybody's row.

    PostgreSQL puts the failing row into the details, Polars the failing values into the text: these stay in the worker's log.
    """
    kind, words = type(error).__name__, ""
    if isinstance(error, psycopg.Error | BulkError) and error.sqlstate:
        kind = f"{kind} {error.sqlstate}"
        if error.sqlstate[:2] in _NAMELESS_CLASSES:
            words = ": " + str(error).split("\n", 1)[0].rpartition("ERROR:")[2].strip()
    return f"{kind}{words}（{_place(error)}。詳しくはワーカーのログにあります。）"


def _place(error: BaseException) -> str:
    """File and line of the business at which it happened, not of the kernel or a library that it called."""
    frames = traceback.extract_tb(error.__traceback__)
    foreign = ("site-packages", f"{_ROOT}/platform/")
    own = [item for item in frames if item.filename.startswith(_ROOT) and not any(map(item.filename.count, foreign))]
    if not own:
        return "-"
    path = Path(own[-1].filename)
    return f"{path.parent.name}/{path.name}:{own[-1].lineno}"


@dataclass
class Backoff:
    """Doubling waits, up to five seconds each; `tries` counts them."""

    seconds: float = 0.1
    tries: int = 0

    def next_wait(self) -> float:
        """The seconds to wait before the next try."""
        wait = self.seconds
        self.seconds = min(self.seconds * 2, _LONGEST_SECONDS)
        self.tries += 1
        return wait
