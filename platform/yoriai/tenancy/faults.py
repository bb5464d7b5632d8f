"""What a driver's error means to whoever asked: the database is away, or it cannot store what was supplied."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from yoriai.errors import Closed, Invalid, Unavailable, YoriaiError

BROKEN = (asyncpg.InterfaceError, asyncpg.InternalClientError, asyncpg.PostgresConnectionError)
"""What asyncpg raises on a connection that has just broken."""
_AWAY_CLASSES = ("08", "53")
_AWAY_STATES = ("57P01", "57P02", "57P03")
"""Connection and resource errors; shut down, crashed, starting up."""
_UNSTORABLE_STATES = ("22003", "22008", "22021", "22P05")
"""A number or date out of range, a character the database has not (NUL)."""
_UNSTORABLE = "数が大きすぎるか、使えない文字が含まれています。"


@contextmanager
def worded() -> Iterator[None]:
    """Raise `Unavailable` or `Invalid` in place of the driver's error that means so; all others pass."""
    try:
        yield
    except Exception as error:
        expected = _meaning(error)
        if expected is None:
            raise
        raise expected from error


@contextmanager
def entering() -> Iterator[None]:
    """Raise `Closed` where the database does not let the application take a municipality's role (`yoriai.tenancy.closing`)."""
    try:
        yield
    except asyncpg.InsufficientPrivilegeError as error:
        raise Closed from error
    except DBAPIError as error:
        if error.orig and isinstance(error.orig.__cause__, asyncpg.InsufficientPrivilegeError):
            raise Closed from error
        raise


def _meaning(error: Exception) -> YoriaiError | None:
    # A plain OSError is asyncpg's "none of the addresses answers"; its subclasses may be a missing file of ours.
    is_network = isinstance(error, ConnectionError | TimeoutError | socket.gaierror) or type(error) is OSError
    if is_network or isinstance(error, PoolTimeoutError):
        return Unavailable()
    if isinstance(error, DBAPIError):
        if error.connection_invalidated:
            return Unavailable()
        # SQLAlchemy wraps the driver's error twice.
        cause = error.orig.__cause__ if error.orig else None
        return _meaning(cause) if isinstance(cause, Exception) else None
    if isinstance(error, asyncpg.InternalClientError):
        return Unavailable()
    if isinstance(error, asyncpg.InterfaceError):
        # The same class tells of our own mistakes, such as two statements at once.
        return Unavailable() if "closed" in str(error) else None
    if isinstance(error, asyncpg.PostgresError):
        state = str(error.sqlstate)
        if state[:2] in _AWAY_CLASSES or state in _AWAY_STATES:
            return Unavailable()
        # A value the driver itself could not encode has no SQLSTATE of its own, but a cause.
        if state in _UNSTORABLE_STATES or isinstance(error.__cause__, OverflowError | UnicodeError):
            return Invalid(_UNSTORABLE)
    return None
