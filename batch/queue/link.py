"""A process's connection to the queue: opened when needed, opened again after the database was away."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import psycopg

from yoriai.priority import yield_backend
from yoriai.tenancy.session import choose_platform, platform_connection


class QueueLink:
    """One connection for one thread. A lost connection raises once and the next transaction opens a new one."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._stack = ExitStack()
        self._connection: psycopg.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[psycopg.Connection]:
        """A transaction on the installation's tables; commits at the end of the block, rolls back on an error."""
        connection = self._open()
        try:
            with connection.transaction():
                choose_platform(connection)
                yield connection
        except psycopg.OperationalError:
            self.close()
            raise

    def close(self) -> None:
        """Close the connection; the next transaction opens another."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
        with ExitStack() as stack:
            stack.push(self._stack.pop_all())

    def _open(self) -> psycopg.Connection:
        if self._connection is None or self._connection.closed:
            self._connection = self._stack.enter_context(platform_connection(self._dsn))
            self._connection.commit()
            yield_backend(self._connection.info.backend_pid)
        return self._connection
