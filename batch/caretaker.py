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

from batch.mail import MailRules, send_mails
from batch.notify import notify_duty
from batch.queue import QueueLink
from batch.queue.admission import CounterState, counter_load, lock_night, state_of
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
_MAIL_SECONDS = 30.0
_DRIFT_MS = 300_000
_TAKE = """
UPDATE batch_night SET caretaker = %(name)s, caretaker_until = clock_timestamp() + make_interval(secs => %(lease)s)
WHERE status = 'running' AND (caretaker = %(name)s OR caretaker_until IS NULL OR caretaker_until < clock_timestamp())
RETURNING night_key
"""
_PACE = """
UPDATE batch_night SET pace = %(pace)s, jobs_beside_counters = %(beside)s
WHERE night_key = %(night)s AND (pace, jobs_beside_counters) IS DISTINCT FROM (%(pace)s, %(beside)s)
"""
_BACKGROUND = """
INSERT INTO background_load (kind, at, running) VALUES ('batch', clock_timestamp(), %s)
ON CONFLICT (kind) DO UPDATE SET at = excluded.at, running = excluded.running
"""
_MORE_SECONDS, _LESS_SECONDS = 4.0, 1.5
"""One more job beside busy counters at most every four seconds, one less at most every one and a half."""
_QUIET_SECONDS = 6
"""So long must no job have worked before what the counters answer is their own doing again."""


class Caretaker:
    """The thread of one worker; `name` is the worker's."""

    def __init__(
        self, dsn: str, name: str, alert_command: Sequence[str] = (), mail_rules: MailRules | None = None
    ) -> None:
        self._dsn = dsn
        self._link = QueueLink(dsn)
        self._name = name
        self._alert_command = tuple(alert_command)
        self._mail_rules = mail_rules
        self._mailed_at = time.monotonic()
        self._meter = ProcessMeter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._care, name="caretaker", daemon=True)
        self._thinker: threading.Thread | None = None
        self._teller: threading.Thread | None = None
        self._watch_at = 0.0
        self._tended = ""
        self._changed_at = time.monotonic()
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
        if self._teller:
            self._teller.join()
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
            elif not self._tended and self._mail_rules and time.monotonic() - self._mailed_at > _MAIL_SECONDS:
                # Between nights: what no server has taken yet.
                self._mailed_at = time.monotonic()
                self._tell_duty("")
            elif self._tended:
                # It has ended since: the last look tells what stands at its end.
                if self._thinker:
                    self._thinker.join()
                self._watch(self._link, self._tended)
            self._tended = night_key
        except (psycopg.Error, YoriaiError) as error:
            # The night ended in between, the database restarts, a deadlock chose us: the next turn does it again.
            _log.warning("caretaker: %s", error)
        except Exception:
            # A fault of ours in one of its duties: the thread must live, else no worker would cut off or watch any more.
            _log.exception("caretaker")

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
            load = counter_load(connection)
            limit = night.counter_limit_ms
            # Without a limit the night does not look at the counters at all.
            state = CounterState.CALM if limit is None else state_of(load, limit)
            are_busy = limit is not None and load.are_busy
            beside = self._beside(night.jobs_beside_counters, state, are_busy=are_busy)
            connection.execute(_PACE, {"pace": state.pace, "beside": beside, "night": night_key})
            self._tell_counters(connection, working=night.running if state.pace else 0)
        with self._link.transaction() as connection:
            sample_use(connection, night_key, self._meter, state.pace)
        # Thinking about tens of thousands of jobs takes longer than the lease: it has a thread of its own, while this one goes on
        # renewing the lease, reaping and sampling. Else every worker in turn would take over and begin the same thought.
        if time.monotonic() >= self._watch_at and not (self._thinker and self._thinker.is_alive()):
            self._thinker = threading.Thread(target=self._think, args=(night_key,), name="thinker", daemon=True)
            self._thinker.start()

    def _think(self, night_key: str) -> None:
        link = QueueLink(self._dsn)
        try:
            self._look_ahead(link, night_key)
            begun = time.monotonic()
            self._watch(link, night_key)
            self._watch_at = time.monotonic() + max(_WATCH_SECONDS, (time.monotonic() - begun) * 10)
        except (psycopg.Error, YoriaiError) as error:
            _log.warning("looking ahead: %s", error)
        except Exception:
            _log.exception("looking ahead")
        finally:
            link.close()

    def _watch(self, link: QueueLink, night_key: str) -> None:
        with link.transaction() as connection:
            watch_night(connection, night_key)
        self._tell_duty(night_key)

    def _tell_duty(self, night_key: str) -> None:
        """Let the duty person's command have its time in a thread of its own: the night does not wait for a mail server."""
        if (self._alert_command or self._mail_rules) and not (self._teller and self._teller.is_alive()):
            self._teller = threading.Thread(target=self._tell, args=(night_key,), name="teller", daemon=True)
            self._teller.start()

    def _tell(self, night_key: str) -> None:
        link = QueueLink(self._dsn)
        try:
            with link.transaction() as connection:
                notify_duty(connection, night_key, self._alert_command)
            if self._mail_rules:
                with link.transaction() as connection:
                    send_mails(connection, self._mail_rules)
        except psycopg.Error as error:
            _log.warning("duty person not told: %s", error)
        finally:
            link.close()

    def _look_ahead(self, link: QueueLink, night_key: str) -> None:
        """Forecast, and plan the rest anew when the night has drifted far from its plan. Never more than a tenth of the time."""
        begun = time.monotonic()
        if begun < self._forecast_at:
            return
        with link.transaction() as connection:
            rest = read_rest(connection, night_key)
            forecast = store_forecast(connection, rest)
            planned_end = max((rest.moment(job.planned_start) + job.estimate_ms for job in rest.jobs), default=0)
        drift = abs(forecast.end - planned_end)
        if drift > _DRIFT_MS and begun - self._planned_at > _REPLAN_SECONDS and rest.jobs:
            self._planned_at = begun
            with link.transaction() as connection:
                replan_night(connection, night_key, by=SYSTEM, reason=f"見込みと計画の差 {drift // 60_000}分")
        self._forecast_at = begun + max(_FORECAST_SECONDS, (time.monotonic() - begun) * 10)

    def _beside(self, allowed: int | None, state: CounterState, *, are_busy: bool) -> int | None:
        """How many jobs may run beside the counters: carefully more while nobody notices, quickly fewer when somebody does."""
        if not are_busy:
            return None
        if allowed is None:
            return 1
        since = time.monotonic() - self._changed_at
        if state is CounterState.CALM and since > _MORE_SECONDS:
            allowed += 1
        elif state is not CounterState.CALM and since > _LESS_SECONDS:
            allowed = max(1, allowed - 1)
        else:
            return allowed
        self._changed_at = time.monotonic()
        return allowed

    def _tell_counters(self, connection: Connection, *, working: int) -> None:
        """Let the web processes know when what they measure is their own doing; what worked a moment ago still shows in it."""
        if working:
            self._worked_at = time.monotonic()
        is_quiet = time.monotonic() - self._worked_at > _QUIET_SECONDS
        connection.execute(_BACKGROUND, (0 if is_quiet else max(working, 1),))
