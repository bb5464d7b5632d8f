"""Why a child gets what it gets, in the words a clerk says at the counter."""

from collections.abc import Mapping
from typing import Any


def reason_of(row: Mapping[str, Any], *, is_in_period: bool = True) -> str:
    """The reason for a child's amount, from the steps of one month."""
    if not is_in_period:
        return "受給者の支給期間の外"
    if row["is_eligible"]:
        rate = "多子の額" if row["is_third"] else "3歳未満の額" if row["is_young"] else "3歳以上の額"
        return f"第{row['birth_order']}子・{rate}"
    if row["is_counted"]:
        return f"第{row['birth_order']}子として数えるが、18歳の年度末を過ぎたため支給なし"
    if not row["is_countable_age"]:
        return "22歳の年度末を過ぎたため数えない"
    return _why_not_counted(row)


def _why_not_counted(row: Mapping[str, Any]) -> str:
    month = row["target_month"]
    if (row["first_month"] and month < row["first_month"]) or (row["birth_date"] and row["birth_date"] >= month):
        return "支給の始まる月より前"
    if row["is_school_age"] and not row["is_cared"]:
        return "監護・生計同一でないため数えない"
    if not row["is_school_age"] and not row["is_supported"]:
        return "生計費の負担がないため数えない"
    return "養育しなくなったため数えない"
