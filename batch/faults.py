"""Which errors pass by themselves, and how long to wait before the next try."""

from dataclasses import dataclass

import psycopg
from adbc_driver_manager import Error as BulkError
from adbc_driver_manager import OperationalError as BulkOperationalError

_TRANSIENT_CLASSES = ("08", "40", "53", "57")
"""SQLSTATE classes: connection, rolled back (deadlock), out of resources, operator intervention (restart)."""
_LOCK_NOT_AVAILABLE = "55P03"
_QUERY_CANCELED = "57014"
_LONGEST_SECONDS = 5.0


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
