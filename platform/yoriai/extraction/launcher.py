"""Starts the worker's process for a municipality whose extraction was asked for. One at a time for each; it ends by itself."""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable

from yoriai.settings import ROOT, Settings

_log = logging.getLogger(__name__)


class Launcher:
    """Of one serving process. `run` starts the work for a municipality's code and waits for its end."""

    def __init__(self, run: Callable[[str], Awaitable[None]]) -> None:
        self._run = run
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def wake(self, code: str) -> None:
        """See to it that what waits in the municipality is worked off; returns at once."""
        if code in self._tasks:
            # It may just have looked for the last time.
            self._again.add(code)
            return
        self._tasks[code] = asyncio.create_task(self._work(code))

    async def settle(self) -> None:
        """Wait until nothing is at work any more."""
        while self._tasks:
            await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def stop(self, seconds: float) -> None:
        """Give what is at work so many seconds, then end it: a run that is cut off is taken up again, whole, by the next worker."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks.values(), timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _work(self, code: str) -> None:
        try:
            while True:
                self._again.discard(code)
                await self._run(code)
                if code not in self._again:
                    break
        except Exception:
            _log.exception("the extraction worker of %s failed", code)
        finally:
            self._tasks.pop(code, None)


def in_process_of_its_own(settings: Settings) -> Callable[[str], Awaitable[None]]:
    """Runs `yoriai.extraction.work` with these settings; the counters' process is not held up by it."""
    environment = {
        **os.environ,
        "YORIAI_DSN": settings.app_dsn,
        "YORIAI_DATA_KEYS": settings.data_keys,
        "YORIAI_SECRET": settings.secret,
        "YORIAI_TENANTS": str(settings.tenants),
        "YORIAI_VAR": str(settings.var),
        "PYTHONPATH": os.pathsep.join((str(ROOT / "platform"), str(ROOT))),
    }

    async def run(code: str) -> None:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "yoriai.extraction.work", code, env=environment, cwd=ROOT
        )
        try:
            status = await process.wait()
        except asyncio.CancelledError:
            process.terminate()
            await process.wait()
            raise
        if status:
            raise RuntimeError(f"the worker ended with {status}")

    return run
