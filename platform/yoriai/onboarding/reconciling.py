"""After a load: is in the database what was in the files? Item by item, in counts and sums and value by value."""

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from yoriai.onboarding.layout import POLARS, Column, Context, Kind, Table
from yoriai.sealing import Sealed
from yoriai.tenancy.bulk import BulkReadSession


@dataclass(frozen=True)
class ItemResult:
    """One item on both sides: `filled` are records that have a value, `total` the sum of numbers, amounts and days, `differing` how
    many records have another value in the database than in the file (of the item `件数`: that are on one side only).
    """

    table: str
    label: str
    old_filled: int
    new_filled: int
    old_total: int | None
    new_total: int | None
    differing: int

    @property
    def agrees(self) -> bool:
        """Whether both sides are the same."""
        return self.differing == 0 and (self.old_filled, self.old_total) == (self.new_filled, self.new_total)

    def to_json(self) -> dict[str, Any]:
        """The result as JSON."""
        return asdict(self) | {"agrees": self.agrees}


def reconcile(table: Table, frame: pl.DataFrame, session: BulkReadSession, context: Context) -> list[ItemResult]:
    """Compare the records that passed with what the table's own SELECT gives back."""
    compared = [column for column in table.columns if column.is_compared]
    new = read_loaded(table, session, context)
    keys = list(table.key)
    old = frame.select([column.key for column in compared])
    both = old.join(new, on=keys, how="full", suffix="_new", nulls_equal=True)
    matched = old.join(new, on=keys, how="inner", suffix="_new", nulls_equal=True)
    alone = both.height - matched.height
    results = [ItemResult(table.label, "件数", old.height, new.height, None, None, alone)]
    for column in compared:
        differing = 0
        if column.key not in keys:
            differing = matched.filter(pl.col(column.key).ne_missing(pl.col(f"{column.key}_new"))).height
        results.append(
            ItemResult(
                table.label,
                column.label,
                _filled(old[column.key]),
                _filled(new[column.key]),
                _total(old[column.key], column),
                _total(new[column.key], column),
                differing,
            )
        )
    return results


def read_loaded(table: Table, session: BulkReadSession, context: Context) -> pl.DataFrame:
    """What is in the database of a table, in the items of the layout; sealed numbers are opened."""
    new = session.read(table.loaded)
    for column in table.columns:
        if column.sealed and column.key in new.columns:
            opened = [
                context.sealer.open(Sealed(session.tenant, column.sealed, f"addressee:{person}"), value)
                if value
                else None
                for person, value in zip(new[table.person], new[column.key], strict=True)
            ]
            new = new.with_columns(pl.Series(column.key, opened, dtype=pl.String))
    return new.select(pl.col(column.key).cast(POLARS[column.kind]) for column in table.columns if column.is_compared)


def _filled(series: pl.Series) -> int:
    return series.len() - series.null_count()


def _total(series: pl.Series, column: Column) -> int | None:
    if column.sealed:
        return None
    if column.kind is Kind.DATE:
        return int(series.dt.epoch("d").sum() or 0)
    return int(series.sum() or 0) if column.is_summable else None
