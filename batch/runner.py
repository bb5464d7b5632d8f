"""Run a job chunk by chunk: results and completion mark are one transaction in the municipality's schema."""

import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from batch.queue.claims import Totals
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase, BulkReadSession

_FIND = "SELECT chunks_total FROM job_run WHERE run_key = $1"
_TAKE_OVER = """
INSERT INTO job_run (run_key, job_name, business_date, fence, status, chunks_total, started_at)
VALUES ($1, $2, $3, $4, 'running', $5, clock_timestamp())
ON CONFLICT (run_key) DO UPDATE SET fence = excluded.fence WHERE job_run.fence <= excluded.fence
RETURNING chunks_total, xmax = 0 AS is_new
"""
# The fence is one for all runs of a job in a night. A worker that still holds an older run, or only claimed it and slept since,
# would otherwise commit beside the run that does everything anew.
_END_EARLIER = """
INSERT INTO job_run (run_key, job_name, business_date, fence, status, chunks_total, started_at)
VALUES ($1, $2, $3, $4, 'done', 0, clock_timestamp())
ON CONFLICT (run_key) DO UPDATE SET fence = excluded.fence WHERE job_run.fence < excluded.fence RETURNING run_key
"""
# The same holds between nights of one business date: what a night that was run anew has left behind, claimed or half done, is over.
_NIGHT_OF_RUN = "substring(run_key from ':([0-9]+)([+][0-9]+)?$')::int"
_ONE_NIGHT_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))::text AS locked"
_LATER_RUN = f"""
SELECT run_key FROM job_run WHERE job_name = $1 AND business_date = $2 AND {_NIGHT_OF_RUN} > $3 LIMIT 1
"""  # noqa: S608
_END_NIGHTS = f"""
UPDATE job_run SET fence = {2**31 - 1} WHERE job_name = $1 AND business_date = $2 AND {_NIGHT_OF_RUN} < $3 RETURNING run_key
"""  # noqa: S608
_OPEN_CHUNKS = """
SELECT chunk_no, lower, upper FROM job_chunk WHERE run_key = $1 AND finished_at IS NULL ORDER BY chunk_no
"""
# The holder of a higher fence makes this touch no row. It comes last, so a worker that slept through its lease and
# wakes up in mid-chunk is refused at the end, and in the meantime blocks nobody.
_MARK = """
WITH mine AS (UPDATE job_run SET status = 'running' WHERE run_key = $1 AND fence = $2 RETURNING run_key)
UPDATE job_chunk c SET rows_in = $4, rows_out = $5, rows_error = $6, control_total = $7, worker = $8,
  finished_at = clock_timestamp()
FROM mine WHERE c.run_key = mine.run_key AND c.chunk_no = $3 AND c.finished_at IS NULL
RETURNING c.chunk_no
"""
_DONE = "UPDATE job_run SET status = 'done' WHERE run_key = $1 AND fence = $2 RETURNING chunks_total"
_TOTALS = """
SELECT count(*) AS chunks, coalesce(sum(rows_in), 0)::bigint AS rows_in, coalesce(sum(rows_out), 0)::bigint AS rows_out,
  coalesce(sum(rows_error), 0)::bigint AS rows_error, coalesce(sum(control_total), 0)::bigint AS control_total
FROM job_chunk WHERE run_key = $1 AND finished_at IS NOT NULL
"""


class RunLostError(Exception):
    """Another worker has taken the run over: nothing this one still writes may stay."""


class ChunkRunner:
    """The run of a job by the holder of a fence."""

    def __init__(
        self,
        database: BulkDatabase,
        job: Job,
        context: JobContext,
        *,
        fence: int,
        worker: str,
        timeout_seconds: int = 0,
    ) -> None:
        self._database = database
        self._timeout_seconds = timeout_seconds
        self._job = job
        self._context = context
        self._fence = fence
        self._worker = worker
        self.chunks_total: int | None = None

    def take_over(self) -> list[Chunk]:
        """Raise the fence and return the chunks still to do, planning them if nobody has. Raises RunLostError.

        All in one transaction, whose only locks are taken at its end: planning may be long and must block nobody.
        """
        key = self._context.run_key
        with self._database.write(self._context.tenant, timeout_seconds=self._timeout_seconds) as session:
            planned = [] if session.read(_FIND, (key,)).height else self._job.plan_chunks(session, self._context)
            values = (key, self._job.name, self._context.business_date, self._fence, len(planned))
            self._end_other_nights(session)
            self.chunks_total, is_new = self._own(session, _TAKE_OVER, values)
            if is_new:
                for earlier in earlier_runs(key):
                    session.read(_END_EARLIER, (earlier, *values[1:4]))
                session.append("job_chunk", self._frame(planned))
            return [Chunk(*row) for row in session.read(_OPEN_CHUNKS, (key,)).rows()]

    def _end_other_nights(self, session: BulkReadSession) -> None:
        """Fence off what earlier nights of the business date have left of the job. Raises RunLostError if a later one has begun."""
        base, night = night_of_run(self._context.run_key)
        if night is None:
            return
        session.read(_ONE_NIGHT_AT_A_TIME, (base,))
        which = (self._job.name, self._context.business_date, night)
        if session.read(_LATER_RUN, which).height:
            raise RunLostError
        session.read(_END_NIGHTS, which)

    def run(self, chunk: Chunk) -> ChunkResult:
        """Do the chunk and mark it, together or not at all. Raises RunLostError."""
        with self._database.write(self._context.tenant, timeout_seconds=self._timeout_seconds) as session:
            result = self._job.run_chunk(session, self._context, chunk)
            session.append("job_error", self._errors(chunk, result))
            counts = (result.rows_in, result.rows_out, result.rows_error, result.control_total)
            self._own(session, _MARK, (self._context.run_key, self._fence, chunk.no, *counts, self._worker))
        return result

    def finish(self) -> Totals:
        """Mark the run as done and add up its chunks. Raises RunLostError."""
        with self._database.write(self._context.tenant) as session:
            self._own(session, _DONE, (self._context.run_key, self._fence))
            return Totals(**session.read(_TOTALS, (self._context.run_key,)).row(0, named=True))

    def _errors(self, chunk: Chunk, result: ChunkResult) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "run_key": [self._context.run_key] * len(result.errors),
                "chunk_no": [chunk.no] * len(result.errors),
                "line_no": list(range(1, len(result.errors) + 1)),
                "subject": [error.subject for error in result.errors],
                "reason": [error.reason for error in result.errors],
            }
        )

    def _frame(self, chunks: Sequence[Chunk]) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "run_key": [self._context.run_key] * len(chunks),
                "chunk_no": [chunk.no for chunk in chunks],
                "lower": [chunk.lower for chunk in chunks],
                "upper": [chunk.upper for chunk in chunks],
            }
        )

    @staticmethod
    def _own(session: BulkReadSession, sql: str, params: Sequence[Any]) -> tuple[Any, ...]:
        """Run a fenced statement; its row. No row means that the fence has passed on."""
        frame = session.read(sql, params)
        if frame.is_empty():
            raise RunLostError
        return frame.row(0)


def earlier_runs(run_key: str) -> list[str]:
    """The keys under which the job ran before in the same night: `…`, `…+1`, up to the one before this. Pure."""
    base, _, generation = run_key.partition("+")
    return [base + (f"+{number}" if number else "") for number in range(int(generation or 0))]


def night_of_run(run_key: str) -> tuple[str, int | None]:
    """What the runs of a job on a business date have in common, and the number of their night; None outside any night. Pure."""
    found = re.fullmatch(r"(.*):(\d+)(?:\+\d+)?", run_key)
    return (found[1], int(found[2])) if found else (run_key, None)


def run_alone(database: BulkDatabase, job: Job, context: JobContext) -> Totals:
    """Run a whole job in this process, outside any night (a rehearsal, a test)."""
    runner = ChunkRunner(database, job, context, fence=1, worker="alone")
    for chunk in runner.take_over():
        runner.run(chunk)
    return runner.finish()
