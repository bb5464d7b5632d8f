"""The counter's use cases in a job of the night: the same code, the same checks, each in a transaction of its own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TypeVar

from yoriai.audit import Principal
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Database, WriteSession

Result = TypeVar("Result")
Opener = Callable[[], AbstractAsyncContextManager[WriteSession]]
"""Opens a writing transaction on the job's municipality, in the job's name."""


class _Undo(Exception):
    """Leaves a transaction by the way that rolls it back."""


class UseCases:
    """How a job runs use cases of the counter.

    What they write commits before the chunk's mark does, not with it: each has to be one that is done once, however often it is
    tried (a state in its own row, locked). With `undone` everything is rolled back: a rehearsal.
    """

    def __init__(self, dsn: str, tenant: TenantRef, login: str, *, undone: bool = False) -> None:
        self._dsn = dsn
        self._tenant = tenant
        self._principal = Principal(login=login, display_name="夜間処理", terminal="batch")
        self._undone = undone

    def run(self, work: Callable[[Opener], Awaitable[Result]]) -> Result:
        """Run the work to its end, with a way to open transactions; what it raises is raised."""
        return asyncio.run(self._run(work))

    async def _run(self, work: Callable[[Opener], Awaitable[Result]]) -> Result:
        database = Database(self._dsn, size=1)

        @asynccontextmanager
        async def opened() -> AsyncIterator[WriteSession]:
            try:
                async with database.write(self._tenant, self._principal) as session:
                    yield session
                    if self._undone:
                        raise _Undo
            except _Undo:
                return

        try:
            return await work(opened)
        finally:
            await database.close()
