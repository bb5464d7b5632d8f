"""What 就学 takes over from an old system (移行): the 学齢簿 with the school each child attends now.

The names are those of the 基本データリスト 就学 as far as they are known (K, to be checked against the list).
"""

from collections.abc import Iterable

import polars as pl

from modules.resident.school_age.codes import CHILD_STATES, PLACEMENTS, WISHES
from modules.resident.school_age.settings import read_settings
from yoriai.dates import OPEN_END
from yoriai.onboarding.layout import LINE, Column, Context, Fault, Frames, Kind, Part, Reference, Rule, Table
from yoriai.tenancy.bulk import BulkWriteSession

_LIST = "K:基本データリスト 就学の項目名（未確認）"
_STATES = {state: label for state, (label, _) in CHILD_STATES.items()}
CHILD = Table(
    "school_age.child",
    "学齢簿",
    (
        Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("entry_year", "就学年度", Kind.NUMBER, 4, is_required=True, official=_LIST),
        Column("state", "学齢簿の状態", Kind.CODE, codes=_STATES, default="enrolled"),
        Column("wish", "就学の希望", Kind.CODE, codes=WISHES, default="none"),
        Column("guardian_no", "保護者の宛名番号", Kind.NUMBER, 15, official=_LIST),
        Column("is_missing", "居所不明", Kind.FLAG, default=False),
        Column("remark", "備考", Kind.TEXT, 1000, default="", official=_LIST),
        Column("made_on", "編製年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("kind", "就学先の区分", Kind.CODE, codes=PLACEMENTS, is_required=True, official=_LIST),
        Column("grade", "学年", Kind.NUMBER, 1, is_required=True, official=_LIST),
        Column("school_code", "学校コード", Kind.TEXT, 13, official=_LIST),
        Column("school_name", "学校名", Kind.TEXT, 100, is_required=True, official=_LIST),
        Column("basis", "就学の根拠", Kind.TEXT, 40, default="移行"),
        Column("valid_from", "就学年月日", Kind.DATE, is_required=True, official=_LIST),
    ),
    key=("addressee_no",),
    references=(
        Reference("addressee_no", ("resident.person",), "addressee_no"),
        Reference("guardian_no", ("resident.person", "non_resident.person"), "addressee_no"),
    ),
    rules=(
        Rule("grade", "grade", ~pl.col("grade").is_between(0, 9), "学年は0から9までです。"),
        Rule(
            "school",
            "school_code",
            (pl.col("kind") == "municipal") & pl.col("school_code").is_null(),
            "市町村立なのに学校コードがありません。",
        ),
    ),
    loaded="""
SELECT c.addressee_no, c.entry_year, c.state, c.wish, c.guardian_no, c.is_missing, c.remark, c.made_on, p.kind, p.grade,
       p.school_code, p.school_name, p.basis, p.valid_from
  FROM school_age_child c
  JOIN school_age_placement p ON p.addressee_no = c.addressee_no AND p.superseded_at IS NULL AND p.valid_to = '9999-12-31'""",
)
_CHILD_ITEMS = ("addressee_no", "entry_year", "state", "wish", "guardian_no", "is_missing", "remark", "made_on")
_PLACE_ITEMS = ("addressee_no", "kind", "grade", "school_code", "school_name", "basis", "valid_from")


def check(frames: Frames, context: Context) -> Iterable[Fault]:
    """Schools that the municipality does not have."""
    known = list(read_settings(context.config).schools)
    rows = frames[CHILD.name].filter((pl.col("kind") == "municipal") & pl.col("school_code").is_not_null())
    for line, code in rows.filter(~pl.col("school_code").is_in(known)).select(LINE, "school_code").iter_rows():
        yield Fault(CHILD.name, line, "学校コード", "unknown_school", f"「{code}」という学校はありません。")


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write the children and where each attends."""
    by = pl.lit(context.staff)
    rows = frames[CHILD.name]
    session.append("school_age_child", rows.select(*_CHILD_ITEMS, staff_id=by))
    session.append(
        "school_age_placement", rows.select(*_PLACE_ITEMS, staff_id=by).with_columns(valid_to=pl.lit(OPEN_END))
    )


PART = Part((CHILD,), load, check)
