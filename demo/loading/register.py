"""The basic register: households, every version of every person, and the movements that made them."""

from datetime import date

import polars as pl

from demo.loading.numbers import ADDRESSEE_BASE, numbered, set_counter
from demo.population import Population
from modules.resident.basic_register.folding import fold_names
from yoriai.dates import OPEN_END
from yoriai.tenancy.bulk import BulkWriteSession

_CONVERSION = """
INSERT INTO movement (movement_no, reason, class, event_date, notified_on, staff_id, household_no)
VALUES (0, 'conversion', 'ex_officio', $1, $1, 'conversion', 0)
"""
_VERSIONS = "SELECT id, addressee_no, valid_from, valid_to, movement_no FROM resident_record"
_NEVER_REMOVED = {"removed_on": pl.Date, "removal_reason": pl.String, "destination": pl.String}
_RECORD = (
    "addressee_no", "household_no", "name", "name_kana", "alias", "former_surname", "birth_date", "birth_date_unknown", "sex",
    "nationality", "relationship", "relationship_text", "town_code", "postcode", "address", "building", "previous_address",
    "registered_domicile", "family_register_head", "became_resident_on", "address_since", "status", "removed_on", "removal_reason",
    "planned_removal_on", "destination", "valid_from", "valid_to", "movement_no",
)  # fmt: skip


def load_register(session: BulkWriteSession, people: Population, as_of: date) -> int:
    """Write households, records and movements; returns the number of records."""
    records = _records(people)
    _write_households(session, people, as_of)
    _write_movements(session, people, as_of)
    written = session.append("resident_record", _folded(numbered(records).select(_RECORD)))
    _write_movement_persons(session)
    set_counter(session, "addressee", ADDRESSEE_BASE + people.residents.height + people.removed.height)
    return written


def _records(people: Population) -> pl.DataFrame:
    """All versions: the current ones, former ones, and for those who left the last one and the 除票."""
    none = [pl.lit(None, kind).alias(name) for name, kind in _NEVER_REMOVED.items()]
    current = people.residents.with_columns(*none, valid_to=pl.lit(OPEN_END)).rename(
        {"planned_move_out_on": "planned_removal_on"}
    )
    columns = current.columns
    return pl.concat(
        [current, _former(people, current).select(columns), *(frame.select(columns) for frame in _removed(people))]
    ).with_columns(movement_no=pl.col("movement_no").fill_null(0), status=_status())


def _status() -> pl.Expr:
    planned = pl.col("planned_removal_on").is_not_null() & (pl.col("status") == "resident")
    return pl.when(planned).then(pl.lit("move_out_planned")).otherwise(pl.col("status"))


def _former(people: Population, current: pl.DataFrame) -> pl.DataFrame:
    """Former versions: what changed is theirs, the rest is as it is now."""
    own = [name for name in people.histories.columns if name != "person_no"]
    kept = current.drop(own).with_columns(planned_removal_on=pl.lit(None, pl.Date))
    return people.histories.join(kept, on="person_no")


def _removed(people: Population) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The last version before the removal, and the 除票 itself."""
    frame = people.removed.with_columns(planned_removal_on=pl.lit(None, pl.Date))
    none = [pl.lit(None, kind).alias(name) for name, kind in _NEVER_REMOVED.items()]
    last = frame.filter(pl.col("valid_from") < pl.col("removed_on")).with_columns(
        *none, status=pl.lit("resident"), valid_to=pl.col("removed_on")
    )
    gone = frame.with_columns(
        status=pl.lit("removed"), valid_from="removed_on", valid_to=pl.lit(OPEN_END), movement_no="removal_movement_no"
    )
    return last, gone


def _folded(records: pl.DataFrame) -> pl.DataFrame:
    """Add the searchable copies of the names; each distinct set of names is folded once."""
    names = records.select("name", "name_kana", "alias", "former_surname").unique(maintain_order=True)
    folded = [fold_names(*row) for row in names.iter_rows()]
    columns = {
        "name_fold": [item.name_fold for item in folded],
        "kana_fold": [item.kana_fold for item in folded],
        "other_fold": [item.other_fold for item in folded],
        "gram": [item.gram for item in folded],
    }
    schema: dict[str, pl.DataType] = {
        "name_fold": pl.String(),
        "kana_fold": pl.String(),
        "other_fold": pl.String(),
        "gram": pl.List(pl.String()),
    }
    keys = ["name", "name_kana", "alias", "former_surname"]
    return records.join(names.hstack(pl.DataFrame(columns, schema=schema)), on=keys, nulls_equal=True, how="left")


def _write_households(session: BulkWriteSession, people: Population, as_of: date) -> None:
    known = pl.concat(
        [
            people.residents.select("household_no", "became_resident_on"),
            people.removed.select("household_no", "became_resident_on"),
        ]
    )
    moved = people.histories.select("household_no", became_resident_on="valid_from").drop_nulls()
    created = (
        numbered(pl.concat([known, moved])).group_by("household_no").agg(created_on=pl.col("became_resident_on").min())
    )
    missing = numbered(people.movements.select("household_no")).unique().join(created, on="household_no", how="anti")
    households = pl.concat([created, missing.with_columns(created_on=pl.lit(as_of))]).sort("household_no")
    session.append("household", households)
    set_counter(session, "household", households["household_no"].to_list()[-1])


def _write_movement_persons(session: BulkWriteSession) -> None:
    """Whom each movement concerned, with the version before and the one after.

    Joined here and not by the server, which still takes the tables just filled for empty ones and would compare all with all.
    """
    after = session.read(_VERSIONS)
    before = after.select("addressee_no", before_record_id="id", valid_from="valid_to")
    parts = after.join(before, on=["addressee_no", "valid_from"], how="left")
    session.append(
        "movement_person", parts.select("movement_no", "addressee_no", "before_record_id", after_record_id="id")
    )


def _write_movements(session: BulkWriteSession, people: Population, as_of: date) -> None:
    session.execute(_CONVERSION, (as_of,))
    # The old system processed them when they were notified.
    processed = (
        pl.col("notified_on").cast(pl.Datetime("us")).dt.replace_time_zone("Asia/Tokyo").dt.convert_time_zone("UTC")
    )
    movements = numbered(people.movements).with_columns(staff_id=pl.lit("conversion"), processed_at=processed)
    session.append("movement", movements)
    set_counter(session, "movement", movements.height)
