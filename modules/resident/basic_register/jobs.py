"""The register's night: 異動予定, 転出確定 and the daily close, then the month's population statistics."""

from datetime import datetime, time, timedelta

from modules.resident.basic_register.departures import confirm_departures
from modules.resident.basic_register.planned.night import plan_due, run_due
from modules.resident.basic_register.reports.counting import FIX, KEEP
from modules.resident.basic_register.reports.periods import ended_before
from yoriai.calendar.rules import monthly
from yoriai.clock import JAPAN
from yoriai.jobs import Chunk, ChunkResult, Job, JobContext, JobNet, Needs
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_ONE = 1
_FORGET_CLOSE = "DELETE FROM resident_daily_close WHERE business_date = $1"
_CLOSE_MOVEMENTS = """
INSERT INTO resident_daily_close (business_date, item, key, count)
SELECT $1, 'movement', reason, count(*) FROM movement
 WHERE processed_at >= $2::timestamptz AND processed_at < $3::timestamptz GROUP BY reason"""
# An age is attained at the end of the birthday's eve, so it is told for the day after.
_CLOSE_POPULATION = """
INSERT INTO resident_daily_close (business_date, item, key, count)
SELECT $1, 'population', sex || '-' || lpad((age_band * 5)::text, 3, '0'), count(*)
  FROM (SELECT sex, (date_part('year', age($1 + 1, birth_date))::int / 5) AS age_band FROM fact_resident) r
 GROUP BY sex, age_band"""
_CLOSE_HOUSEHOLDS = """
INSERT INTO resident_daily_close (business_date, item, key, count)
SELECT $1, 'household', 'all', count(DISTINCT household_no) FROM fact_resident"""
_POPULATION = "SELECT count(*) FROM fact_resident"
_COUNTED = """
SELECT coalesce(sum(persons), 0)::bigint FROM population_figure
 WHERE kind = 'month' AND until = $1::date AND section = 'population'"""
_FORGET_MONTH = "DELETE FROM resident_statistics WHERE as_of >= date_trunc('month', $1)::date AND as_of <= $1"
# Whom a 支援措置 protects is counted in no 町字: a small one would say where they live.
_STATISTICS = """
INSERT INTO resident_statistics (as_of, town_code, sex, age_band, is_foreign, persons, heads)
SELECT $1, town_code, sex, age_band * 5, is_foreign, count(*), count(*) FILTER (WHERE is_head)
  FROM (SELECT CASE WHEN h.addressee_no IS NULL THEN coalesce(v.town_code, '') ELSE '' END AS town_code, v.sex, v.is_head,
               v.nationality <> 'JPN' AS is_foreign, date_part('year', age($1 + 1, v.birth_date))::int / 5 AS age_band
          FROM fact_resident_version v LEFT JOIN fact_hidden_person h ON h.addressee_no = v.addressee_no
         WHERE v.valid_from <= $1 AND v.valid_to > $1 AND v.status <> 'removed') r
 GROUP BY town_code, sex, age_band, is_foreign"""


def plan_whole(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Set operations of seconds: the whole municipality in one chunk."""
    return [Chunk(_ONE, 0, _ONE)]


def run_close(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Confirm the departures that are due and count the day; counting it again replaces the counts."""
    day = context.business_date
    confirmed = confirm_departures(session, day, context.now, f"batch:{context.run_key}")
    start = datetime.combine(day, time(), JAPAN)
    session.execute(_FORGET_CLOSE, (day,))
    session.execute(_CLOSE_MOVEMENTS, (day, start.isoformat(), (start + timedelta(days=1)).isoformat()))
    session.execute(_CLOSE_POPULATION, (day,))
    session.execute(_CLOSE_HOUSEHOLDS, (day,))
    population = session.read(_POPULATION).item()
    return ChunkResult(rows_in=population, rows_out=confirmed, control_total=population)


def run_statistics(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Count the population as of the business date; the month keeps its last count."""
    day = context.business_date
    session.execute(_FORGET_MONTH, (day,))
    rows = session.execute(_STATISTICS, (day,))
    counted = session.read(
        "SELECT coalesce(sum(persons), 0)::bigint FROM resident_statistics WHERE as_of = $1", (day,)
    ).item()
    return ChunkResult(rows_in=counted, rows_out=max(rows, 0), control_total=counted)


def run_reports(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Fix the figures of the month and of the years that had ended the day before. What is fixed stays, also on a rerun."""
    fixed = figures = 0
    for period in ended_before(context.business_date):
        by = (str(period.kind), period.until, period.since, context.now.isoformat(), f"batch:{context.run_key}")
        if session.read(KEEP, by).is_empty():
            continue
        fixed += 1
        figures += max(session.execute(FIX, (period.since, period.until, str(period.kind))), 0)
    counted = session.read(_COUNTED, (ended_before(context.business_date)[0].until,)).item()
    return ChunkResult(rows_in=counted, rows_out=figures, control_total=counted)


NETS = (
    JobNet(
        "resident.daily",
        "住民基本台帳 日次",
        jobs=(
            Job(
                "resident.plans",
                "異動予定の適用",
                plan_due,
                run_due,
                needs=Needs(connections=3),
                rows_per_second=100_000,
                priority=1,
                release="18:00",
            ),
            Job(
                "resident.close",
                "住民基本台帳 日次締め",
                plan_whole,
                run_close,
                after=("resident.plans",),
                rows_per_second=100_000,
                priority=1,
                release="18:00",
            ),
            Job(
                "resident.statistics",
                "人口統計",
                plan_whole,
                run_statistics,
                after=("resident.close",),
                needs=Needs(cpu=1, io=1, connections=1),
                rows_per_second=150_000,
                release="18:00",
            ),
        ),
    ),
    JobNet(
        "resident.monthly",
        "住基月報・年報",
        jobs=(
            Job(
                "resident.reports",
                "住基月報・年報の確定",
                plan_whole,
                run_reports,
                rows_per_second=50_000,
                release="18:00",
            ),
        ),
        calendar=monthly(1),
    ),
)
