"""The income part of an input document: shared by every business whose input asks for somebody's income."""

from collections.abc import Mapping
from datetime import date
from typing import Any

_YEN = {"type": "integer", "minimum": 0, "maximum": 10**12}
_GAIN_OR_LOSS = {"type": "integer", "minimum": -(10**12), "maximum": 10**12}

AGE_PROPERTIES: dict[str, Any] = {
    "birth_date": {
        "type": "string",
        "format": "date",
        "pattern": r"^(18[89]\d|19\d\d|20\d\d)-",
        "title": "生年月日",
        "description": "生年月日か年齢のどちらかを書く",
    },
    "age": {
        "type": "integer",
        "minimum": 0,
        "maximum": 130,
        "title": "年齢",
        "description": "4月1日の年齢。年度を通じて変わらず、前年末も同じとみなす概算用",
    },
}

INCOME_PROPERTIES: dict[str, Any] = {
    "salary_revenue": _YEN | {"title": "給与収入"},
    "salary_income": _YEN | {"title": "給与所得 (判明しているとき)"},
    "pension_revenue": _YEN | {"title": "公的年金等収入"},
    "pension_income": _YEN | {"title": "公的年金等に係る雑所得 (判明しているとき)"},
    "business_income": _GAIN_OR_LOSS | {"title": "営業等所得"},
    "farm_income": _GAIN_OR_LOSS | {"title": "農業所得"},
    "property_income": _GAIN_OR_LOSS | {"title": "不動産所得"},
    "other_income": _YEN | {"title": "その他の総合課税の所得"},
    "separate_income": _YEN | {"title": "分離課税の所得 (特別控除後)"},
    "separate_special_deduction": _YEN | {"title": "分離譲渡所得の特別控除額"},
    "forestry_income": _YEN | {"title": "山林所得"},
    "net_loss_carried": _YEN | {"title": "純損失等の繰越控除額"},
    "casualty_loss_carried": _YEN | {"title": "雑損失の繰越控除額"},
    "has_special_dependant": {"type": "boolean", "title": "所得金額調整控除の対象 (23歳未満扶養・特別障害者)"},
    "total_income": _YEN | {"title": "総所得金額等 (判明しているとき)"},
    "sum_income": _YEN | {"title": "合計所得金額 (判明しているとき)"},
}

_KNOWN = ("salary_income", "pension_income", "total_income", "sum_income")


def income_columns(person: Mapping[str, Any]) -> dict[str, Any]:
    """The income columns of a person's row; amounts known already become `known_*`."""
    income = dict(person.get("income", {}))
    known = {f"known_{name}": income.pop(name, None) for name in _KNOWN}
    birth = person.get("birth_date")
    rest = {name: income.get(name) for name in income}
    return known | rest | {"birth_date": date.fromisoformat(birth) if birth else None, "age": person.get("age")}
