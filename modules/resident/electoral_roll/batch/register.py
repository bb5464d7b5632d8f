"""定時登録 and 選挙時登録 (22条): everybody who is registrable as of the base day and not on the roll is put on it.

What stands on the roll already keeps its place, except that a 転居 into another district moves it there as of this base day.
Running it again finds nobody left to register.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl

from modules.resident.electoral_roll.batch.plan import base_day, due_elections, regular_of
from modules.resident.electoral_roll.districts import UNASSIGNED, Division, division_on
from modules.resident.electoral_roll.judging import PEOPLE, figures_of, judge
from yoriai.addresses import address_order
from yoriai.calendar import OperatingCalendar
from yoriai.japanese import fold_kana, fold_name
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.rules import ParameterSet
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

# Who left long ago, was never of age or is a foreigner cannot be registrable: the rules need not look at them.
_CANDIDATES = f"""{PEOPLE}
   AND p.addressee_no >= $2 AND p.addressee_no < $3 AND p.nationality = 'JPN' AND p.birth_date <= $4
   AND (p.removed_on IS NULL OR p.removed_on > $1 - 200)
"""
_ORDER = ("postcode", "address_order", "household_no", "birth_date", "addressee_no")
"""The order of the running numbers of a run."""
_LISTED = """
SELECT entry_no, addressee_no, status, district_code FROM electoral_entry
 WHERE status <> 'removed' AND addressee_no >= $1 AND addressee_no < $2
"""
_NUMBERS = """
INSERT INTO number_counter (kind, next) VALUES ($1, 1 + $2)
ON CONFLICT (kind) DO UPDATE SET next = number_counter.next + $2 RETURNING next - $2
"""
# 定時登録 and 選挙時登録 of one night may run side by side; the later one then sees whom the other has registered.
_ONE_AT_A_TIME = """
SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':electoral_roll.register', 0))::text AS done
"""
_RUN = """
INSERT INTO electoral_run (run_key, kind, base_on, age_on, registered_on, figures) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT DO NOTHING
"""
_TRANSFER = """
UPDATE electoral_entry e SET district_code = n.code, serial_no = n.serial, version = e.version + 1
  FROM unnest($1::bigint[], $2::text[], $3::bigint[]) AS n(entry_no, code, serial) WHERE e.entry_no = n.entry_no
"""


@dataclass(frozen=True)
class Run:
    """One registration: as of which day, the age as of which, on which day, under which key."""

    key: str
    kind: str
    base_on: date
    age_on: date
    registered_on: date


def regular_run(session: BulkReadSession, context: JobContext) -> Run:
    """The 定時登録 of the business date: that of its 登録月 or of the last one before."""
    calendar = OperatingCalendar.of(context.config.section("calendar"))
    regular = regular_of(session, calendar, base_day(context.business_date))
    return Run(f"regular:{regular.base_on}", "regular", regular.base_on, regular.age_on, regular.registered_on)


def run_regular(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Register the chunk's people as of the first of the 登録月; the control total is who was registered."""
    return register(session, context, chunk, regular_run(session, context))


def run_elections(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """Register the chunk's people for each election that is due; the age is asked on its election day."""
    results = []
    for item in due_elections(session, context):
        base, vote, day = (_day(item[name]) for name in ("base_on", "vote_on", "registered_on"))
        run = Run(f"election:{item['election_no']}", "election", base, vote, day)
        results.append(register(session, context, chunk, run))
    return ChunkResult(
        max((result.rows_in for result in results), default=0),
        sum(result.rows_out for result in results),
        sum(result.rows_error for result in results),
        sum(result.control_total for result in results),
        tuple(error for result in results for error in result.errors),
    )


def register(session: BulkWriteSession, context: JobContext, chunk: Chunk, run: Run) -> ChunkResult:
    """Judge, register and re-district the people of the range."""
    figures = figures_of(context.config, run.base_on)
    division = division_on(context.config, run.base_on)
    session.read(_ONE_AT_A_TIME)
    _keep_run(session, run, figures)
    # The law may lower the age again; a year under any age it has had is young enough to leave out.
    youngest = date(run.age_on.year - 16, 1, 1)
    people = by_address(session.read(_CANDIDATES, (run.base_on, chunk.lower, chunk.upper, youngest)), _ORDER)
    listed = session.read(_LISTED, (chunk.lower, chunk.upper))
    people = people.with_columns(district_code=_districts(people["place"], division))
    judged = judge(people, run.base_on, run.age_on, figures)
    fresh = judged.filter("is_registrable").join(listed, on="addressee_no", how="anti", maintain_order="left")
    who = f"batch:{context.run_key}"
    enter(session, fresh, run, who)
    moved = _transfer(session, people, listed, run, who)
    errors = tuple(
        RowError(f"addressee:{number}", "住所に合う投票区がありません。")
        for (number,) in fresh.filter(pl.col("district_code") == UNASSIGNED).select("addressee_no").iter_rows()
    )
    return ChunkResult(people.height, fresh.height + moved, len(errors), fresh.height, errors)


def enter(session: BulkWriteSession, fresh: pl.DataFrame, run: Run, who: str) -> pl.DataFrame:
    """Put the judged people on the roll; those who have moved out already are marked at once. The new entries."""
    if fresh.is_empty():
        return fresh
    first = _allocate(session, "electoral_entry", fresh.height)
    numbered = _with_serials(session, fresh).with_columns(
        entry_no=pl.int_range(first, first + fresh.height, dtype=pl.Int64),
        name_fold=pl.Series([fold_name(name) for name in fresh["name"]], dtype=pl.String),
        kana_fold=pl.Series([fold_kana(kana) for kana in fresh["name_kana"]], dtype=pl.String),
        registered_on=pl.lit(run.registered_on),
        registered_by=pl.lit(run.kind),
        run_key=pl.lit(run.key),
        status=pl.when("is_former").then(pl.lit("moved_out")).otherwise(pl.lit("registered")),
        moved_out_on=pl.when("is_former").then("removed_on"),
        destination=pl.when("is_former").then("destination"),
        remove_on=pl.when("is_former").then(pl.col("former_until").dt.offset_by("1d")),
    )
    session.append("electoral_entry", numbered.select(_ENTRY))
    acts = numbered.select("entry_no", on="registered_on").with_columns(
        act=pl.lit("register"), reason=pl.lit(run.kind), detail=pl.lit(run.key), staff_id=pl.lit(who)
    )
    session.append("electoral_act", acts)
    marks = numbered.filter(pl.col("status") == "moved_out").select("entry_no", on="moved_out_on", detail="destination")
    session.append(
        "electoral_act",
        marks.with_columns(
            pl.col("detail").fill_null(""), act=pl.lit("mark"), reason=pl.lit("moved_out"), staff_id=pl.lit(who)
        ),
    )
    return numbered


_ENTRY = (
    "entry_no", "addressee_no", "household_no", "name", "name_kana", "name_fold", "kana_fold", "birth_date", "sex", "postcode",
    "address", "building", "district_code", "serial_no", "status", "registered_on", "registered_by", "run_key", "moved_out_on",
    "destination", "remove_on",
)  # fmt: skip


def _keep_run(session: BulkWriteSession, run: Run, figures: ParameterSet) -> None:
    content = json.dumps(figures.to_json(), ensure_ascii=False, sort_keys=True)
    session.execute(_RUN, (run.key, run.kind, run.base_on, run.age_on, run.registered_on, content))


def _transfer(session: BulkWriteSession, people: pl.DataFrame, listed: pl.DataFrame, run: Run, who: str) -> int:
    """Move those who have moved within the municipality to the district of their address as of the base day."""
    present = people.filter(pl.col("removed_on").is_null()).select("addressee_no", new="district_code")
    moved = listed.filter(pl.col("status") == "registered").join(present, on="addressee_no")
    moved = moved.filter(pl.col("new") != pl.col("district_code"))
    if moved.is_empty():
        return 0
    placed = _with_serials(session, moved.rename({"district_code": "old", "new": "district_code"}))
    session.execute(
        _TRANSFER,
        (placed["entry_no"].to_list(), placed["district_code"].to_list(), placed["serial_no"].to_list()),
    )
    acts = placed.select("entry_no", detail=pl.concat_str("old", pl.lit("→"), "district_code")).with_columns(
        act=pl.lit("transfer"), on=pl.lit(run.registered_on), reason=pl.lit("district"), staff_id=pl.lit(who)
    )
    session.append("electoral_act", acts)
    return moved.height


def by_address(rows: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """The rows sorted by the columns, of which `address_order` is their `address` in the order of its numbers; nulls last."""
    if rows.is_empty():
        return rows
    places = rows["address"].unique().to_list()
    orders = {place: address_order(place) for place in places if place is not None}
    keyed = rows.with_columns(
        address_order=pl.col("address").replace_strict(orders, default=None, return_dtype=pl.String)
    )
    return keyed.sort(order, nulls_last=True).drop("address_order")


def _with_serials(session: BulkWriteSession, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with the next running numbers of their districts, in their order."""
    counts = rows.group_by("district_code").len().sort("district_code")
    firsts = {code: _allocate(session, f"electoral_serial:{code}", count) for code, count in counts.iter_rows()}
    offsets = pl.int_range(pl.len(), dtype=pl.Int64).over("district_code")
    first = pl.col("district_code").replace_strict(firsts, return_dtype=pl.Int64)
    return rows.with_columns(serial_no=first + offsets)


def _allocate(session: BulkWriteSession, kind: str, count: int) -> int:
    return int(session.read(_NUMBERS, (kind, count)).item())


def _districts(addresses: pl.Series, division: Division) -> pl.Series:
    known = {address: division.district_of(address) for address in addresses.unique()}
    return pl.Series([known[address] for address in addresses], dtype=pl.String)


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError("not a date")
    return value
