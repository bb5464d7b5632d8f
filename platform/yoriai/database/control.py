"""Counts and control sums of all rows, and a named point of the log at which exactly these rows stood.

A copy that is recovered to the point must give the same figures to the last row. To find such a point nobody is stopped: it is
tried until no transaction was at work while the point was written.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from yoriai.tenancy.choice import PLATFORM_SCHEMA

Figures = Mapping[str, Mapping[str, tuple[int, str]]]
"""By schema and table: the number of rows, and the sum of the rows' hashes, a decimal text that no order of rows changes."""
_TABLES = """
SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind = 'r' ORDER BY c.relname
"""
_SCHEMAS = f"SELECT nspname FROM pg_namespace WHERE nspname = '{PLATFORM_SCHEMA}' OR nspname ~ '^t_[0-9]{{6}}$' ORDER BY nspname"
# A row's text depends on these, and copies are compared across servers.
_SAME_TEXT = (
    "SELECT set_config('timezone', 'UTC', true), set_config('datestyle', 'ISO, YMD', true),"
    " set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true)"
)
_IN_COMMIT = "SELECT count(*) FROM pg_stat_activity WHERE backend_xid IS NOT NULL"
_PAUSE_SECONDS = 0.02


@dataclass(frozen=True)
class Mark:
    """A named restore point. `is_exact`: what a copy recovered to it holds is what the figures were made from."""

    name: str
    lsn: str
    is_exact: bool


@contextmanager
def server_connection(dsn: str) -> Iterator[psycopg.Connection]:
    """A connection without a transaction around its statements: for a server's own affairs (slots, restore points), no data."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        yield connection


@contextmanager
def reading_all(admin_dsn: str) -> Iterator[psycopg.Connection]:
    """One snapshot of everything, as the owner, from whom row security hides nothing."""
    with psycopg.connect(admin_dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        connection.execute(_SAME_TEXT)
        yield connection
        connection.rollback()


@contextmanager
def mark_and_read(
    admin_dsn: str, backup_dsn: str, name: str, *, patience_seconds: float = 30
) -> Iterator[tuple[Mark, psycopg.Connection]]:
    """Write a restore point and give a snapshot of the very rows at it.

    The point is exact when no transaction ended or was ending around it: the snapshot before and after it are the same, none was
    open in it, and between the two nobody held a transaction number (who has written the record of the commit still holds one).
    After `patience_seconds` the last point is given as it is, with `is_exact` false.
    """
    deadline = time.monotonic() + patience_seconds
    number = 0
    with server_connection(backup_dsn) as marker:
        while True:
            number += 1
            with reading_all(admin_dsn) as connection:
                before = _snapshot(connection)
                point = f"{name}_{number}"
                lsn = str(_one(marker, "SELECT pg_create_restore_point(%s)", point))
                is_quiet = _one(marker, _IN_COMMIT) == 0
                lowest, highest, _ = before.split(":")
                is_exact = lowest == highest and is_quiet and _snapshot(marker) == before
                if is_exact or time.monotonic() > deadline:
                    yield Mark(point, lsn, is_exact), connection
                    return
            time.sleep(_PAUSE_SECONDS)


def list_schemas(connection: psycopg.Connection) -> list[str]:
    """The installation's schema and every municipality's."""
    return [str(row[0]) for row in connection.execute(_SCHEMAS)]


def sum_up(connection: psycopg.Connection, schemas: Iterable[str]) -> Figures:
    """Figures of all tables of the schemas. Reads every row: some seconds for a million."""
    return {
        schema: {
            name: _sum_of(connection, schema, name) for (name,) in connection.execute(_TABLES, (schema,)).fetchall()
        }
        for schema in schemas
    }


def differences(expected: Figures, found: Figures) -> list[str]:
    """The tables (`schema.table`) that are missing, new, or differ in count or sum."""
    names = {(schema, table) for figures in (expected, found) for schema in figures for table in figures[schema]}
    return [
        f"{schema}.{table}"
        for schema, table in sorted(names)
        if _known(expected, schema, table) != _known(found, schema, table)
    ]


def _known(figures: Figures, schema: str, table: str) -> tuple[int, str] | None:
    value = figures.get(schema, {}).get(table)
    return tuple(value) if value is not None else None  # type: ignore[return-value]


def control_query(schema: str, table: str) -> str:
    """The statement that counts a table's rows and sums their hashes; both names come from the catalogue."""
    quoted = table.replace('"', '""')
    return (
        "SELECT count(*), coalesce(sum(hashtextextended(whole_row::text, 0)::numeric), 0)::text"
        f' FROM {schema}."{quoted}" AS whole_row'
    )


def _sum_of(connection: psycopg.Connection, schema: str, table: str) -> tuple[int, str]:
    row = connection.execute(control_query(schema, table).encode()).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, "0")


def _snapshot(connection: psycopg.Connection) -> str:
    return str(_one(connection, "SELECT pg_current_snapshot()::text"))


def _one(connection: psycopg.Connection, statement: str, *arguments: object) -> object:
    row = connection.execute(statement.encode(), arguments).fetchone()
    return row[0] if row else None
