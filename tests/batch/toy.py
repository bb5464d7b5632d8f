"""A business for tests: it doubles the numbers of a table, slowly enough to be killed in between."""

import os
import time
from datetime import date

import polars as pl

from batch.catalogue import Catalogue
from yoriai.calendar import DAILY, annual
from yoriai.errors import Invalid
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext, JobNet, Needs
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

ROWS = 120
CHUNK_ROWS = 20
SECONDS_PER_CHUNK = int(os.environ.get("TOY_CHUNK_MS", "30")) / 1000

SETUP = (
    "DROP TABLE IF EXISTS toy_number, toy_double, toy_total",
    "CREATE TABLE toy_number (n bigint PRIMARY KEY)",
    "CREATE TABLE toy_double (run_key text NOT NULL, n bigint NOT NULL, value bigint NOT NULL)",
    "CREATE TABLE toy_total (run_key text NOT NULL, total bigint NOT NULL)",
    f"INSERT INTO toy_number SELECT generate_series(1, {ROWS})",
)


def plan_ranges(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Chunks of equal ranges."""
    last = session.read("SELECT coalesce(max(n), 0) AS last FROM toy_number").item()
    starts = range(1, last + 1, CHUNK_ROWS)
    return [Chunk(no, lower, lower + CHUNK_ROWS) for no, lower in enumerate(starts, 1)]


def plan_one(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """A single chunk."""
    return [Chunk(1, 0, 1)]


def double(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Write, then dawdle: a kill in between must leave nothing."""
    frame = session.read("SELECT n FROM toy_number WHERE n >= $1 AND n < $2 ORDER BY n", (chunk.lower, chunk.upper))
    result = frame.select(pl.lit(context.run_key).alias("run_key"), "n", (pl.col("n") * 2).alias("value"))
    rows = session.append("toy_double", result)
    time.sleep(SECONDS_PER_CHUNK)
    return ChunkResult(frame.height, rows, control_total=int(result["value"].sum()))


def total(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Add up what the jobs before have written: half a result would show here."""
    sum_of = session.read("SELECT coalesce(sum(value), 0)::bigint AS total, count(*) AS rows FROM toy_double")
    session.append("toy_total", pl.DataFrame({"run_key": [context.run_key], "total": [sum_of["total"].item()]}))
    return ChunkResult(sum_of["rows"].item(), 1, control_total=sum_of["total"].item())


def sleep(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """A statement that runs away."""
    session.read("SELECT 'toy_sleep', pg_sleep(120)::text AS slept")
    return ChunkResult(1, 1)


def spin(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """A computation that never ends and never asks the database."""
    while time.monotonic():
        pass
    return ChunkResult(1, 1)


def refuse(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Fail for one municipality only."""
    if context.config.settings("toy").get("refuses"):
        raise Invalid("納期が設定されていません。")
    return ChunkResult(1, 1)


def _job(name: str, *after: str, **options: object) -> Job:
    values = {"plan_chunks": plan_ranges, "run_chunk": double, "size_driver": "numbers", "rows_per_second": 1000}
    return Job(name=name, label=f"{name}の計算", after=after, **{**values, **options})


NETS = (
    JobNet("toy.daily", "日次", (_job("toy.a"), _job("toy.b"), _job("toy.c", "toy.a", needs=Needs(2, 1, 2)))),
    JobNet(
        "toy.close",
        "締め",
        (_job("toy.total", "toy.a", "toy.b", "toy.c", plan_chunks=plan_one, run_chunk=total),),
        DAILY,
    ),
    JobNet(
        "toy.annual",
        "年次",
        (
            _job("toy.refuse", plan_chunks=plan_one, run_chunk=refuse),
            _job("toy.after_refuse", "toy.refuse", plan_chunks=plan_one, run_chunk=refuse),
        ),
        annual("06-10"),
    ),
)
RUNAWAYS = JobNet(
    "toy.runaway",
    "暴走",
    (_job("toy.slow", plan_chunks=plan_one, run_chunk=sleep), _job("toy.spin", plan_chunks=plan_one, run_chunk=spin)),
    annual("12-30"),
)
CATALOGUE = Catalogue((*NETS, RUNAWAYS), {"numbers": "SELECT count(*) FROM toy_number"})
DAY = date(2026, 6, 1)
ANNUAL_DAY = date(2026, 6, 10)
