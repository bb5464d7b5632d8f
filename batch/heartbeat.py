"""Keep a claim alive while its job works."""

import logging
import threading
from types import TracebackType
from typing import Self

import psycopg

from batch.queue import Claim, QueueLink, renew_lease

_log = logging.getLogger(__name__)
_BEATS_PER_LEASE = 3
_PROGRESS_SECONDS = 1.0
"""Beats are at least this frequent, for they carry the progress that the operators see."""


class Heartbeat:
    """A thread that renews the lease and reports progress; `lost` is set when the queue has given the job away.

    While the database is away it goes on trying: whether the claim still holds is then asked again, not guessed.
    """

    def __init__(self, dsn: str, claim: Claim, lease_seconds: float) -> None:
        self._link = QueueLink(dsn)
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{claim.id}", daemon=True)
        self.lost = threading.Event()
        self.chunks_done = 0
        self.chunks_total: int | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._link.close()

    def _beat(self) -> None:
        interval = min(self._lease_seconds / _BEATS_PER_LEASE, _PROGRESS_SECONDS)
        while not self._stop.wait(interval):
            try:
                with self._link.transaction() as connection:
                    done, total = self.chunks_done, self.chunks_total
                    holds = renew_lease(connection, self._claim, self._lease_seconds, done=done, total=total)
            except psycopg.OperationalError as error:
                _log.warning("heartbeat of job %s: %s", self._claim.id, error)
                continue
            if not holds:
                self.lost.set()
                return
