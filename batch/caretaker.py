"""What has to be done once for all workers while a night runs: sample, reap, cut off, watch, forecast, plan anew.

Every worker has a caretaker thread, and the queue lets one of them at a time act, for a few seconds each time. When its
process is killed, the next one takes over: nobody has to start anything again.
"""

import logging
import threading
import time
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psycopg
from psycopg import Connection

from batch.notify import notify_duty
from batch.queue import QueueLink
from batch.queue.admission import counter_load, counter_state, lock_night
from batch.queue.claims import cut_off_late, reap_night, settle_night
from batch.rest import read_rest, replan_night, store_forecast
from batch.use import ProcessMeter, sample_use
from batch.watch import watch_night
from yoriai.audit import SYSTEM
from yoriai.errors import YoriaiError

_log = logging.getLogger(__name__)
_TICK_SECONDS = 0.5
_LEASE_SECONDS = 5
_WATCH_SECONDS = 3.0
_FORECAST_SECONDS = 5.0
_REPLAN_SECONDS = 300.0
_DRIFT_MS = 300_000
_TAKE = """
UPDATE batch_night SET caretaker = %(name)s, caretaker_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE status = 'running' AND (caretaker = %(name)s OR caretaker_until IS NULL OR caretaker_until < clock_timestamp())
RETURNING night_key
"""
_PACE = "UPDATE batch_night SET pace = %s WHERE night_key = %s AND pace <> %s"
_QUIET = "UPDATE batch_night SET counter_quiet_us = %s WHERE night_key = %s"
_SMOOTHING = 4
"""A new quiet reading counts a fourth: one odd second must not move the reference."""
_QUIET_SECONDS = 6
"""So long must no job have worked before the counters' response is what it is without the batch."""


class Caretaker:
    """The thread of one worker; `name` is the worker's."""

    def __init__(self, dsn: str, name: str, alert_command: Sequence[str] = ()) -> None:
        self._link = QueueLink(dsn)
        self._name = name
        self._alert_command = tuple(alert_command)
        self._meter = ProcessMeter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._care, name="caretaker", daemon=True)
        self._watched_at = 0.0
        self._tended = ""
        self._forecast_at = 0.0
        self._planned_at = time.monotonic()
        self._worked_at = time.monotonic()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self._thread.join()
        self._turn()
        self._link.close()

    def _care(self) -> None:
        while not self._stop.wait(_TICK_SECONDS):
            self._turn()

    def _turn(self) -> None:
        try:
            with self._link.transaction() as connection:
                night_key = self._take(connection)
            if night_key:
                self._tend(night_key)
            elif self._tended:
                # It has ended since: the last look tells what stands at its end.
                self._watch(self._tended)
            self._tended = night_key
        except (psycopg.Error, YoriaiError) as error:
            # The night ended in between, the database restarts, a deadlock chose us: the next turn does it again.
            _log.warning("caretaker: %s", error)

    def _take(self, connection: Connection) -> str:
        row = connection.execute(_TAKE, {"name": self._name, "lease": _LEASE_SECONDS}).fetchone()
        return str(row[0]) if row else ""

    def _tend(self, night_key: str) -> None:
        with self._link.transaction() as connection:
            night = lock_night(connection, night_key)
            if night is None:
                return
            reap_night(connection, night_key)
            if night.is_cut_off_due:
                cut_off_late(connection, night_key)
            settle_night(connection, night_key)
            state = counter_state(connection, night)
            connection.execute(_PACE, (state.pace, night_key, state.pace))
            self._learn_quiet(connection, night_key, night.counter_quiet_us, works=night.running > 0 and state.pace > 0)
        with self._link.transaction() as connection:
            sample_use(connection, night_key, self._meter, state.pace)
        if time.monotonic() - self._watched_at > _WATCH_SECONDS:
            self._watched_at = time.monotonic()
            self._look_ahead(night_key)
            self._watch(night_key)

    def _watch(self, night_key: str) -> None:
        with self._link.transaction() as connection:
            watch_night(connection, night_key)
        with self._link.transaction() as connection:
            notify_duty(connection, night_key, self._alert_command)

    def _look_ahead(self, night_key: str) -> None:
        """Forecast, and plan the rest anew when the night has drifted far from its plan. Never more than a tenth of the time."""
        begun = time.monotonic()
        if begun < self._forecast_at:
            return
        with self._link.transaction() as connection:
            rest = read_rest(connection, night_key)
            forecast = store_forecast(connection, rest)
            planned_end = max((rest.moment(job.planned_start) + job.estimate_ms for job in rest.jobs), default=0)
        drift = abs(forecast.end - planned_end)
        if drift > _DRIFT_MS and begun - self._planned_at > _REPLAN_SECONDS and rest.jobs:
            self._planned_at = begun
            with self._link.transaction() as connection:
                replan_night(connection, night_key, by=SYSTEM, reason=f"見込みと計画の差 {drift // 60_000}分")
        self._forecast_at = begun + max(_FORECAST_SECONDS, (time.monotonic() - begun) * 10)

    def _learn_quiet(self, connection: Connection, night_key: str, known_us: int | None, *, works: bool) -> None:
        """Learn how quickly the counters answer when the batch rests, while it rests."""
        if works:
            self._worked_at = time.monotonic()
        if time.monotonic() - self._worked_at < _QUIET_SECONDS:
            return
        current = counter_load(connection).telling_us
        if current is not None:
            quiet = current if known_us is None else (known_us * (_SMOOTHING - 1) + current) // _SMOOTHING
            connection.execute(_QUIET, (quiet, night_key))
