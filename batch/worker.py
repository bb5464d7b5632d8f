"""A worker process: claim a job, run its chunks, report, claim the next. Any number, on any number of machines."""

import logging
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import psycopg

from batch.caretaker import Caretaker
from batch.catalogue import Catalogue
from batch.faults import Backoff, is_timeout, is_transient, outside_words
from batch.heartbeat import Heartbeat
from batch.mail import MailRules
from batch.queue import Claim, QueueLink, Totals, claim_job, finish_job, is_night_running, return_job
from batch.queue.workers import ProcessUse, forget_worker, report_worker
from batch.runner import ChunkRunner, RunLostError
from batch.states import Act
from batch.stopping import Stopper
from yoriai.clock import now
from yoriai.dates import fiscal_year_of
from yoriai.errors import Conflict, YoriaiError
from yoriai.jobs import Job, JobContext
from yoriai.priority import yield_backend
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.use_cases import UseCases

_log = logging.getLogger(__name__)
_MAX_MESSAGE = 2000
_REPORT_SECONDS = 2.0
_MOST_POLLS_APART, _FEWER_POLLS = 5, 1.5
"""An idle worker asks less and less often, up to five times the first wait apart: forty of them would keep the database busy by
asking. One that has just ended a job asks at once for the next, so successors do not wait for this.
"""
_MAX_TRIES = 12
"""Tries in place while the database is away: about 45 seconds. After that another worker may try."""


class StopRequestedError(Exception):
    """The process was asked to stop: the chunk at hand is done and the job goes back."""


@dataclass(frozen=True)
class WorkerOptions:
    """How a worker behaves. `until_settled` ends it with the night; without, it waits for the next."""

    name: str = ""
    lease_seconds: float = 30.0
    poll_seconds: float = 0.1
    until_settled: bool = False
    alert_command: tuple[str, ...] = ()
    """Takes what the duty person must know, as JSON on its standard input."""
    mail_rules: MailRules | None = None
    """Where alerts and reports go by mail; None: nowhere."""
    ends_with_parent: bool = False
    """Finish the chunk at hand and end when the supervisor is gone: whoever restarts it will start others."""
    exits_when_stuck: bool = False
    """End the process when a job that was taken away does not stop otherwise: where somebody starts another."""

    def full_name(self) -> str:
        """The worker's name in the queue: host and process unless given."""
        return self.name or f"{socket.gethostname()}:{os.getpid()}"


class Worker:
    """One worker. `configuration` reads a municipality's applied configuration when a job starts."""

    def __init__(
        self, dsn: str, catalogue: Catalogue, configuration: Callable[[TenantRef], TenantConfig], options: WorkerOptions
    ) -> None:
        self._dsn = dsn
        self._catalogue = catalogue
        self._configuration = configuration
        self._options = options
        self._name = options.full_name()
        self._link = QueueLink(dsn)
        self._bulk = BulkDatabase(dsn, keep=True, connected=yield_backend)
        self._stopper = Stopper(dsn, self._bulk.backend_pids, exits=options.exits_when_stuck)
        self._stopping = threading.Event()
        self._parent = os.getppid()
        self._reported_at = 0.0

    def stop(self) -> None:
        """Finish the chunk at hand, give the job back, end."""
        self._stopping.set()

    def listen_to_signals(self) -> None:
        """Stop on SIGTERM and SIGINT."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop())

    def run(self) -> int:
        """Work until stopped or, with `until_settled`, until no night runs; the number of jobs finished."""
        with Caretaker(self._dsn, self._name, self._options.alert_command, self._options.mail_rules):
            finished = self._work()
        self._sign_off()
        self._link.close()
        self._bulk.close()
        return finished

    def _work(self) -> int:
        finished = 0
        backoff = Backoff()
        idle = self._options.poll_seconds
        while not self._stopping.is_set():
            if self._options.ends_with_parent and os.getppid() != self._parent:
                break
            try:
                claim, is_over = self._claim()
                backoff = Backoff()
            except psycopg.OperationalError as error:
                _log.warning("queue not reachable: %s", error)
                self._stopping.wait(backoff.next_wait())
                continue
            if claim is not None:
                finished += self._execute(claim)
                idle = self._options.poll_seconds
            elif is_over and self._options.until_settled:
                break
            else:
                self._stopping.wait(idle)
                idle = min(idle * _FEWER_POLLS, self._options.poll_seconds * _MOST_POLLS_APART)
        return finished

    def _claim(self) -> tuple[Claim | None, bool]:
        with self._link.transaction() as connection:
            claim = claim_job(connection, self._name, self._options.lease_seconds)
            if claim is None and time.monotonic() - self._reported_at > _REPORT_SECONDS:
                self._reported_at = time.monotonic()
                report_worker(connection, self._name, None, ProcessUse())
            return claim, claim is None and not is_night_running(connection)

    def _sign_off(self) -> None:
        try:
            with self._link.transaction() as connection:
                forget_worker(connection, self._name)
        except psycopg.OperationalError as error:
            _log.warning("could not sign off: %s", error)

    def _execute(self, claim: Claim) -> bool:
        """Run the claimed job to its end and report; whether it was finished by this worker."""
        try:
            heartbeat = Heartbeat(
                self._dsn, claim, self._options.lease_seconds, worker=self._name, stopper=self._stopper
            )
            with heartbeat:
                totals = self._run_job(claim, heartbeat)
        except StopRequestedError:
            self._report(lambda connection: return_job(connection, claim, Act.GIVE_BACK, worker=self._name))
            return False
        except RunLostError:
            _log.warning("job %s of %s was taken away", claim.job_name, claim.municipality_code)
            return False
        except Exception as error:
            return self._fail(claim, error)
        act, message = _verdict(totals)
        return self._report(
            lambda connection: finish_job(connection, claim, act, totals, worker=self._name, message=message)
        )

    def _run_job(self, claim: Claim, heartbeat: Heartbeat) -> Totals:
        job = self._catalogue.get_job(claim.job_name)
        tenant = TenantRef(claim.municipality_code)
        backoff = Backoff()
        while True:
            try:
                context = JobContext(
                    tenant=tenant,
                    config=self._configuration(tenant),
                    business_date=claim.business_date,
                    fiscal_year=fiscal_year_of(claim.business_date),
                    run_key=claim.run_key,
                    now=now(),
                    use_cases=UseCases(self._dsn, tenant, f"batch:{claim.run_key}"),
                )
                return self._run_chunks(claim, job, context, heartbeat)
            except Exception as error:
                if heartbeat.lost.is_set():
                    # Its statements were cancelled because the job was taken away: the error is ours.
                    raise RunLostError from error
                if not is_transient(error) or backoff.tries >= _MAX_TRIES:
                    raise
                _log.warning("%s of %s goes on after: %s", claim.job_name, claim.municipality_code, error)
                self._stopping.wait(backoff.next_wait())

    def _run_chunks(self, claim: Claim, job: Job, context: JobContext, heartbeat: Heartbeat) -> Totals:
        runner = ChunkRunner(
            self._bulk, job, context, fence=claim.fence, worker=self._name, timeout_seconds=claim.timeout_seconds
        )
        chunks = runner.take_over()
        heartbeat.chunks_total = runner.chunks_total
        heartbeat.chunks_done = (runner.chunks_total or 0) - len(chunks)
        for chunk in chunks:
            if heartbeat.lost.is_set():
                raise RunLostError
            if self._stopping.is_set():
                raise StopRequestedError
            begun = time.monotonic()
            runner.run(chunk)
            heartbeat.chunks_done += 1
            heartbeat.give_way(time.monotonic() - begun, self._stopping)
        return runner.finish()

    def _fail(self, claim: Claim, error: Exception) -> bool:
        if is_timeout(error):
            error = Conflict(f"一つの文が制限時間（{claim.timeout_seconds}秒）を超えたため、打ち切りました。")
        is_expected = isinstance(error, YoriaiError)
        message = str(error) if is_expected else outside_words(error)
        trace = None if is_expected else error
        message = message[:_MAX_MESSAGE]
        _log.error("%s of %s: %s", claim.job_name, claim.municipality_code, message, exc_info=trace)
        if is_transient(error) and claim.attempts < claim.max_attempts:
            return self._report(
                lambda connection: return_job(connection, claim, Act.RETRY, worker=self._name, message=message)
            )
        return self._report(
            lambda connection: finish_job(connection, claim, Act.FAIL, Totals(), worker=self._name, message=message)
        )

    def _report(self, tell: Callable[[psycopg.Connection], bool]) -> bool:
        """Tell the queue, as long as it takes it to come back; False when the claim was lost in the meantime."""
        backoff = Backoff()
        while True:
            try:
                with self._link.transaction() as connection:
                    return tell(connection)
            except psycopg.OperationalError as error:
                if backoff.tries >= _MAX_TRIES:
                    # The lease runs out and another worker finds every chunk marked: nothing is lost but time.
                    _log.warning("could not report: %s", error)
                    return False
                self._stopping.wait(backoff.next_wait())


def _verdict(totals: Totals) -> tuple[Act, str]:
    if totals.rows_error:
        return Act.WARN, f"{totals.rows_error}件を処理できませんでした。"
    return Act.SUCCEED, ""
