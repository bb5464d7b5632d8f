"""Claim, renew, finish, reap: a worker's side of the queue. Each function runs in the caller's transaction.

Admission and the release of successors happen under the lock of the night's row, so that two workers neither overdraw
the capacity together nor both overlook that the other ended the last predecessor but one.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from psycopg import Connection
from psycopg.rows import class_row

from batch.queue import statements
from batch.queue.admission import CounterState, counter_state, lock_night, may_start, read_night
from batch.queue.events import log_changes
from batch.states import DONE, Act, Status, source_of, sources_of


@dataclass(frozen=True)
class Claim:
    """A job that a worker holds until the lease ends. `fence` proves it."""

    id: int
    night_key: str
    business_date: date
    municipality_code: str
    job_name: str
    run_key: str
    fence: int
    attempts: int
    max_attempts: int
    timeout_seconds: int = 0


@dataclass(frozen=True)
class Renewal:
    """What a sign of life is answered: whether the job is still the claim's, and how the counters fare."""

    holds: bool
    counters: CounterState


@dataclass(frozen=True)
class Totals:
    """What a job did: the sums over its chunks."""

    chunks: int = 0
    rows_in: int = 0
    rows_out: int = 0
    rows_error: int = 0
    control_total: int = 0


def claim_job(connection: Connection, worker: str, lease_seconds: float) -> Claim | None:
    """Take the next job that fits, in plan order; None when there is none, or the counters need the machine."""
    night = lock_night(connection)
    if night is None:
        return None
    reap_night(connection, night.night_key)
    if night.is_cut_off_due:
        cut_off_late(connection, night.night_key)
    if not may_start(connection, night):
        return None
    values = {
        "night_key": night.night_key,
        "source": source_of(Act.CLAIM, Status.RUNNING),
        "target": Status.RUNNING.value,
        "worker": worker,
        "lease": lease_seconds,
        "overtaking": statements.OVERTAKING_SECONDS,
    }
    with connection.cursor(row_factory=class_row(Claim)) as cursor:
        claim = cursor.execute(statements.CLAIM, values).fetchone()
    if claim is None:
        settle_night(connection, night.night_key)
        return None
    log_changes(connection, Act.CLAIM, [(claim.id, Status.READY)], actor=worker)
    return claim


def renew_lease(connection: Connection, claim: Claim, lease_seconds: float, *, done: int, total: int | None) -> Renewal:
    """Keep the job for another lease and report progress."""
    values = {"id": claim.id, "fence": claim.fence, "lease": lease_seconds, "done": done, "total": total}
    holds = connection.execute(statements.RENEW, values).rowcount == 1
    night = read_night(connection, claim.night_key)
    return Renewal(holds, counter_state(connection, night) if night else CounterState.CALM)


def finish_job(
    connection: Connection, claim: Claim, act: Act, totals: Totals, *, worker: str, message: str = ""
) -> bool:
    """End the job (`succeed`, `warn` or `fail`), free its successors, close the night if it was the last.

    False when the job is no longer the claim's: the holder's word counts no more and nothing is changed.
    """
    target = {Act.SUCCEED: Status.SUCCEEDED, Act.WARN: Status.WARNED, Act.FAIL: Status.FAILED}[act]
    lock_night(connection, claim.night_key)
    values: dict[str, Any] = {
        "id": claim.id,
        "fence": claim.fence,
        "target": target.value,
        "sources": sources_of(act, target),
        "message": message,
        **vars(totals),
    }
    if connection.execute(statements.END, values).rowcount == 0:
        return False
    log_changes(connection, act, [(claim.id, Status.RUNNING)], actor=worker, message=message)
    if target in DONE:
        free_successors(connection, claim.id, actor=worker)
    settle_night(connection, claim.night_key)
    return True


def return_job(connection: Connection, claim: Claim, act: Act, *, worker: str, message: str = "") -> bool:
    """Put the job back for another worker: `give_back` (a stopping worker; the attempt does not count) or `retry`."""
    lock_night(connection, claim.night_key)
    values = {
        "id": claim.id,
        "fence": claim.fence,
        "target": Status.READY.value,
        "sources": sources_of(act, Status.READY),
        "message": message,
        "uncounted": 1 if act is Act.GIVE_BACK else 0,
    }
    returned = connection.execute(statements.RETURN, values).rowcount == 1
    if returned:
        log_changes(connection, act, [(claim.id, Status.RUNNING)], actor=worker, message=message)
    return returned


def reap_night(connection: Connection, night_key: str) -> None:
    """Give the jobs of dead workers to others, or up after the last attempt."""
    message = "ワーカーの応答が途絶えました。"
    values = {
        "night_key": night_key,
        "source": source_of(Act.RETRY, Status.READY),
        "again": Status.READY.value,
        "failed": Status.FAILED.value,
        "message": message,
    }
    reaped = [(row[0], Status.RUNNING.value) for row in connection.execute(statements.REAP, values)]
    log_changes(connection, Act.RETRY, reaped, actor="reaper", message=message)


def cut_off_late(connection: Connection, night_key: str) -> None:
    """Stop what is past its deadline, running or not. This looks at every job, so once a second is enough."""
    connection.execute(statements.NOTE_REAPED, (night_key,))
    cut = {"night_key": night_key, "sources": sources_of(Act.CUT_OFF, Status.CUTOFF), "target": Status.CUTOFF.value}
    log_changes(
        connection,
        Act.CUT_OFF,
        [(row[0], row[1]) for row in connection.execute(statements.CUT_OFF, cut)],
        actor="reaper",
    )


def free_successors(connection: Connection, job_id: int, *, actor: str) -> None:
    """Make ready what waited for this job and for no other that is not done."""
    values = {
        "id": job_id,
        "target": Status.READY.value,
        "sources": sources_of(Act.FREE, Status.READY),
        "done": sorted(status.value for status in DONE),
    }
    freed = [(row[0], Status.WAITING.value) for row in connection.execute(statements.FREE, values)]
    log_changes(connection, Act.FREE, freed, actor=actor)


def settle_night(connection: Connection, night_key: str) -> None:
    """Close the night when nothing runs, is ready or held; what still waits has a predecessor that did not end well."""
    connection.execute(statements.SETTLE, {"night_key": night_key})
