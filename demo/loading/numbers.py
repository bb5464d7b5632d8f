"""The numbers of the population as numbers of the municipality."""

import polars as pl

from yoriai.tenancy.bulk import BulkWriteSession

ADDRESSEE_BASE = 10_000_000
HOUSEHOLD_BASE = 50_000_000
_COUNTER = """
INSERT INTO number_counter (kind, next) VALUES ($1, $2)
ON CONFLICT (kind) DO UPDATE SET next = greatest(number_counter.next, excluded.next)
"""


def numbered(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with `addressee_no` and `household_no` in place of the population's own running numbers."""
    columns = []
    if "person_no" in frame.columns:
        columns.append((pl.col("person_no") + ADDRESSEE_BASE).alias("addressee_no"))
    if "household_no" in frame.columns:
        columns.append(pl.col("household_no") + HOUSEHOLD_BASE)
    return frame.with_columns(columns).drop("person_no", strict=False)


def set_counter(session: BulkWriteSession, kind: str, highest: int) -> None:
    """Let new numbers of the kind begin after the highest given one."""
    session.execute(_COUNTER, (kind, highest + 1))
