"""リハーサル: a municipality's nets run through on its real data, in one transaction that is rolled back at the end.

What a heavy yearly run will do, how long it takes and which rows it cannot process is known beforehand, and nothing has happened.
The rows it touches stay locked until it ends, so it belongs where no counter is open, or on a copy.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from batch.catalogue import Catalogue
from yoriai.audit import APPEND, AuditEvent, Principal, to_argument, to_rows
from yoriai.errors import FieldError, Invalid
from yoriai.jobs import Job, JobContext, RowError
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession

_SHOWN_ERRORS = 1_000


@dataclass(frozen=True)
class Rehearsed:
    """What a job would have done: counts, control total, the first thousand rows it could not process, milliseconds."""

    job: str
    label: str
    chunks: int
    rows_in: int
    rows_out: int
    rows_error: int
    control_total: int
    ms: int
    errors: tuple[RowError, ...]


class _Undo(Exception):
    """Leaves the transaction by the way that rolls it back."""


def rehearse(
    database: BulkDatabase, catalogue: Catalogue, nets: Sequence[str], context: JobContext, *, by: Principal
) -> list[Rehearsed]:
    """Run the nets' jobs in the order of their predecessors; raises what a job raises, after everything is undone.

    It shows whose rows fail, so the municipality's audit trail says first who rehearsed what. Raises Invalid for a net that
    nobody declares.
    """
    jobs = list(_in_order(_jobs_of(catalogue, nets)))
    event = AuditEvent("batch.rehearsal.view", detail={"nets": list(nets), "business_date": context.business_date})
    with database.write(context.tenant) as session:
        session.read(APPEND, (to_argument(to_rows(by, [event])),))
    done: list[Rehearsed] = []
    try:
        with database.write(context.tenant) as session:
            for job in jobs:
                done.append(_run(session, job, context))
            raise _Undo
    except _Undo:
        return done


def _jobs_of(catalogue: Catalogue, names: Sequence[str]) -> list[Job]:
    known = {net.name: net for net in catalogue.nets}
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        message = "ジョブネット「{}」はありません。ジョブネット: {}"
        raise Invalid(
            fields=[FieldError("net", message.format(name, ", ".join(known)), "choice") for name in unknown or ("",)]
        )
    return [job for name in names for job in known[name].jobs]


def _in_order(jobs: Sequence[Job]) -> Iterator[Job]:
    """Each after those of its predecessors that are rehearsed too; the catalogue has no cycle."""
    waiting = {job.name: job for job in jobs}
    while waiting:
        ready = [job for job in waiting.values() if not any(name in waiting for name in job.after)]
        for job in ready:
            del waiting[job.name]
            yield job


def _run(session: BulkWriteSession, job: Job, context: JobContext) -> Rehearsed:
    begun = time.monotonic()
    results = [job.run_chunk(session, context, chunk) for chunk in job.plan_chunks(session, context)]
    errors = [error for result in results for error in result.errors]
    return Rehearsed(
        job=job.name,
        label=job.label,
        chunks=len(results),
        rows_in=sum(result.rows_in for result in results),
        rows_out=sum(result.rows_out for result in results),
        rows_error=sum(result.rows_error for result in results),
        control_total=sum(result.control_total for result in results),
        ms=round((time.monotonic() - begun) * 1000),
        errors=tuple(errors[:_SHOWN_ERRORS]),
    )
