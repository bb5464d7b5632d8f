"""What the roll takes over from an old system (移行): the registrations that stand (公職選挙法19条: a roll is permanent).

The names are those of the 基本データリスト 選挙人名簿管理 as far as they are known (K, to be checked against the list).
"""

from collections.abc import Iterable

import polars as pl

from modules.resident.electoral_roll.districts import UNASSIGNED, division_on
from yoriai.japanese import fold_kana, fold_name
from yoriai.onboarding.layout import LINE, Column, Context, Fault, Frames, Kind, Part, Reference, Rule, Table
from yoriai.onboarding.loading import set_counter
from yoriai.tenancy.bulk import BulkWriteSession

_LIST = "K:基本データリスト 選挙人名簿管理の項目名（未確認）"
_STATES = {"registered": "登録", "moved_out": "転出表示"}
_SEXES = {"1": "男", "2": "女", "9": "不明"}
ENTRY = Table(
    "electoral_roll.entry",
    "選挙人名簿",
    (
        Column("entry_no", "登録番号", Kind.NUMBER, 15, is_required=True),
        Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("household_no", "世帯番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("name", "氏名", Kind.NAME, 100, is_required=True, official=_LIST),
        Column("name_kana", "氏名_フリガナ", Kind.KANA, 100, is_required=True, official=_LIST),
        Column("birth_date", "生年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("sex", "性別", Kind.CODE, codes=_SEXES, is_required=True, official=_LIST),
        Column("postcode", "郵便番号", Kind.TEXT, 7, official=_LIST),
        Column("address", "住所", Kind.TEXT, 240, is_required=True, is_printed=True, official=_LIST),
        Column("building", "方書", Kind.TEXT, 300, is_printed=True, official=_LIST),
        Column("district_code", "投票区番号", Kind.TEXT, 3, is_required=True, official=_LIST),
        Column("serial_no", "投票区内の番号", Kind.NUMBER, 7, is_required=True, official=_LIST),
        Column("status", "登録状態", Kind.CODE, codes=_STATES, default="registered", official=_LIST),
        Column("registered_on", "登録年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("moved_out_on", "転出年月日", Kind.DATE, official=_LIST),
        Column("remove_on", "抹消予定年月日", Kind.DATE),
        Column("destination", "転出先", Kind.TEXT, 300),
    ),
    key=("entry_no",),
    references=(Reference("addressee_no", ("resident.person",), "addressee_no"),),
    rules=(
        Rule("person_twice", "addressee_no", pl.col("addressee_no").is_duplicated(), "1人に2つの登録があります。"),
        Rule(
            "serial_twice",
            "serial_no",
            pl.struct("district_code", "serial_no").is_duplicated(),
            "同じ投票区に同じ番号の登録が2つあります。",
        ),
        Rule(
            "moved_out",
            "moved_out_on",
            (pl.col("status") == "moved_out") & (pl.col("moved_out_on").is_null() | pl.col("remove_on").is_null()),
            "転出表示なのに転出年月日か抹消予定年月日がありません。",
        ),
    ),
    loaded="""
SELECT entry_no, addressee_no, household_no, name, name_kana, birth_date, sex, postcode, address, building, district_code,
       serial_no, status, registered_on, moved_out_on, remove_on, destination
  FROM electoral_entry WHERE status <> 'removed'""",
)


def check(frames: Frames, context: Context) -> Iterable[Fault]:
    """投票区 that the municipality does not have."""
    known = [*division_on(context.config, context.as_of).districts, UNASSIGNED]
    strange = frames[ENTRY.name].filter(~pl.col("district_code").is_in(known))
    for line, code in strange.select(LINE, "district_code").iter_rows():
        yield Fault(ENTRY.name, line, "投票区番号", "unknown_district", f"「{code}」という投票区はありません。")


def load(session: BulkWriteSession, frames: Frames, _context: Context) -> None:
    """Write the registrations; new numbers of each 投票区 go on after them."""
    rows = frames[ENTRY.name].drop(LINE, strict=False)
    if rows.is_empty():
        return
    entries = rows.with_columns(
        name_fold=pl.Series([fold_name(name) for name in rows["name"]], dtype=pl.String),
        kana_fold=pl.Series([fold_kana(kana) for kana in rows["name_kana"]], dtype=pl.String),
        registered_by=pl.lit("regular"),
        run_key=pl.lit("conversion"),
    )
    session.append("electoral_entry", entries)
    set_counter(session, "electoral_entry", int(rows["entry_no"].sort()[-1]))
    for code, last in rows.group_by("district_code").agg(pl.col("serial_no").max()).iter_rows():
        set_counter(session, f"electoral_serial:{code}", int(last))


PART = Part((ENTRY,), load, check)
