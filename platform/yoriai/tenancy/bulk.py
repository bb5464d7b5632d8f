"""Bulk access for batch jobs and loaders: a transaction that reads and writes Polars frames (ADBC, binary COPY).

Reading and writing a frame is within two times of a pure `INSERT … SELECT`; row by row it is twenty to three hundred times that.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any

import polars as pl

from yoriai.tenancy.choice import CHOOSE, Choice, choose_tenant
from yoriai.tenancy.ref import TenantRef

_CHOOSE_IN_TIME = f"{CHOOSE}, set_config('statement_timeout', $4, true)"
_COLUMN_TYPES = """
SELECT a.attname, t.typname FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
"""


class BulkReadSession:
    """A transaction on one municipality that reads frames."""

    def __init__(self, connection: Any, tenant: TenantRef) -> None:
        self._connection = connection
        self.tenant = tenant

    def read(self, sql: str, params: Sequence[Any] = ()) -> pl.DataFrame:
        """The rows as a frame; `$1` placeholders. Money columns must be bigint: numeric would not arrive as a number."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, list(params) or None)
            table = cursor.fetch_arrow_table()
        frame = pl.from_arrow(table)
        if isinstance(frame, pl.Series):
            return frame.to_frame()
        return frame

    def stream(self, sql: str, params: Sequence[Any] = (), *, rows: int) -> Iterator[pl.DataFrame]:
        """The rows as frames of at most `rows` each, through a cursor of the server: never more than one of them in memory.

        The whole is read by one process of the server, beside whatever else it does. At least one frame comes, an empty one where
        there are no rows, so that the columns are known.
        """
        with self._connection.cursor() as cursor:
            cursor.execute(f"DECLARE streamed NO SCROLL CURSOR FOR {sql}", list(params) or None)
            # ADBC puts what it reads into a COPY, which takes no FETCH.
            cursor.adbc_statement.set_options(**{"adbc.postgresql.use_copy": "false"})
            is_first = True
            while True:
                cursor.execute(f"FETCH FORWARD {rows:d} FROM streamed")
                frame = pl.from_arrow(cursor.fetch_arrow_table())
                if not isinstance(frame, pl.DataFrame):
                    raise TypeError("a cursor gives frames")
                if frame.is_empty() and not is_first:
                    break
                yield frame
                is_first = False
                if frame.height < rows:
                    break
            cursor.execute("CLOSE streamed")


class BulkWriteSession(BulkReadSession):
    """A transaction on one municipality that also writes frames."""

    def execute(self, sql: str, params: Sequence[Any] = ()) -> int:
        """Run a statement; the number of rows it touched, or -1 where the server does not say."""
        with self._connection.cursor() as cursor:
            cursor.execute(sql, list(params) or None)
            return int(cursor.rowcount)

    def append(self, table: str, frame: pl.DataFrame) -> int:
        """Add the frame's rows to the table of the same column names; the number of rows.

        Types are made the table's own first, since binary COPY takes no other. A `jsonb` column is not supported this way:
        pass such values through `execute`. Raises ValueError for a column the table does not have.
        """
        if frame.is_empty():
            return 0
        import pyarrow as pa

        known = _arrow_types()
        types = dict(self.read(_COLUMN_TYPES, (table,)).rows())
        arrow = frame.to_arrow()
        fields = []
        for name in arrow.column_names:
            if (kind := types.get(name)) not in known:
                raise ValueError(
                    f"{table}.{name}: {'no such column' if kind is None else f'type {kind} is not supported'}"
                )
            fields.append(pa.field(name, known[kind]))
        with self._connection.cursor() as cursor:
            cursor.adbc_ingest(table, arrow.cast(pa.schema(fields)), mode="append")
        return frame.height


class BulkDatabase:
    """The synchronous way to the data in bulk.

    ADBC reads the whole type catalogue whenever it connects (65 ms with two municipalities, more with each further one).
    `keep=True` keeps connections for the next transaction; role and search path end with the transaction all the same.
    `connected` hears the number of the server's process of each new connection.
    """

    def __init__(self, dsn: str, *, keep: bool = False, connected: Callable[[int], None] = lambda _: None) -> None:
        self._dsn = dsn
        self._keep = keep
        self._connected = connected
        self._idle: list[_Held] = []
        self._busy: list[_Held] = []

    def backend_pids(self) -> list[int]:
        """The server's processes that work for this object at the moment: what to cancel to stop them."""
        return [held.pid for held in self._busy]

    def close(self) -> None:
        """Close the kept connections."""
        while self._idle:
            self._idle.pop().connection.close()

    @contextmanager
    def read(self, tenant: TenantRef, *, timeout_seconds: int = 0) -> Iterator[BulkReadSession]:
        """A reading transaction on a municipality, with a time-out for each statement like `write`."""
        with self._open(choose_tenant(tenant), read_only=True, timeout_seconds=timeout_seconds) as connection:
            yield BulkReadSession(connection, tenant)

    @contextmanager
    def write(self, tenant: TenantRef, *, timeout_seconds: int = 0) -> Iterator[BulkWriteSession]:
        """A writing transaction on a municipality: commits at the end of the block, rolls back on an error.

        With a time-out the server ends any statement that takes longer (SQLSTATE 57014).
        """
        with self._open(choose_tenant(tenant), read_only=False, timeout_seconds=timeout_seconds) as connection:
            yield BulkWriteSession(connection, tenant)
            connection.commit()

    @contextmanager
    def _open(self, choice: Choice, *, read_only: bool, timeout_seconds: int) -> Iterator[Any]:
        held = self._idle.pop() if self._idle else self._connect()
        connection = held.connection
        self._busy.append(held)
        is_sound = False
        try:
            with connection.cursor() as cursor:
                timeout = f"{timeout_seconds}s"
                cursor.execute(_CHOOSE_IN_TIME, [*choice.arguments(read_only=read_only), timeout])
                cursor.fetchall()
            yield connection
            connection.rollback()
            is_sound = True
        finally:
            self._busy.remove(held)
            if is_sound and self._keep:
                self._idle.append(held)
            else:
                connection.close()

    def _connect(self) -> "_Held":
        from adbc_driver_postgresql import dbapi

        connection = dbapi.connect(self._dsn)
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            pid = int(cursor.fetchall()[0][0])
        connection.rollback()
        self._connected(pid)
        return _Held(connection, pid)


@dataclass(frozen=True)
class _Held:
    connection: Any
    pid: int


@cache
def _arrow_types() -> dict[str, Any]:
    """The Arrow type of each PostgreSQL type that a job may write. pyarrow is slow to import, and few commands need it."""
    import pyarrow as pa

    return {
        "int2": pa.int16(),
        "int4": pa.int32(),
        "int8": pa.int64(),
        "bool": pa.bool_(),
        "date": pa.date32(),
        "text": pa.string(),
        "bytea": pa.binary(),
        "timestamptz": pa.timestamp("us", tz="UTC"),
        "_text": pa.list_(pa.string()),
        "_int8": pa.list_(pa.int64()),
    }
