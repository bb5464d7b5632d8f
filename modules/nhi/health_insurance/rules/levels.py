"""The tables the levy is computed on: the household, its people, the months its make-up is constant, each person in them."""

import polars as pl

from modules.tax.income.rules import PERSON_INPUTS
from yoriai.rules import Input, Level

_INT = pl.Int64()
_DATE = pl.Date()
_FLAG = pl.Boolean()

COMPONENT_LABELS = {
    "medical": "医療分",
    "elderly_support": "後期高齢者支援金分",
    "care": "介護分",
    "child_support": "子ども・子育て支援納付金分",
}
MONTHS_IN_YEAR = 12

HOUSEHOLD = Level(
    "household",
    "世帯",
    key="household_no",
    inputs=(
        Input("liability_from", "納税義務の発生日 (世帯主変更など)", _DATE, unit="date"),
        Input("special_since", "特定月 (世帯から後期高齢者医療へ移った月)", _DATE, unit="date"),
        Input("apply_reduction", "低所得軽減を判定する", _FLAG, True, "flag"),
    ),
)

MEMBER = Level(
    "member",
    "世帯員",
    key="member_no",
    parents=("household",),
    title="title",
    inputs=(
        Input("title", "氏名・区分", pl.String(), "", "text"),
        Input("is_head", "世帯主 (擬制世帯主を含む)", _FLAG, False, "flag"),
        Input("is_insured", "被保険者", _FLAG, True, "flag"),
        Input("is_former_member", "特定同一世帯所属者", _FLAG, False, "flag"),
        Input("acquired_on", "資格取得日", _DATE, unit="date"),
        Input("lost_on", "資格喪失日", _DATE, unit="date"),
        Input("lost_to_other_insurance", "他の保険への加入による喪失", _FLAG, False, "flag"),
        Input("is_care_exempt", "介護保険適用除外", _FLAG, False, "flag"),
        Input("is_declared", "所得の申告あり", _FLAG, True, "flag"),
        Input("dedicated_worker_pay", "専従者給与収入", _INT, 0),
        Input("dedicated_worker_deduction", "専従者控除額 (事業主)", _INT, 0),
        Input("non_voluntary_from", "非自発的失業の離職日の翌日", _DATE, unit="date"),
        Input("delivery_on", "出産 (予定) 日", _DATE, unit="date"),
        Input("is_multiple_birth", "多胎", _FLAG, False, "flag"),
        Input("fixed_asset_tax", "固定資産税額 (土地・家屋)", _INT, 0),
        *PERSON_INPUTS,
    ),
)

SEGMENT = Level("segment", "期間", key="segment_no", parents=("household",), title="title")

COVERAGE = Level("coverage", "世帯員の期間", key="coverage_no", parents=("segment",), title="title")

CARRIED = (
    "insured_from",
    "insured_until",
    "care_from",
    "care_until",
    "relieved_from",
    "relieved_until",
    "maternity_from",
    "maternity_until",
    "is_judged",
    "is_preschool",
    "levy_base",
    "levy_base_relieved",
    "judged_income",
    "judged_income_relieved",
    "fixed_asset_tax",
    "title",
)
"""What a person's row in a period takes over from the person."""
