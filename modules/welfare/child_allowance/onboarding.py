"""What 児童手当 takes over from an old system (移行): the open cases with their children, from the first month it has not paid.

The names are those of the 基本データリスト 児童手当 as far as they are known (K, to be checked against the list).
"""

from collections.abc import Iterable

import polars as pl

from modules.welfare.child_allowance.models import RECIPIENT_KINDS
from yoriai.onboarding.layout import (
    LINE,
    MARK,
    Column,
    Context,
    Fault,
    Frames,
    Kind,
    Outcome,
    Part,
    Reference,
    Rule,
    Table,
)
from yoriai.onboarding.loading import set_counter
from yoriai.tenancy.bulk import BulkWriteSession

_LIST = "K:基本データリスト 児童手当の項目名（未確認）"
_STATES = {"approved": "認定", "paying": "支給中", "held": "差止"}
_PEOPLE = ("resident.person", "non_resident.person")
CASE = Table(
    "child_allowance.case",
    "児童手当の受給者",
    (
        Column("case_no", "認定番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("recipient_no", "受給者の宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("recipient_kind", "受給者の区分", Kind.CODE, codes=RECIPIENT_KINDS, default="parent", official=_LIST),
        Column("status", "受給の状態", Kind.CODE, codes=_STATES, default="paying", official=_LIST),
        Column("claimed_on", "請求年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("decided_on", "認定年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("first_month", "当システムで支払う最初の月の初日", Kind.DATE, is_required=True),
    ),
    key=("case_no",),
    references=(Reference("recipient_no", _PEOPLE, "addressee_no"),),
    rules=(
        Rule("recipient_twice", "recipient_no", pl.col("recipient_no").is_duplicated(), "1人に2つの認定があります。"),
        Rule("first_month", "first_month", pl.col("first_month").dt.day() != 1, "月の初日にしてください。"),
    ),
    loaded="""
SELECT case_no, recipient_no, recipient_kind, status, claimed_on, decided_on, first_month
  FROM child_allowance_case WHERE status IN ('approved', 'paying', 'held')""",
    person="recipient_no",
)
CHILD = Table(
    "child_allowance.child",
    "児童手当の児童",
    (
        Column("case_no", "認定番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("child_no", "児童の宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("name", "児童の氏名", Kind.NAME, 100, is_required=True, official=_LIST),
        Column("birth_date", "児童の生年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("is_cared", "監護の有無", Kind.FLAG, default=True, official=_LIST),
        Column("is_supported", "生計費の負担の有無", Kind.FLAG, default=False, official=_LIST),
    ),
    key=("case_no", "child_no"),
    references=(
        Reference("case_no", (CASE.name,), "case_no"),
        Reference("child_no", _PEOPLE, "addressee_no"),
    ),
    loaded="""
SELECT h.case_no, h.child_no, h.name, h.birth_date, h.is_cared, h.is_supported
  FROM child_allowance_child h JOIN child_allowance_case c ON c.case_no = h.case_no
 WHERE h.superseded_at IS NULL AND h.lost_on IS NULL AND h.child_no IS NOT NULL AND c.status IN ('approved', 'paying', 'held')""",
    person="child_no",
)


def check(frames: Frames, _context: Context) -> Iterable[Fault]:
    """A case without children, and a child whose birth date is not the register's."""
    cases = frames[CASE.name].filter(pl.col(MARK) == Outcome.LOADED)
    children = frames[CHILD.name].filter(pl.col(MARK) == Outcome.LOADED)
    for line in cases.join(frames[CHILD.name], on="case_no", how="anti")[LINE]:
        yield Fault(CASE.name, line, "認定番号", "no_child", "児童のいない認定です。")
    waiting = cases.join(frames[CHILD.name], on="case_no", how="semi").join(children, on="case_no", how="anti")
    for line in waiting[LINE]:
        words = "児童の記録が移行されないため保留します。"
        yield Fault(CASE.name, line, "認定番号", "child_refused", words, Outcome.SET_ASIDE)
    if "resident.person" in frames:
        births = frames["resident.person"].select("addressee_no", born="birth_date").drop_nulls().unique("addressee_no")
        both = children.join(births, left_on="child_no", right_on="addressee_no", how="inner")
        for line in both.filter(pl.col("birth_date") != pl.col("born"))[LINE]:
            words = "児童の生年月日が住民の記録と違います。"
            yield Fault(CHILD.name, line, "児童の生年月日", "birth_differs", words)


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write cases and children."""
    by = pl.lit(context.staff)
    cases = frames[CASE.name].drop(LINE, strict=False)
    session.append("child_allowance_case", cases.with_columns(staff_id=by))
    session.append("child_allowance_child", frames[CHILD.name].drop(LINE, strict=False).with_columns(staff_id=by))
    if not cases.is_empty():
        set_counter(session, "child_allowance_case", int(cases["case_no"].sort()[-1]))


PART = Part((CASE, CHILD), load, check)
