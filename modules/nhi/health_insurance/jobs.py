"""The nightly jobs: the yearly 当初賦課 with instalments, notices and statistics, and the daily 資格異動の候補."""

from datetime import UTC, date, timedelta

import polars as pl

from modules.nhi.health_insurance.debits.making import plan_debits, run_debits
from modules.nhi.health_insurance.figures import figures_of
from modules.nhi.health_insurance.instalments import plan_of, split, spread_revisions
from modules.nhi.health_insurance.job_statements import (
    ASSESSED,
    BILLED,
    CLOSE_DONE,
    FORGET_STATISTICS,
    HOUSEHOLDS,
    MAKE_NOTICES,
    MAKE_STATISTICS,
    REACHING_AGE,
    STORE_CANDIDATES,
    UNSENT_NOTICES,
    UNSPLIT,
)
from modules.nhi.health_insurance.sources import Scope
from modules.nhi.health_insurance.writing import write_assessments
from yoriai.calendar import annual
from yoriai.dates import add_months
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext, JobNet, Needs, RowError
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_ASSESS_ROWS = 4_000
_SPLIT_ROWS = 2_000


def plan_assessment(session: BulkReadSession, ctx: JobContext) -> list[Chunk]:
    """Ranges of households with somebody insured in the year, or assessed for it before."""
    start, end = date(ctx.fiscal_year, 4, 1), date(ctx.fiscal_year + 1, 4, 1)
    return _chunks(session.read(HOUSEHOLDS, (start, end, ctx.fiscal_year, _ASSESS_ROWS)))


def run_assessment(session: BulkWriteSession, ctx: JobContext, chunk: Chunk) -> ChunkResult:
    """当初賦課計算. Raises MissingParameter, with the reason, when the year's figures are not known."""
    figures = figures_of(ctx.config, ctx.fiscal_year)
    scope = Scope.of(chunk.lower, chunk.upper, figures)
    read, written = write_assessments(session, scope, figures, ctx.business_date, ctx.run_key, ctx.now)
    if written.is_empty():
        return ChunkResult(read, 0)
    headless = written.filter(pl.col("payer_no").is_null())["household_no"]
    errors = tuple(
        RowError(f"household:{no}", "世帯主が分からないため、納税義務者を決められません。") for no in headless
    )
    return ChunkResult(read, written.height, len(errors), int(written["total"].sum()), errors)


def plan_assessed(session: BulkReadSession, ctx: JobContext) -> list[Chunk]:
    """Ranges of households with an assessment."""
    return _chunks(session.read(ASSESSED, (ctx.fiscal_year, _SPLIT_ROWS)))


def run_instalments(session: BulkWriteSession, ctx: JobContext, chunk: Chunk) -> ChunkResult:
    """期割 of the assessments that have none yet."""
    scope = (ctx.fiscal_year, chunk.lower, chunk.upper)
    waiting = session.read(UNSPLIT, scope)
    if waiting.is_empty():
        return ChunkResult(0, 0)
    plan = plan_of(figures_of(ctx.config, ctx.fiscal_year))
    billed = _billed(session, scope)
    is_revision = pl.col("previous_id").is_in(list(billed))
    parts = [split(waiting.filter(~is_revision.fill_null(value=False)), plan)]
    revisions = waiting.filter(is_revision)
    if revisions.height:
        parts.append(spread_revisions(revisions, billed, plan))
    rows = pl.concat(parts, how="diagonal")
    session.append("nhi_instalment", rows)
    return ChunkResult(waiting.height, rows.height, 0, int(rows["amount"].sum()))


def run_notices(session: BulkWriteSession, ctx: JobContext, chunk: Chunk) -> ChunkResult:
    """通知書データ of the assessments that have none yet; one that cannot be sent is kept with its reason, as an error."""
    made = session.read(MAKE_NOTICES, ("nhi", ctx.business_date, ctx.fiscal_year, chunk.lower, chunk.upper))
    notices, problems, total = made.row(0)
    unsent = (
        session.read(UNSENT_NOTICES, (ctx.fiscal_year, chunk.lower, chunk.upper, ctx.business_date))
        if problems
        else None
    )
    errors = tuple(
        RowError(f"household:{no}", problem) for no, problem in (unsent.rows() if unsent is not None else ())
    )
    return ChunkResult(notices, notices, problems, total, errors)


def plan_whole(_session: BulkReadSession, _ctx: JobContext) -> list[Chunk]:
    """One chunk: the whole municipality."""
    return [Chunk(1, 0, 1)]


def run_statistics(session: BulkWriteSession, ctx: JobContext, _chunk: Chunk) -> ChunkResult:
    """賦課状況 by reduction tier as of the business date."""
    session.execute(FORGET_STATISTICS, (ctx.fiscal_year, ctx.business_date))
    rows, households, total = session.read(MAKE_STATISTICS, (ctx.fiscal_year, ctx.business_date)).row(0)
    return ChunkResult(households, rows, 0, total)


def run_candidates(session: BulkWriteSession, ctx: JobContext, _chunk: Chunk) -> ChunkResult:
    """資格異動の候補: from the day's movements, and from who reaches the age of 後期高齢者医療 by the end of the next month."""
    age = Use(figures_of(ctx.config, ctx.fiscal_year)).count("elderly_medical.age")
    now = ctx.now.astimezone(UTC)
    closed = session.read(CLOSE_DONE, (now,)).height
    stored = session.read(STORE_CANDIDATES, (age, now)).height
    until = add_months(ctx.business_date.replace(day=1), 2) - timedelta(days=1)
    reaching = session.read(REACHING_AGE, (age, now, until)).height
    return ChunkResult(closed + stored + reaching, stored + reaching, 0, stored + reaching)


NETS = (
    JobNet(
        "nhi.annual",
        "国保税(料) 当初賦課",
        (
            Job(
                "nhi.assess",
                "当初賦課計算",
                plan_assessment,
                run_assessment,
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=8_000,
                priority=2,
                chunk_rows=_ASSESS_ROWS,
            ),
            Job(
                "nhi.instalments",
                "期割",
                plan_assessed,
                run_instalments,
                after=("nhi.assess",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=20_000,
                chunk_rows=_SPLIT_ROWS,
            ),
            Job(
                "nhi.notices",
                "納税通知書データ作成",
                plan_assessed,
                run_notices,
                after=("nhi.instalments",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=20_000,
                chunk_rows=_SPLIT_ROWS,
            ),
            Job(
                "nhi.statistics",
                "賦課状況統計",
                plan_whole,
                run_statistics,
                after=("nhi.assess",),
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=100_000,
                priority=4,
            ),
        ),
        annual("06-10"),
    ),
    JobNet(
        "nhi.daily",
        "国保 日次処理",
        (
            Job(
                "nhi.candidates",
                "資格異動の候補の抽出",
                plan_whole,
                run_candidates,
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=100_000,
            ),
            Job(
                "nhi.debits",
                "口座振替の請求データ作成",
                plan_debits,
                run_debits,
                needs=Needs(cpu=1, io=1, connections=1),
                size_driver="nhi_households",
                rows_per_second=10_000,
            ),
        ),
    ),
)


def _chunks(ranges: pl.DataFrame) -> list[Chunk]:
    return [Chunk(no, lower, upper) for no, (lower, upper) in enumerate(ranges.iter_rows(), 1)]


def _billed(session: BulkReadSession, scope: tuple[int, int, int]) -> dict[int, list[int]]:
    """The instalments of the assessments that the waiting ones replace."""
    rows = session.read(BILLED, scope)
    return dict(rows.group_by("assessment_id", maintain_order=True).agg("amount").iter_rows())
