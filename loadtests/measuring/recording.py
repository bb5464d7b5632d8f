"""What a request does in the database, written down once and then done again without the application around it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from starlette.requests import Request

from yoriai.audit import Principal, to_rows
from yoriai.tenancy.choice import Choice, choose_tenant
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, ReadSession, Record
from yoriai.web.context import Ctx

STATEMENT_CACHE = 1024
"""As the application sets it: with asyncpg's own hundred the baseline would parse statements again and again."""


@dataclass(frozen=True)
class Call:
    """A statement, and the method of the connection that sends it."""

    method: str
    sql: str
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Transaction:
    """The statements of one reading request and the audit events that follow it."""

    choice: Choice
    calls: tuple[Call, ...]
    audit_rows: tuple[dict[str, Any], ...]

    async def replay(self, connection: Any) -> None:
        """The same transaction shape as the application's: one message to begin and choose, the statements, ROLLBACK."""
        await connection.execute(self.choice.opening(read_only=True))
        for call in self.calls:
            await getattr(connection, call.method)(call.sql, *call.arguments)
        await connection.execute("ROLLBACK")


class _RecordingSession(ReadSession):
    def __init__(self, connection: Any, principal: Principal, calls: list[Call]) -> None:
        super().__init__(connection, principal)
        self._calls = calls

    async def fetch(self, sql: str, *arguments: Any) -> Sequence[Record]:
        self._calls.append(Call("fetch", sql, arguments))
        return await super().fetch(sql, *arguments)

    async def fetchrow(self, sql: str, *arguments: Any) -> Record | None:
        self._calls.append(Call("fetchrow", sql, arguments))
        return await super().fetchrow(sql, *arguments)

    async def fetchval(self, sql: str, *arguments: Any) -> Any:
        self._calls.append(Call("fetchval", sql, arguments))
        return await super().fetchval(sql, *arguments)


class _RecordingDatabase(Database):
    """Lends one connection and remembers what was done with it."""

    def __init__(self, dsn: str, connection: Any) -> None:
        super().__init__(dsn)
        self._connection = connection
        self.calls: list[Call] = []
        self.audit_rows: list[dict[str, Any]] = []

    @asynccontextmanager
    async def read(self, tenant: TenantRef, principal: Principal) -> AsyncIterator[ReadSession]:
        """A reading transaction that is written down."""
        await self._connection.execute(choose_tenant(tenant).opening(read_only=True))
        session = _RecordingSession(self._connection, principal, self.calls)
        try:
            yield session
        finally:
            await self._connection.execute("ROLLBACK")
        self.audit_rows += to_rows(principal, session.audit_events)


async def record(
    dsn: str, config: TenantConfig, principal: Principal, handlers: Sequence[Callable[[Ctx], Awaitable[object]]]
) -> list[Transaction]:
    """Call the handlers of routes as the gate would, and give each one's transaction."""
    connection = await asyncpg.connect(dsn, statement_cache_size=STATEMENT_CACHE)
    transactions = []
    try:
        for handle in handlers:
            database = _RecordingDatabase(dsn, connection)
            await handle(Ctx(Request({"type": "http"}), database, config.tenant, config, principal))
            choice = choose_tenant(config.tenant)
            transactions.append(Transaction(choice, tuple(database.calls), tuple(database.audit_rows)))
    finally:
        await connection.close()
    return transactions
