"""A chunk's results and its mark commit together, for the holder of the highest fence only."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from batch.faults import outside_words
from batch.queue import Totals
from batch.runner import ChunkRunner, RunLostError, run_alone
from tests.batch import toy
from yoriai.clock import now
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase, BulkWriteSession
from yoriai.tenancy.config import TenantConfig

JOB = toy.CATALOGUE.get_job("toy.a")
COUNT = (
    "SELECT count(*) AS rows, count(DISTINCT n) AS distinct, coalesce(sum(value), 0)::bigint AS total FROM toy_double"
)
EVERYTHING = (toy.ROWS, toy.ROWS, toy.ROWS * (toy.ROWS + 1))


@pytest.fixture
def context(toy_configs: Sequence[TenantConfig]) -> JobContext:
    """A run of the toy job for the first municipality."""
    config = toy_configs[0]
    return JobContext(config.tenant, config, toy.DAY, 2026, f"{config.code}:{toy.DAY}:toy.a:0", now())


def _count(bulk: BulkDatabase, context: JobContext) -> tuple[int, ...]:
    with bulk.read(context.tenant) as session:
        return session.read(COUNT).row(0)


def test_a_run_does_every_chunk_once_and_adds_them_up(bulk: BulkDatabase, context: JobContext) -> None:
    totals = run_alone(bulk, JOB, context)
    assert totals == Totals(toy.ROWS // toy.CHUNK_ROWS, toy.ROWS, toy.ROWS, 0, EVERYTHING[2])
    assert _count(bulk, context) == EVERYTHING


def test_a_resumed_run_goes_on_with_the_chunks_planned_at_first(bulk: BulkDatabase, context: JobContext) -> None:
    first = ChunkRunner(bulk, JOB, context, fence=1, worker="first")
    for chunk in first.take_over()[:3]:
        first.run(chunk)
    replanned = replace(JOB, plan_chunks=lambda *_: [Chunk(1, 0, 10_000)])
    second = ChunkRunner(bulk, replanned, context, fence=2, worker="second")
    assert [chunk.no for chunk in second.take_over()] == [4, 5, 6]


def test_a_woken_worker_cannot_commit(bulk: BulkDatabase, context: JobContext) -> None:
    zombie = ChunkRunner(bulk, JOB, context, fence=1, worker="zombie")
    chunks = zombie.take_over()
    zombie.run(chunks[0])
    run_rest = ChunkRunner(bulk, JOB, context, fence=2, worker="alive")
    remaining = run_rest.take_over()
    with pytest.raises(RunLostError):
        zombie.run(chunks[1])
    with pytest.raises(RunLostError):
        zombie.take_over()
    for chunk in remaining:
        run_rest.run(chunk)
    with pytest.raises(RunLostError):
        zombie.finish()
    run_rest.finish()
    assert _count(bulk, context) == EVERYTHING


def test_a_worker_that_is_overtaken_in_mid_chunk_leaves_nothing(bulk: BulkDatabase, context: JobContext) -> None:
    overtaken: list[int] = []

    def overtake(session: BulkWriteSession, inner: JobContext, chunk: Chunk) -> ChunkResult:
        result = toy.double(session, inner, chunk)
        if not overtaken:
            overtaken.append(chunk.no)
            other = ChunkRunner(bulk, JOB, context, fence=2, worker="other")
            for open_chunk in other.take_over():
                other.run(open_chunk)
            other.finish()
        return result

    slow = ChunkRunner(bulk, replace(JOB, run_chunk=overtake), context, fence=1, worker="slow")
    with pytest.raises(RunLostError):
        for chunk in slow.take_over():
            slow.run(chunk)
    assert _count(bulk, context) == EVERYTHING


def test_a_chunk_that_fails_leaves_nothing(bulk: BulkDatabase, context: JobContext) -> None:
    def fail(session: BulkWriteSession, inner: JobContext, chunk: Chunk) -> ChunkResult:
        toy.double(session, inner, chunk)
        raise ZeroDivisionError

    job: Job = replace(JOB, run_chunk=fail)
    with pytest.raises(ZeroDivisionError):
        run_alone(bulk, job, context)
    assert _count(bulk, context) == (0, 0, 0)


def test_a_job_without_chunks_ends_at_once(bulk: BulkDatabase, context: JobContext) -> None:
    assert run_alone(bulk, replace(JOB, plan_chunks=lambda *_: []), context) == Totals()


@pytest.mark.parametrize("has_begun", [True, False])
def test_a_worker_of_the_run_before_commits_nothing_beside_the_run_from_the_top(
    bulk: BulkDatabase, context: JobContext, *, has_begun: bool
) -> None:
    zombie = ChunkRunner(bulk, JOB, context, fence=1, worker="zombie")
    chunks = zombie.take_over() if has_begun else []
    again = ChunkRunner(bulk, JOB, replace(context, run_key=f"{context.run_key}+2"), fence=4, worker="again")
    for chunk in again.take_over():
        again.run(chunk)
    again.finish()
    with pytest.raises(RunLostError):
        zombie.run(chunks[0]) if has_begun else zombie.take_over()
    assert _count(bulk, context) == EVERYTHING


def test_what_is_told_of_an_error_names_nobody(bulk: BulkDatabase, context: JobContext) -> None:
    """The queue is the shared centre's: PostgreSQL's details and Polars' texts quote rows of a municipality."""

    def store(*_: object) -> None:
        with bulk.write(context.tenant) as session:
            row = ("山田太郎", "toy.a", toy.DAY, 1, "bad", 1, now())
            session.execute("INSERT INTO job_run VALUES ($1, $2, $3, $4, $5, $6, $7)", row)

    def read(*_: object) -> None:
        with bulk.read(context.tenant) as session:
            session.read("SELECT $1::text::bigint", ("山田太郎",))

    def convert(*_: object) -> None:
        pl.Series(["山田太郎"]).cast(pl.Int64)

    told = []
    for fail in (store, read, convert):
        with pytest.raises(Exception, match="山田太郎") as caught:
            fail()
        told.append(outside_words(caught.value))
        assert "山田" not in told[-1]
        assert "batch/test_chunk_runner.py:" in told[-1]
    assert 'IntegrityError 23514: new row for relation "job_run" violates check constraint' in told[0]


def test_a_worker_of_a_night_that_was_run_anew_cannot_commit(bulk: BulkDatabase, context: JobContext) -> None:
    again = replace(context, run_key=context.run_key.removesuffix(":0") + ":1")
    zombie = ChunkRunner(bulk, JOB, context, fence=7, worker="zombie")
    chunks = zombie.take_over()
    totals = run_alone(bulk, JOB, again)
    with pytest.raises(RunLostError):
        zombie.run(chunks[0])
    assert totals.rows_out == toy.ROWS
    assert _count(bulk, context) == EVERYTHING


def test_nor_one_that_had_only_claimed_a_job_of_it(bulk: BulkDatabase, context: JobContext) -> None:
    again = replace(context, run_key=context.run_key.removesuffix(":0") + ":10+2")
    run_alone(bulk, JOB, again)
    for earlier in (context.run_key, context.run_key.removesuffix(":0") + ":9+1"):
        zombie = ChunkRunner(bulk, JOB, replace(context, run_key=earlier), fence=7, worker="zombie")
        with pytest.raises(RunLostError):
            zombie.take_over()
    assert _count(bulk, context) == EVERYTHING
