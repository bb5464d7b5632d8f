"""Keep a claim alive while its job works, hear how the counters fare, and stop the work when the job was taken away."""

import logging
import os
import threading
import time
from types import TracebackType
from typing import Self

import psycopg

from batch.queue import Claim, QueueLink, Renewal, renew_lease
from batch.queue.admission import CounterState
from batch.queue.workers import report_worker
from batch.stopping import Stopper
from batch.use import ProcessMeter

_log = logging.getLogger(__name__)
_BEATS_PER_LEASE = 3
_BEAT_SECONDS = 1.0
"""Beats are at least this frequent: they carry the progress that operators see, and bring the counters' state."""
_SHORTEST_WAIT = 0.05


class Heartbeat:
    """A thread that renews the lease and reports progress; `lost` is set when the queue has given the job away.

    While the database is away it goes on trying: whether the claim still holds is then asked again, not guessed. When the claim
    is lost (another worker has it, an operator killed it, its time is over), `stopper` ends what the job is doing.
    """

    def __init__(self, dsn: str, claim: Claim, lease_seconds: float, *, worker: str, stopper: Stopper) -> None:
        self._link = QueueLink(dsn)
        self._claim = claim
        self._lease_seconds = lease_seconds
        self._worker = worker
        self._stopper = stopper
        self._meter = ProcessMeter([os.getpid()])
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{claim.id}", daemon=True)
        self.lost = threading.Event()
        self.counters = CounterState.CALM
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

    def give_way(self, worked_seconds: float, stopping: threading.Event) -> None:
        """Between chunks, let the counters have the machine: as long again while they are slow, until they recover else."""
        begun = time.monotonic()
        while not (self.lost.is_set() or stopping.is_set()):
            waited = time.monotonic() - begun
            if self.counters is CounterState.CALM or (self.counters is CounterState.SLOW and waited >= worked_seconds):
                return
            stopping.wait(_SHORTEST_WAIT)

    def _beat(self) -> None:
        interval = min(self._lease_seconds / _BEATS_PER_LEASE, _BEAT_SECONDS)
        while not self._stop.wait(interval):
            try:
                renewal = self._renew()
            except psycopg.OperationalError as error:
                _log.warning("heartbeat of job %s: %s", self._claim.id, error)
                continue
            self.counters = renewal.counters
            if not renewal.holds:
                self.lost.set()
                self._stopper.stop(self._stop)
                return

    def _renew(self) -> Renewal:
        with self._link.transaction() as connection:
            report_worker(connection, self._worker, self._claim.id, self._meter.read())
            done, total = self.chunks_done, self.chunks_total
            return renew_lease(connection, self._claim, self._lease_seconds, done=done, total=total)
