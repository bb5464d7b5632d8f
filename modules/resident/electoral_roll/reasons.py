"""Why a person can or cannot be registered, in the words a clerk says at the counter."""

from collections.abc import Mapping
from typing import Any

from yoriai.dates import format_wareki


def reason_of(row: Mapping[str, Any]) -> str:
    """The first reason against, or the ground of the registration; `row` is a row of the rules' results."""
    if not row["is_japanese"]:
        return "日本国籍がないため登録できない (21条1項)"
    if not row["is_alive"]:
        return "死亡している"
    if not row["is_of_age"]:
        return f"選挙権年齢に達するのは{format_wareki(row['of_age_on'])}"
    if row["is_suspended"]:
        return "選挙権がない期間のため登録できない (11条1項、252条)"
    if row["is_resident_long"]:
        return "住民票の作成日から引き続き3か月以上記録されている (21条1項)"
    if row["is_former"]:
        return f"転出後4か月以内のため旧住所地で登録できる ({format_wareki(row['former_until'])}まで、21条2項)"
    return _why_no_address(row)


def _why_no_address(row: Mapping[str, Any]) -> str:
    if row["has_address"]:
        return f"3か月に達するのは{format_wareki(row['residence_until'])}"
    if row["left_on"] is None or row["left_on"] > row["base_on"]:
        return "基準日に住民基本台帳に記録されていない"
    if row["is_registered_elsewhere"]:
        return "転出先の市区町村で登録された"
    if row["residence_until"] > row["left_on"]:
        return "転出までの記録が3か月に足りない"
    return "転出から4か月を経過した"
