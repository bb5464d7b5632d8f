"""Seal what lies sealed at rest with the current data key, in chunks, while everything goes on being used.

First the new key is put in front of the old ones in `YORIAI_DATA_KEYS` of every process, so that nothing new is sealed with an old
one; then this; then the old keys leave the configuration, but not the safe: older copies of the database still need them.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from yoriai import registry
from yoriai.database.migrate import owner_connection
from yoriai.sealing import Sealed, Sealer
from yoriai.settings import Settings
from yoriai.tenancy.choice import schema_of
from yoriai.tenancy.ref import TenantRef

CHUNK = 500


@dataclass(frozen=True)
class SealedText:
    """One sealed value and whose it is: `kind` and `subject` as it was sealed (`yoriai.sealing.Sealed`)."""

    kind: str
    subject: str
    text: str


@dataclass(frozen=True)
class SealedColumn:
    """A column with sealed values, as a business declares it (`sealed=` of `Business` and `Companion`).

    `texts` finds the values in a row, which has `key`, `column` and `reads`. With `fingerprint` the row is found by that column,
    and a row then has one value.
    """

    table: str
    key: str
    """A column of whole numbers that no two rows share."""
    column: str
    texts: Callable[[Mapping[str, Any]], Iterable[SealedText]]
    reads: tuple[str, ...] = ()
    fingerprint: str = ""


@dataclass(frozen=True)
class Renewed:
    """How many rows of a municipality (None: of the installation itself) were sealed anew."""

    tenant: TenantRef | None
    rows: Mapping[str, int]


def sealed_columns(*, of_center: bool = False) -> tuple[SealedColumn, ...]:
    """All columns that were declared: of municipalities, or of the installation's own tables."""
    of_municipalities = [part.sealed for part in registry.parts()]
    declared = [part.center_sealed for part in registry.plugged_in()] if of_center else of_municipalities
    return tuple(column for reference in declared if reference for column in registry.load(reference))


def count_keys(settings: Settings, tenant: TenantRef | None) -> dict[str, int]:
    """By key id, how many values of the municipality (None: of the installation itself) are sealed with it.

    An old key that is not named opens nothing any more.
    """
    counts: Counter[str] = Counter()
    with owner_connection(settings.admin_dsn, schema_of(tenant)) as connection:
        for column in sealed_columns(of_center=tenant is None):
            for row in _rows(connection, column):
                counts.update(text.text.partition(":")[0] for text in column.texts(row))
    return dict(sorted(counts.items()))


def renew(settings: Settings, tenant: TenantRef | None, done: Callable[[str, int], None] = lambda *_: None) -> Renewed:
    """Seal anew what is sealed with another key than the current one; what is, is left alone, so it goes on where it was cut off.

    Each chunk is a transaction of its own. A row that somebody changes at the same moment is left for the next run. `done(table,
    rows)` hears of each chunk. Raises Unsealable where a key is missing: nothing is lost then, the value stays as it was.
    """
    rows: Counter[str] = Counter()
    for column in sealed_columns(of_center=tenant is None):
        last: int | None = None
        while True:
            with owner_connection(settings.admin_dsn, schema_of(tenant)) as connection:
                chunk = _chunk(connection, column, last)
                changed = sum(_renew_row(connection, column, settings.sealer, tenant, row) for row in chunk)
            if not chunk:
                break
            rows[column.table] += changed
            last = chunk[-1][column.key]
            done(column.table, changed)
    return Renewed(tenant, dict(rows))


def _renew_row(
    connection: Connection, column: SealedColumn, sealer: Sealer, tenant: TenantRef | None, row: Mapping[str, Any]
) -> int:
    before = after = str(row[column.column])
    prints = ""
    for found in column.texts(row):
        if sealer.is_current(found.text):
            continue
        place = Sealed(tenant, found.kind, found.subject)
        plain = sealer.open(place, found.text)
        after = after.replace(found.text, sealer.seal(place, plain))
        prints = sealer.fingerprints(tenant, found.kind, plain)[0]
    if after == before:
        return 0
    values = {column.column: after} | ({column.fingerprint: prints} if column.fingerprint else {})
    changes = ", ".join(f"{name} = %s" for name in values)
    statement = f"UPDATE {column.table} SET {changes} WHERE {column.key} = %s AND {column.column} = %s"
    return connection.exec_driver_sql(statement, (*values.values(), row[column.key], before)).rowcount


def _rows(connection: Connection, column: SealedColumn) -> Iterator[Mapping[str, Any]]:
    last: int | None = None
    while chunk := _chunk(connection, column, last):
        yield from chunk
        last = chunk[-1][column.key]


def _chunk(connection: Connection, column: SealedColumn, last: int | None) -> list[Mapping[str, Any]]:
    names = ", ".join(dict.fromkeys((column.key, column.column, *column.reads)))
    after = "" if last is None else f"AND {column.key} > %s "
    statement = f"SELECT {names} FROM {column.table} WHERE {column.column} IS NOT NULL {after}ORDER BY {column.key} LIMIT {CHUNK}"
    arguments = () if last is None else (last,)
    return [dict(row) for row in connection.exec_driver_sql(statement, arguments).mappings()]
