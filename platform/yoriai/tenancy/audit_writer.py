"""Group commit for the audit events of reading requests.

A chain grows one transaction at a time, so one commit per request would make all readers of a municipality queue for the disk.
Instead the events of all requests that wait at the same moment are appended together; each request still waits until its own
events are durable before it answers.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from yoriai.audit import APPEND, to_argument
from yoriai.errors import Closed
from yoriai.tenancy.choice import Choice
from yoriai.tenancy.faults import entering

_REFUSED_CLASSES = ("22", "23")
"""SQLSTATE: the event itself is the cause; nothing was committed."""
_Waiting = list[tuple[Sequence[dict[str, Any]], asyncio.Future[None]]]


class AuditWriter:
    """Appends to many chains, each from one task at a time."""

    def __init__(self, acquire: Callable[[], Awaitable[Any]]) -> None:
        self._acquire = acquire
        self._waiting: dict[Choice, _Waiting] = defaultdict(list)
        self._tasks: dict[Choice, asyncio.Task[None]] = {}

    async def append(self, choice: Choice, rows: Sequence[dict[str, Any]]) -> None:
        """Add the events to the chain; returns when they are durable, raises what the database raised."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting[choice].append((rows, future))
        if choice not in self._tasks:
            self._tasks[choice] = asyncio.create_task(self._drain(choice))
        await future

    async def settle(self) -> None:
        """Wait until nothing is being appended any more."""
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _drain(self, choice: Choice) -> None:
        try:
            while waiting := self._waiting.pop(choice, []):
                await self._write(choice, waiting)
        finally:
            del self._tasks[choice]

    async def _write(self, choice: Choice, waiting: _Waiting) -> None:
        try:
            await self._append(choice, [row for batch, _ in waiting for row in batch])
        except Exception as error:
            if len(waiting) > 1 and str(getattr(error, "sqlstate", ""))[:2] in _REFUSED_CLASSES:
                # One that cannot be written must not take the others with it.
                for one in waiting:
                    await self._write(choice, [one])
            elif not waiting[0][1].done():
                waiting[0][1].set_exception(error)
            return
        except BaseException:
            for _, future in waiting:
                future.cancel()
            raise
        for _, future in waiting:
            if not future.done():
                future.set_result(None)

    async def _append(self, choice: Choice, rows: Sequence[dict[str, Any]]) -> None:
        pool = await self._acquire()
        async with pool.acquire() as connection:
            try:
                with entering():
                    await connection.execute(choice.opening(read_only=False))
            except Closed:
                await connection.execute("ROLLBACK")
                raise
            await connection.fetchval(APPEND, to_argument(rows))
            await connection.execute("COMMIT")
