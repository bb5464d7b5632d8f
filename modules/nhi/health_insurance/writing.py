"""Writing assessments in bulk: what differs becomes the next revision, everything in one transaction with its input."""

from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from modules.nhi.health_insurance.assessment import CURRENT, assess, changed, record
from modules.nhi.health_insurance.figures import KEEP, kept_row
from modules.nhi.health_insurance.sources import Scope, make_frames, read_members
from modules.nhi.health_insurance.stored_input import write_inputs
from yoriai.rules import ParameterSet
from yoriai.tenancy.bulk import BulkWriteSession

_NUMBERS = "SELECT nextval(pg_get_serial_sequence('nhi_assessment', 'id')) AS id FROM generate_series(1, $1::bigint)"
_END = """
UPDATE nhi_assessment SET superseded_at = $1 WHERE id = ANY(string_to_array($2, ',')::bigint[]) AND superseded_at IS NULL
"""


def write_assessments(
    session: BulkWriteSession, scope: Scope, figures: ParameterSet, decided_on: date, run_key: str, now: datetime
) -> tuple[int, pl.DataFrame]:
    """Assess the scope's households; returns how many were read and the rows that were written.

    A household whose amounts are as before gets nothing new, so repeating it is harmless. Raises MissingParameter.
    """
    members = read_members(session, scope)
    current = session.read(CURRENT, (scope.fiscal_year, scope.lower, scope.upper))
    emptied = current.join(members, on="household_no", how="anti")["household_no"]
    frames = make_frames(members, emptied)
    assessed = assess(frames, figures)
    different = changed(assessed, current)
    if different.is_empty():
        return assessed.height, different
    common: dict[str, Any] = {
        "fiscal_year": scope.fiscal_year,
        "decided_on": decided_on,
        "parameter_digest": figures.digest,
        "run_key": run_key,
        "created_at": now.astimezone(UTC),
    }
    rows = record(different, write_inputs(_only(frames, different)), **common)
    cause = pl.when(pl.col("revision") == 1).then(pl.lit("annual")).otherwise(pl.lit("correction"))
    ended = different["previous_id"].drop_nulls()
    if ended.len():
        session.execute(_END, (now.astimezone(UTC), ",".join(map(str, ended.to_list()))))
    numbered = rows.with_columns(session.read(_NUMBERS, (rows.height,))["id"], cause=cause)
    session.execute(KEEP, kept_row(figures, now.astimezone(UTC)))
    session.append("nhi_assessment", numbered.drop("input"))
    session.append("nhi_assessment_input", numbered.select("input", assessment_id="id"))
    return assessed.height, numbered


def _only(frames: Any, different: pl.DataFrame) -> Any:
    """The frames of the households to be written."""
    if different.height == frames["household"].height:
        return frames
    keys = different.select("household_no")
    return {
        name: frame.join(keys, on="household_no", how="semi", maintain_order="left") for name, frame in frames.items()
    }
