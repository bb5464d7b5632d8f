"""表示・抹消・修正 (27条、28条): the roll follows the register. What is on a list of voters that was fixed stays as it was.

Compared are the present rows of both, not events, so a night that was missed or run twice makes no difference.
"""

from datetime import date

import polars as pl

from modules.resident.electoral_roll.judging import DEAD, figures_of
from modules.resident.electoral_roll.rules import period_end
from modules.resident.electoral_roll.states import TRANSITIONS, Act, State
from yoriai.japanese import fold_kana, fold_name
from yoriai.jobs import Chunk, ChunkResult, JobContext
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkWriteSession

_COMPARED = ("household_no", "name", "name_kana", "birth_date", "sex", "postcode", "address", "building")
_PAIRS = """
SELECT e.entry_no, e.status, e.remove_on, e.household_no, e.name, e.name_kana, e.birth_date, e.sex, e.postcode, e.address,
       e.building,
       p.household_no AS new_household_no, p.name AS new_name, p.name_kana AS new_name_kana, p.birth_date AS new_birth_date,
       p.sex AS new_sex, p.postcode AS new_postcode, p.address AS new_address, p.building AS new_building,
       p.is_hidden, p.status AS resident_status, p.removed_on, p.removal_reason, p.destination, p.nationality
  FROM electoral_entry e
  JOIN fact_resident_period p ON p.addressee_no = e.addressee_no AND p.valid_from <= $1 AND p.valid_to > $1
 WHERE e.status <> 'removed' AND e.entry_no >= $2 AND e.entry_no < $3 ORDER BY e.entry_no
"""
_MARK = """
UPDATE electoral_entry e SET status = 'moved_out', moved_out_on = n.left_on::date, remove_on = n.remove_on::date,
       destination = nullif(n.destination, ''), version = e.version + 1
  FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) AS n(entry_no, left_on, remove_on, destination)
 WHERE e.entry_no = n.entry_no
"""
_UNMARK = """
UPDATE electoral_entry SET status = 'registered', moved_out_on = NULL, remove_on = NULL, destination = NULL,
       elsewhere_on = NULL,
       version = version + 1 WHERE entry_no = ANY($1::bigint[])
"""
_REMOVE = """
UPDATE electoral_entry e SET status = 'removed', removed_on = n.removed_on::date, removal_reason = n.reason,
       version = e.version + 1
  FROM unnest($1::bigint[], $2::text[], $3::text[]) AS n(entry_no, removed_on, reason) WHERE e.entry_no = n.entry_no
"""
_CORRECT = """
UPDATE electoral_entry e SET household_no = n.household_no, name = n.name, name_kana = n.kana, name_fold = n.name_fold,
       kana_fold = n.kana_fold, birth_date = n.birth_date::date, sex = n.sex, postcode = nullif(n.postcode, ''),
       address = n.address,
       building = nullif(n.building, ''), version = e.version + 1
  FROM unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::text[],
              $10::text[], $11::text[])
    AS n(entry_no, household_no, name, kana, name_fold, kana_fold, birth_date, sex, postcode, address, building)
 WHERE e.entry_no = n.entry_no
"""

_OVERSEAS = """
UPDATE electoral_overseas SET removed_on = remove_on, removal_reason = 'four_months' WHERE removed_on IS NULL AND remove_on <= $1
"""


def run_follow(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Mark, unmark, remove and correct the chunk's registrations as of the business date; the control total is the removals."""
    day = context.business_date
    who = f"batch:{context.run_key}"
    pairs = session.read(_PAIRS, (day, chunk.lower, chunk.upper))
    marked = _mark(session, context, pairs, who)
    returned = _unmark(session, pairs, day, who)
    removed = _remove(session, pairs, day, who)
    session.execute(_OVERSEAS, (day,))
    corrected = _correct(session, pairs, day, who)
    return ChunkResult(pairs.height, marked + returned + removed + corrected, 0, removed)


def gone_for_good() -> pl.Expr:
    """Why a registration ends at once (28条1号): `death` or `nationality`; empty where it does not."""
    reason = pl.col("removal_reason").fill_null("")
    lost = (reason == "nationality_loss") | (pl.col("nationality") != "JPN")
    return (
        pl.when(reason.is_in(list(DEAD)))
        .then(pl.lit("death"))
        .when(lost)
        .then(pl.lit("nationality"))
        .otherwise(pl.lit(""))
    )


def _mark(session: BulkWriteSession, context: JobContext, pairs: pl.DataFrame, who: str) -> int:
    months = Use(figures_of(context.config, context.business_date)).count("removal.months")
    end = period_end(pl.col("removed_on").dt.offset_by("1d"), f"{months}mo")
    rows = pairs.filter(
        _may(Act.MARK) & (pl.col("resident_status") == "removed") & (gone_for_good() == "")
    ).with_columns(remove_on=end.dt.offset_by("1d"), destination=pl.col("destination").fill_null(""))
    if rows.is_empty():
        return 0
    session.execute(
        _MARK,
        (
            rows["entry_no"].to_list(),
            _texts(rows["removed_on"]),
            _texts(rows["remove_on"]),
            rows["destination"].to_list(),
        ),
    )
    _note(session, rows.select("entry_no", on="removed_on", detail="destination"), Act.MARK, "moved_out", who)
    return rows.height


def _unmark(session: BulkWriteSession, pairs: pl.DataFrame, day: date, who: str) -> int:
    rows = pairs.filter(_may(Act.UNMARK) & (pl.col("resident_status") != "removed") & (gone_for_good() == ""))
    if rows.is_empty():
        return 0
    session.execute(_UNMARK, (rows["entry_no"].to_list(),))
    _note(session, rows.select("entry_no", on=pl.lit(day), detail=pl.lit("")), Act.UNMARK, "returned", who)
    return rows.height


def _remove(session: BulkWriteSession, pairs: pl.DataFrame, day: date, who: str) -> int:
    """At once for death and lost nationality; who has moved out, when the four months are over."""
    at_once = pairs.filter(_may(Act.REMOVE)).with_columns(
        reason=gone_for_good(), on=pl.coalesce("removed_on", pl.lit(day))
    )
    over = (
        (pl.col("status") == State.MOVED_OUT)
        & (pl.col("resident_status") == "removed")
        & (pl.col("remove_on") <= day).fill_null(value=False)
    )
    rows = at_once.with_columns(
        reason=pl.when(pl.col("reason") != "").then("reason").when(over).then(pl.lit("four_months")),
        on=pl.when(pl.col("reason") != "").then("on").otherwise("remove_on"),
    ).filter(pl.col("reason").is_not_null())
    if rows.is_empty():
        return 0
    session.execute(_REMOVE, (rows["entry_no"].to_list(), _texts(rows["on"]), rows["reason"].to_list()))
    for reason in rows["reason"].unique().sort():
        part = rows.filter(pl.col("reason") == reason).select("entry_no", "on", detail=pl.lit(""))
        _note(session, part, Act.REMOVE, reason, who)
    return rows.height


def _correct(session: BulkWriteSession, pairs: pl.DataFrame, day: date, who: str) -> int:
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"new_{name}")) for name in _COMPARED)
    rows = pairs.filter(
        _may(Act.CORRECT) & (pl.col("resident_status") != "removed") & differs & (gone_for_good() == "")
    )
    if rows.is_empty():
        return 0
    columns = {name: rows[f"new_{name}"] for name in _COMPARED}
    session.execute(
        _CORRECT,
        (
            rows["entry_no"].to_list(),
            columns["household_no"].to_list(),
            columns["name"].to_list(),
            columns["name_kana"].to_list(),
            [fold_name(name) for name in columns["name"]],
            [fold_kana(kana) for kana in columns["name_kana"]],
            _texts(columns["birth_date"]),
            columns["sex"].to_list(),
            columns["postcode"].fill_null("").to_list(),
            columns["address"].to_list(),
            columns["building"].fill_null("").to_list(),
        ),
    )
    # Nothing is left behind of an address that has become one to hide.
    before = (
        pl.when("is_hidden")
        .then("name")
        .otherwise(pl.concat_str("name", "address", pl.col("building").fill_null(""), separator=" "))
    )
    _note(session, rows.select("entry_no", on=pl.lit(day), detail=before), Act.CORRECT, "changed", who)
    return rows.height


def _may(act: Act) -> pl.Expr:
    return pl.col("status").is_in([str(state) for state in TRANSITIONS[act].sources])


def _note(session: BulkWriteSession, rows: pl.DataFrame, act: Act, reason: str, who: str) -> None:
    columns = {"act": str(act), "reason": reason, "staff_id": who}
    session.append("electoral_act", rows.with_columns(pl.lit(value).alias(name) for name, value in columns.items()))


def _texts(days: pl.Series) -> list[str]:
    return [day.isoformat() for day in days]
