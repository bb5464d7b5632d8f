"""How quickly the counters are answered, for the batch to give way: the 95th percentile of the last seconds."""

import asyncio
import logging
import os
import socket
import time
from collections import deque
from collections.abc import Awaitable, Callable
from statistics import median_high

from fastapi import Request
from starlette.responses import Response

from yoriai.audit import SYSTEM
from yoriai.load import ENOUGH_REQUESTS
from yoriai.tenancy.ref import CENTER
from yoriai.tenancy.session import Database

_log = logging.getLogger(__name__)
_WINDOW_SECONDS = 5.0
_REPORT_SECONDS = 1.0
_QUIET_REPORTS = 60
"""The minute of quiet that the median of the quiet reports covers."""
_REPORT = """
INSERT INTO counter_load (process, at, p95_us, requests, quiet_us) VALUES ($1, clock_timestamp(), $2, $3, $4)
ON CONFLICT (process) DO UPDATE SET at = excluded.at, p95_us = excluded.p95_us, requests = excluded.requests,
  quiet_us = excluded.quiet_us
RETURNING (SELECT coalesce(max(running), 0) FROM background_load WHERE at > clock_timestamp() - interval '10 seconds')
"""


class LoadMeter:
    """Collects the durations of requests and reports them to the platform schema while there are any."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._durations: deque[tuple[float, float]] = deque(maxlen=5000)
        self._quiet: deque[int] = deque(maxlen=_QUIET_REPORTS)
        self._name = f"web-{socket.gethostname()}-{os.getpid()}"

    async def measure(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Middleware: take the time of every request of a counter; static files and the centre's screens are none."""
        begun = time.monotonic()
        response = await call_next(request)
        if not request.url.path.startswith(("/static/", f"/{CENTER}/")):
            self._durations.append((time.monotonic(), time.monotonic() - begun))
        return response

    async def report_for_ever(self) -> None:
        """Write the current value every second while requests come in; a failure is left for the next time."""
        while True:
            await asyncio.sleep(_REPORT_SECONDS)
            recent = sorted(taken for at, taken in self._durations if at > time.monotonic() - _WINDOW_SECONDS)
            if recent:
                p95 = int(recent[int(len(recent) * 0.95) - 1 if len(recent) > 1 else 0] * 1_000_000)
                await self._report(p95, len(recent))

    async def _report(self, p95_us: int, requests: int) -> None:
        quiet = median_high(self._quiet) if self._quiet else None
        try:
            async with self._database.platform_write(SYSTEM) as session:
                running = await session.fetchval(_REPORT, self._name, p95_us, requests, quiet)
            if not running and requests >= ENOUGH_REQUESTS:
                self._quiet.append(p95_us)
        except Exception as error:
            # Whatever it is, the batch must go on hearing from this process once it has passed.
            _log.warning("counter load not reported: %s", error)
