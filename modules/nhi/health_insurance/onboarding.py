"""What NHI takes over from an old system (移行): enrolments, present and past, and 特定同一世帯所属者.

The names are those of the 基本データリスト 国民健康保険 as far as they are known (K, to be checked against the list).
"""

from collections.abc import Iterable

import polars as pl

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS, LOSS_REASONS
from yoriai.dates import OPEN_END
from yoriai.onboarding.layout import LINE, Column, Context, Fault, Frames, Kind, Part, Reference, Rule, Table
from yoriai.tenancy.bulk import BulkWriteSession

_LIST = "K:基本データリスト 国民健康保険の項目名（未確認）"
_WHO = (
    Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
    Column("household_no", "世帯番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
)
_REFERENCES = (
    Reference("addressee_no", ("resident.person",), "addressee_no"),
    Reference("household_no", ("resident.person",), "household_no"),
)
ENROLMENT = Table(
    "nhi.enrolment",
    "国保資格",
    (
        *_WHO,
        Column("acquired_on", "資格取得年月日", Kind.DATE, is_required=True, official=_LIST),
        Column(
            "acquisition_reason", "資格取得事由", Kind.CODE, codes=ACQUISITION_REASONS, is_required=True, official=_LIST
        ),
        Column("lost_on", "資格喪失年月日", Kind.DATE, default=OPEN_END, official=_LIST),
        Column("loss_reason", "資格喪失事由", Kind.CODE, codes=LOSS_REASONS, official=_LIST),
        Column("notified_on", "資格取得届出年月日", Kind.DATE, official=_LIST),
    ),
    key=("addressee_no", "acquired_on"),
    references=_REFERENCES,
    rules=(
        Rule("period", "lost_on", pl.col("acquired_on") > pl.col("lost_on"), "資格喪失が取得より前です。"),
        Rule(
            "loss",
            "loss_reason",
            (pl.col("lost_on") == OPEN_END) != pl.col("loss_reason").is_null(),
            "資格喪失年月日と資格喪失事由が合いません。",
        ),
    ),
    loaded="""
SELECT addressee_no, household_no, acquired_on, acquisition_reason, lost_on, loss_reason, notified_on
  FROM nhi_enrolment WHERE superseded_at IS NULL""",
)
FORMER = Table(
    "nhi.former_member",
    "特定同一世帯所属者",
    (
        *_WHO,
        Column("since", "特定同一世帯所属者となった年月日", Kind.DATE, is_required=True),
        Column("until", "特定同一世帯所属者でなくなった年月日", Kind.DATE, default=OPEN_END),
    ),
    key=("addressee_no", "household_no", "since"),
    references=_REFERENCES,
    rules=(Rule("period", "until", pl.col("since") > pl.col("until"), "終了が開始より前です。"),),
    loaded="SELECT addressee_no, household_no, since, until FROM nhi_former_member WHERE superseded_at IS NULL",
)


def check(frames: Frames, _context: Context) -> Iterable[Fault]:
    """One person is insured once at a time."""
    rows = frames[ENROLMENT.name].unique(ENROLMENT.key, keep="first").sort(ENROLMENT.key)
    before = pl.col("lost_on").shift(1).over("addressee_no")
    for line in rows.filter(before > pl.col("acquired_on"))[LINE]:
        yield Fault(ENROLMENT.name, line, "資格取得年月日", "overlap", "前の資格と期間が重なっています。")


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write enrolments and former members."""
    enrolments = frames[ENROLMENT.name].drop(LINE, strict=False)
    session.append("nhi_enrolment", enrolments.with_columns(staff_id=pl.lit(context.staff)))
    session.append("nhi_former_member", frames[FORMER.name].drop(LINE, strict=False))


PART = Part((ENROLMENT, FORMER), load, check)
