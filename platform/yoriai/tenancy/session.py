"""The one place that makes connections and sessions. The edge commits: one request is one transaction.

A reading transaction is read-only in the database and speaks to asyncpg directly, because SQLAlchemy's Python time is two to
five times that of the driver. A writing transaction is a SQLAlchemy session. Neither exists without a choice of whose data.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from datetime import date
from typing import Any, Protocol

import asyncpg
import psycopg
from sqlalchemy import event, text
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine

from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.errors import ReadOnly, YoriaiError
from yoriai.tenancy.audit_writer import AuditWriter
from yoriai.tenancy.choice import CHOOSE, PLATFORM, PLATFORM_SCHEMA, Choice, choose_own_rows, choose_tenant
from yoriai.tenancy.faults import BROKEN, entering, worded
from yoriai.tenancy.ref import TenantRef

Record = Mapping[str, Any]
"""A row as the driver gives it: by column name, or by position like a tuple."""
_CHOOSE_NAMED = text(
    "SELECT set_config('role', :role, true), set_config('search_path', :path, true),"
    " set_config('transaction_read_only', :read_only, true)"
)


class Reader(Protocol):
    """What a function that only reads may ask of a transaction. Statements have `$1` placeholders."""

    principal: Principal

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Record]:
        """All rows."""

    async def fetchrow(self, sql: str, *arguments: Any) -> Record | None:
        """The first row."""

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row."""

    def audit(self, event: AuditEvent) -> None:
        """Record an act; it is durable before the answer leaves."""


class ReadSession:
    """A transaction that cannot write, over one asyncpg connection."""

    def __init__(self, connection: Any, principal: Principal) -> None:
        self._connection = connection
        self.principal = principal
        self.audit_events: list[AuditEvent] = []

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Record]:
        """All rows."""
        rows: Sequence[Record] = await self._connection.fetch(sql, *arguments)
        return rows

    async def fetchrow(self, sql: str, *arguments: Any) -> Record | None:
        """The first row."""
        row: Record | None = await self._connection.fetchrow(sql, *arguments)
        return row

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row."""
        return await self._connection.fetchval(sql, *arguments)

    def audit(self, event: AuditEvent) -> None:
        """Record an act; the edge writes it before the answer leaves."""
        self.audit_events.append(event)


class WriteSession(AsyncSession):
    """A transaction that may write; its audit events are its last statement."""

    principal: Principal
    audit_events: list[AuditEvent]

    async def driver(self) -> Any:
        """The asyncpg connection of this transaction."""
        connection = await self.connection()
        return (await connection.get_raw_connection()).driver_connection

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Record]:
        """All rows; pending changes are flushed first."""
        await self.flush()
        rows: Sequence[Record] = await (await self.driver()).fetch(sql, *arguments)
        return rows

    async def fetchrow(self, sql: str, *arguments: Any) -> Record | None:
        """The first row; pending changes are flushed first."""
        await self.flush()
        row: Record | None = await (await self.driver()).fetchrow(sql, *arguments)
        return row

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        """The first column of the first row; pending changes are flushed first."""
        await self.flush()
        return await (await self.driver()).fetchval(sql, *arguments)

    def audit(self, event: AuditEvent) -> None:
        """Record an act in this very transaction."""
        self.audit_events.append(event)


class Database:
    """The asynchronous way to the data: for the web and for commands. Opens no connection before the first use.

    While the database is away, every way in raises `Unavailable`; the first use after it is back works.
    With `read_only` (縮退運転 from a copy) a writing transaction raises `ReadOnly`; sights are audited all the same, in the copy.
    """

    def __init__(self, dsn: str, *, size: int = 10, read_only: bool = False) -> None:
        self._dsn = dsn
        self._size = size
        self._read_only = read_only
        self._engine: AsyncEngine = create_async_engine(
            dsn.replace("postgresql://", "postgresql+asyncpg://", 1),
            pool_size=size,
            max_overflow=0,
            connect_args={"statement_cache_size": 1024, "prepared_statement_cache_size": 1024},
        )
        event.listen(self._engine.sync_engine, "connect", _prepare_adapted)
        event.listen(self._engine.sync_engine, "checkout", _refuse_closed)
        self._pool: Any = None
        self._pool_lock = asyncio.Lock()
        self._writer = AuditWriter(self._acquire)

    async def close(self) -> None:
        """Return all connections; the object cannot be used after."""
        await self._writer.settle()
        await self._engine.dispose()
        if self._pool is not None:
            await self._pool.close()

    @asynccontextmanager
    async def read(self, tenant: TenantRef, principal: Principal) -> AsyncIterator[ReadSession]:
        """A reading transaction on a municipality; its audit events are durable when the block ends without error."""
        async with self._reading(choose_tenant(tenant), principal) as session:
            yield session

    @asynccontextmanager
    async def platform_read(self, principal: Principal) -> AsyncIterator[ReadSession]:
        """A reading transaction on the installation's own tables."""
        async with self._reading(PLATFORM, principal) as session:
            yield session

    @asynccontextmanager
    async def read_own_rows(self, tenant: TenantRef, principal: Principal) -> AsyncIterator[ReadSession]:
        """A reading transaction on a municipality's own rows of the installation's tables; audited in its own chain."""
        async with self._reading(choose_own_rows(tenant), principal, choose_tenant(tenant)) as session:
            yield session

    @asynccontextmanager
    async def write(self, tenant: TenantRef, principal: Principal) -> AsyncIterator[WriteSession]:
        """A writing transaction on a municipality: commits at the end of the block, rolls back on an error."""
        async with self._writing(choose_tenant(tenant), principal) as session:
            yield session

    @asynccontextmanager
    async def write_account(self, tenant: TenantRef | None, principal: Principal) -> AsyncIterator[WriteSession]:
        """A writing transaction for somebody who logs in (without a municipality: at the centre); possible on a copy, too."""
        async with self._writing(choose_tenant(tenant) if tenant else PLATFORM, principal, on_copies=True) as session:
            yield session

    @asynccontextmanager
    async def write_own_rows(self, tenant: TenantRef, principal: Principal) -> AsyncIterator[WriteSession]:
        """A writing transaction on a municipality's own rows of the installation's tables; audited in its own chain."""
        async with self._writing(choose_own_rows(tenant), principal, audit_choice=choose_tenant(tenant)) as session:
            yield session

    @asynccontextmanager
    async def platform_write(self, principal: Principal) -> AsyncIterator[WriteSession]:
        """A writing transaction on the installation's own tables."""
        async with self._writing(PLATFORM, principal) as session:
            yield session

    async def append_audit(self, tenant: TenantRef | None, principal: Principal, *events: AuditEvent) -> None:
        """Record acts outside any transaction, a refusal for example; durable on return."""
        choice = choose_tenant(tenant) if tenant else PLATFORM
        with worded():
            await self._writer.append(choice, to_rows(principal, events))

    @asynccontextmanager
    async def _reading(
        self, choice: Choice, principal: Principal, audit_choice: Choice | None = None
    ) -> AsyncIterator[ReadSession]:
        with worded():
            pool = await self._acquire()
            async with pool.acquire(timeout=_WAIT_SECONDS) as connection:
                session = ReadSession(connection, principal)
                try:
                    with entering():
                        await connection.execute(choice.opening(read_only=True))
                    yield session
                finally:
                    # A broken connection has ended the transaction by itself; its own error is the one to be told.
                    with suppress(*BROKEN):
                        await connection.execute("ROLLBACK")
            if session.audit_events:
                await self._writer.append(audit_choice or choice, to_rows(principal, session.audit_events))

    @asynccontextmanager
    async def _writing(
        self, choice: Choice, principal: Principal, audit_choice: Choice | None = None, *, on_copies: bool = False
    ) -> AsyncIterator[WriteSession]:
        if self._read_only and not on_copies:
            raise ReadOnly
        events: list[AuditEvent] = []
        try:
            with worded():
                async with WriteSession(self._engine, expire_on_commit=False) as session:
                    session.principal = principal
                    session.audit_events = events
                    await _choose(session, choice)
                    yield session
                    await session.flush()
                    if events:
                        if audit_choice:
                            await _choose(session, audit_choice)
                        await session.fetchval(APPEND, to_argument(to_rows(principal, events)))
                    await session.commit()
        except YoriaiError:
            # The act is undone, but what a refusal has shown was seen: a namesake's number, for example.
            if seen := [event for event in events if event.is_sight]:
                await self._writer.append(audit_choice or choice, to_rows(principal, seen))
            raise

    async def _acquire(self) -> Any:
        if self._pool is None:
            async with self._pool_lock:
                if self._pool is None:
                    # The transaction's end leaves nothing behind; asyncpg's own reset would cost a round trip each time.
                    self._pool = await asyncpg.create_pool(
                        self._dsn,
                        min_size=1,
                        max_size=self._size,
                        statement_cache_size=1024,
                        init=_keep_dates,
                        reset=_keep,
                    )
        return self._pool


async def _choose(session: WriteSession, choice: Choice) -> None:
    role, path, read_only = choice.arguments(read_only=False)
    with entering():
        await session.execute(_CHOOSE_NAMED, {"role": role, "path": path, "read_only": read_only})


_WAIT_SECONDS = 30
"""Longest wait for a connection: then the person is told, instead of waiting behind everybody else for ever."""
_DAY_ZERO = date(2000, 1, 1).toordinal()


async def _keep_dates(connection: Any) -> None:
    """Send 9999-12-31, the open end of a period, as that day: asyncpg by itself turns it into `infinity`, another day."""
    await connection.set_type_codec(
        "date",
        schema="pg_catalog",
        encoder=lambda day: (day.toordinal() - _DAY_ZERO,),
        decoder=lambda parts: date.fromordinal(parts[0] + _DAY_ZERO),
        format="tuple",
    )


def _prepare_adapted(connection: Any, _record: Any) -> None:
    connection.run_async(_keep_dates)


def _refuse_closed(connection: Any, _record: Any, _proxy: Any) -> None:
    """Let the pool open a new connection where the server has closed one that lay idle; costs no round trip."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError


async def _keep(connection: Any) -> None:
    """Hand the connection back as it is, unless a transaction was left open."""
    if connection.is_in_transaction():
        await connection.execute("ROLLBACK")


@contextmanager
def platform_connection(dsn: str) -> Iterator[psycopg.Connection]:
    """A synchronous transaction on the installation's own tables, for workers; commits at the end of the block."""
    with psycopg.connect(dsn) as connection:
        choose_platform(connection)
        yield connection


@contextmanager
def probe_connection(dsn: str) -> Iterator[psycopg.Connection]:
    """A synchronous transaction of an availability probe, whose role reaches the tables it writes alone; commits at the end."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SELECT set_config('search_path', %s, true)", (PLATFORM_SCHEMA,))
        yield connection


def choose_platform(connection: psycopg.Connection) -> None:
    """Choose the installation's own tables for the connection's current transaction."""
    role, path, read_only = PLATFORM.arguments(read_only=False)
    statement = CHOOSE.replace("$1", "%s").replace("$2", "%s").replace("$3", "%s")
    connection.execute(statement, (role, path, read_only))


def stop_backends(dsn: str, pids: Sequence[int], *, terminate: bool = False) -> None:
    """Cancel what these server processes of our own login do; `terminate` ends their connections too.

    The login may do so without having chosen anything: it can read no data by it.
    """
    statement = "SELECT pg_terminate_backend(pid)" if terminate else "SELECT pg_cancel_backend(pid)"
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(f"{statement} FROM unnest(%s::int[]) AS pid", (list(pids),))
