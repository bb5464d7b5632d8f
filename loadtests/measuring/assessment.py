"""NHI assessment of the largest municipality, read to written, over pure SQL that reads and writes as much without the rules.

The bound has the job's own reading statement as its source, joins and all, and writes as many rows of the same columns into tables
of the same shape, keys, indexes and checks included; what the rules would compute is a plain aggregate.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from uuid import uuid4

from batch.runner import run_alone
from loadtests.measuring.figures import Row, ratio_row
from loadtests.measuring.installation import Installation
from modules.nhi.health_insurance.figures import figures_of
from modules.nhi.health_insurance.jobs import NETS
from modules.nhi.health_insurance.sources import MEMBERS, Scope
from yoriai.clock import now
from yoriai.database.migrate import owner_connection
from yoriai.dates import fiscal_year_of
from yoriai.errors import NotFound
from yoriai.jobs import Job, JobContext
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.config import TenantConfig

JOB = "nhi.assess"
_PART = "assessment"
_EVERYTHING = (0, 2**62)
_WRITTEN = ("nhi_instalment", "nhi_notice", "nhi_assessment_input", "nhi_assessment")
_TABLES = {"nhi_assessment": "bench_assessment", "nhi_assessment_input": "bench_assessment_input"}
_COLUMNS = """
SELECT a.attname AS name, format_type(a.atttypid, NULL) AS type FROM pg_attribute a
 WHERE a.attrelid = to_regclass('nhi_assessment') AND a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = ''
 ORDER BY a.attnum
"""
_BOUND = """
WITH member AS MATERIALIZED ({members}),
levied AS MATERIALIZED (
  SELECT {values}, string_agg(member::text, ',') AS input
    FROM member GROUP BY household_no ORDER BY household_no LIMIT $7::bigint
), written AS (
  INSERT INTO bench_assessment ({names}) SELECT {names} FROM levied RETURNING id, household_no
), kept AS (
  INSERT INTO bench_assessment_input (assessment_id, input)
  SELECT w.id, l.input FROM written w JOIN levied l USING (household_no) RETURNING assessment_id
)
SELECT count(*) AS written FROM kept
"""
_COPY = "INSERT INTO bench_assessment (id, {names}) OVERRIDING SYSTEM VALUE SELECT id, {names} FROM nhi_assessment"
_GIVEN = {
    "household_no": "household_no",
    "fiscal_year": "$5 + 1",
    "revision": "1",
    "cause": "'annual'",
    "decided_on": "current_date",
    "payer_no": "max(member_no) FILTER (WHERE is_head)",
    "is_nominal_head": "NOT bool_or(is_head AND is_insured)",
    "insured_count": "count(DISTINCT member_no) FILTER (WHERE is_insured)",
    "tier": "0",
    "months": "12",
    "has_undeclared": "NOT bool_and(is_declared)",
    "input_digest": "encode(sha256(string_agg(member::text, ',')::bytea), 'hex')",
    "parameter_digest": "'none'",
    "run_key": "'bench'",
    "created_at": "now()",
    "superseded_at": "NULL::timestamptz",
}
_BY_TYPE = {
    "bigint": "coalesce(sum(known_total_income), 0)::bigint",
    "integer": "count(*)::integer",
    "boolean": "false",
    "text": "''",
    "date": "current_date",
    "timestamp with time zone": "now()",
}


def measure_assessment(place: Installation, rounds: int) -> list[Row]:
    """Job and bounds in turn, `rounds` times, each into empty tables. Raises NotFound when nobody is insured."""
    config, database = place.largest.config, BulkDatabase(place.settings.app_dsn)
    times: tuple[list[float], ...] = ([], [], [])
    rows = 0
    for _ in range(rounds):
        _empty(place, config)
        context = make_context(place, config, f"bench:{uuid4()}")
        times[0].append(_timed(partial(run_alone, database, assessment_job(), context)))
        rows = _count(database, config)
        if not rows:
            raise NotFound("国保の賦課の対象になる世帯がありません。")
        with bench_tables(place, config):
            times[1].append(_timed(partial(write_bound, database, place, config, rows)))
        with bench_tables(place, config):
            times[2].append(_timed(partial(copy_rows, database, config)))
    _empty(place, config)
    note = f"{place.largest.residents:,} residents, {rows:,} households written"
    return [
        ratio_row(_PART, "read to written ÷ INSERT…SELECT from the same source rows", times[0], times[1], note),
        ratio_row(_PART, "read to written ÷ INSERT…SELECT of the finished rows", times[0], times[2], "writing alone"),
    ]


def assessment_job() -> Job:
    """The job as the night runs it."""
    return next(job for net in NETS for job in net.jobs if job.name == JOB)


def make_context(place: Installation, config: TenantConfig, run_key: str) -> JobContext:
    """The context of a run on the installation's day."""
    return JobContext(config.tenant, config, place.as_of, fiscal_year_of(place.as_of), run_key, now())


def write_bound(database: BulkDatabase, place: Installation, config: TenantConfig, rows: int) -> int:
    """The bound: one statement, one transaction; the number of assessments written."""
    scope = Scope.of(*_EVERYTHING, figures_of(config, fiscal_year_of(place.as_of)))
    with database.write(config.tenant) as session:
        columns = session.read(_COLUMNS).rows()
        statement = bound_statement(columns)
        return int(session.read(statement, (*scope.arguments, rows)).item())


def bound_statement(columns: list[tuple[str, str]]) -> str:
    """`INSERT … SELECT` of every column (name, type) of an assessment, and of the source rows as its input."""
    names = ", ".join(name for name, _ in columns)
    values = ", ".join(f"{_GIVEN.get(name, _BY_TYPE.get(kind, 'NULL'))} AS {name}" for name, kind in columns)
    return _BOUND.format(members=MEMBERS, names=names, values=values)


def copy_rows(database: BulkDatabase, config: TenantConfig) -> None:
    """What is finished, written once more."""
    with database.write(config.tenant) as session:
        names = ", ".join(name for name, _ in session.read(_COLUMNS).rows())
        session.execute(_COPY.format(names=names))
        session.execute("INSERT INTO bench_assessment_input SELECT assessment_id, input FROM nhi_assessment_input")


@contextmanager
def bench_tables(place: Installation, config: TenantConfig) -> Iterator[None]:
    """Empty tables of the shape of those the job writes."""
    with owner_connection(place.settings.admin_dsn, config.tenant.schema) as connection:
        for original, bench in _TABLES.items():
            connection.exec_driver_sql(f"CREATE TABLE {bench} (LIKE {original} INCLUDING ALL)")
            connection.exec_driver_sql(f"GRANT ALL ON {bench} TO {config.tenant.role}")
    try:
        yield
    finally:
        with owner_connection(place.settings.admin_dsn, config.tenant.schema) as connection:
            connection.exec_driver_sql(f"DROP TABLE {', '.join(_TABLES.values())}")


def _empty(place: Installation, config: TenantConfig) -> None:
    """Nothing was assessed yet."""
    with owner_connection(place.settings.admin_dsn, config.tenant.schema) as connection:
        connection.exec_driver_sql(f"TRUNCATE {', '.join(_WRITTEN)}")


def _count(database: BulkDatabase, config: TenantConfig) -> int:
    with database.read(config.tenant) as session:
        return int(session.read("SELECT count(*) AS rows FROM nhi_assessment").item())


def _timed(act: Callable[[], object]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun
