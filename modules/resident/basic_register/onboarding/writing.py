"""Households, movements, versions, numbers and 支援措置 of an old system, written at the speed of COPY."""

from typing import Any

import polars as pl

from modules.resident.basic_register.folding import fold_names
from modules.resident.basic_register.labels import relationship_text
from modules.resident.basic_register.numbers.kinds import MY_NUMBER, RESIDENT_CODE
from modules.resident.basic_register.onboarding.layout import NUMBER, PERSON, PROTECTION
from yoriai.onboarding.layout import LINE, Context, Frames
from yoriai.onboarding.loading import set_counter
from yoriai.sealing import Sealed
from yoriai.tenancy.bulk import BulkWriteSession

_CONVERSION = 0
"""The movement of all versions that the old system gives no 異動 for."""


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write households, movements, versions, numbers and 支援措置."""
    people = frames[PERSON.name].with_columns(
        relationship_text=pl.col("relationship").replace_strict(
            *_texts(frames[PERSON.name]["relationship"].unique().to_list()), return_dtype=pl.String
        )
    )
    people = _with_movements(session, people, context)
    households = people.group_by("household_no").agg(created_on=pl.col("valid_from").min()).sort("household_no")
    session.append("household", households)
    left_out = (LINE, "reason", "event_date", "notified_on")
    session.append("resident_record", _folded(people.drop(left_out)))
    _write_parts(session)
    _write_numbers(session, frames[NUMBER.name], context)
    _write_protections(session, frames[PROTECTION.name], context)
    for kind, column in (("addressee", "addressee_no"), ("household", "household_no")):
        if not people.is_empty():
            set_counter(session, kind, int(people[column].sort()[-1]))


def _texts(codes: list[str]) -> tuple[list[str], list[str]]:
    return codes, [relationship_text(code) for code in codes]


def _with_movements(session: BulkWriteSession, people: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Give each version its movement: what happened to a household on a day for one reason is one."""
    happened = people.filter(pl.col("reason") != "conversion")
    alike = ["household_no", "reason", "event_date", "notified_on"]
    movements = happened.select(alike).unique(maintain_order=True).sort("event_date", "household_no", "reason")
    movements = movements.with_row_index("movement_no", 1).with_columns(pl.col("movement_no").cast(pl.Int64))
    ex_officio = pl.col("reason").str.starts_with("ex_officio") | pl.col("notified_on").is_null()
    written = movements.with_columns(
        pl.when(ex_officio).then(pl.lit("ex_officio")).otherwise(pl.lit("notified")).alias("class"),
        pl.col("notified_on").fill_null(pl.col("event_date")),
        staff_id=pl.lit(context.staff),
        processed_at=_morning_of("notified_on", "event_date"),
        note=pl.lit("移行"),
    )
    conversion = pl.DataFrame(
        {
            "movement_no": [_CONVERSION],
            "household_no": [0],
            "reason": ["conversion"],
            "event_date": [context.as_of],
            "notified_on": [context.as_of],
            "class": ["ex_officio"],
            "staff_id": [context.staff],
            "processed_at": [context.now],
            "note": ["移行"],
        }
    )
    session.append("movement", conversion)
    session.append("movement", written)
    set_counter(session, "movement", movements.height)
    joined = people.join(movements, on=alike, how="left", nulls_equal=True)
    return joined.with_columns(pl.col("movement_no").fill_null(_CONVERSION))


def _morning_of(*columns: str) -> pl.Expr:
    """The old system processed them on the day they were notified."""
    day = pl.coalesce(*columns).cast(pl.Datetime("us"))
    return day.dt.replace_time_zone("Asia/Tokyo").dt.convert_time_zone("UTC")


def _folded(records: pl.DataFrame) -> pl.DataFrame:
    """Add the searchable copies of the names; each distinct set of names is folded once."""
    keys = ["name", "name_kana", "alias", "former_surname"]
    names = records.select(keys).unique(maintain_order=True)
    folded = [fold_names(*row) for row in names.iter_rows()]
    columns: dict[str, Any] = {
        "name_fold": [each.name_fold for each in folded],
        "kana_fold": [each.kana_fold for each in folded],
        "other_fold": pl.Series([each.other_fold for each in folded], dtype=pl.String),
        "gram": pl.Series([each.gram for each in folded], dtype=pl.List(pl.String)),
    }
    return records.join(names.hstack(pl.DataFrame(columns)), on=keys, nulls_equal=True, how="left")


def _write_parts(session: BulkWriteSession) -> None:
    """Whom each movement concerned, with the version before and the one after."""
    after = session.read("SELECT id, addressee_no, valid_from, valid_to, movement_no FROM resident_record")
    before = after.select("addressee_no", before_record_id="id", valid_from="valid_to")
    parts = after.join(before, on=["addressee_no", "valid_from"], how="left").sort("valid_from")
    one = parts.unique(["movement_no", "addressee_no"], keep="last", maintain_order=True)
    session.append(
        "movement_person", one.select("movement_no", "addressee_no", "before_record_id", after_record_id="id")
    )


def _write_numbers(session: BulkWriteSession, numbers: pl.DataFrame, context: Context) -> None:
    for kind in (MY_NUMBER, RESIDENT_CODE):
        given = numbers.select("addressee_no", kind).drop_nulls()
        sealed = [
            context.sealer.seal(Sealed(session.tenant, kind, f"addressee:{person}"), number)
            for person, number in given.iter_rows()
        ]
        prints = [context.sealer.fingerprints(session.tenant, kind, number)[0] for number in given[kind]]
        frame = given.select("addressee_no").with_columns(
            kind=pl.lit(kind),
            sealed=pl.Series(sealed, dtype=pl.String),
            fingerprint=pl.Series(prints, dtype=pl.String),
            valid_from=pl.lit(context.as_of),
            reason=pl.lit("assigned"),
            note=pl.lit("移行"),
            staff_id=pl.lit(context.staff),
            recorded_at=pl.lit(context.now),
        )
        session.append("person_number", frame)


def _write_protections(session: BulkWriteSession, rows: pl.DataFrame, context: Context) -> None:
    """支援措置 come over closed: the address is hidden and no certificate is issued, until staff say otherwise."""
    if rows.is_empty():
        return
    scope = ["view", "copy", "removed_copy", "supplement"]
    session.append(
        "protection",
        rows.unique("protection_no", maintain_order=True)
        .drop(LINE, "addressee_no")
        .with_columns(
            kind=pl.lit("support"),
            hides_address=pl.lit(value=True),
            hides_from_search=pl.lit(value=False),
            stops_issue=pl.lit(value=True),
            stops_movement=pl.lit(value=False),
            scope=pl.Series([scope] * rows["protection_no"].n_unique(), dtype=pl.List(pl.String)),
            reason=pl.lit("移行"),
            staff_id=pl.lit(context.staff),
            recorded_at=pl.lit(context.now),
        ),
    )
    session.append("protection_subject", rows.select("protection_no", "addressee_no"))
    set_counter(session, "protection", int(rows["protection_no"].sort()[-1]))
