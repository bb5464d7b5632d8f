"""The input of `yoriai calc nhi`: one household and its people, as anyone can write it, checked and turned into frames."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from modules.nhi.health_insurance.rules.levels import HOUSEHOLD, MEMBER
from modules.tax.income.calc_input import AGE_PROPERTIES, INCOME_PROPERTIES, income_columns
from yoriai.errors import FieldError
from yoriai.rules.documents import check_document, require_valid
from yoriai.rules.steps import Frames, Level

_YEN = {"type": "integer", "minimum": 0, "maximum": 10**12}
_DATE = {"type": "string", "format": "date"}
_MONTH = {"type": "string", "pattern": r"^(19|20|21)\d\d-(0[1-9]|1[0-2])$"}
_FLAG = {"type": "boolean"}
ROLES = {"head": "世帯主", "nominal_head": "擬制世帯主", "member": "世帯員", "former_member": "特定同一世帯所属者"}
_HEADS = ("head", "nominal_head")
_INSURED = ("head", "member")


@dataclass(frozen=True)
class NhiInput:
    """A checked input: the 年度 if it names one, and the frames of the household and its people."""

    fiscal_year: int | None
    decided_on: date | None
    previous_total: int
    frames: Frames


_INCOME = INCOME_PROPERTIES | {
    "dedicated_worker_pay": _YEN | {"title": "専従者給与収入 (給与収入のうち)"},
    "dedicated_worker_deduction": _YEN | {"title": "事業主が控除した専従者控除(給与)額"},
}

_MEMBER_SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["role"],
    "oneOf": [{"required": ["birth_date"]}, {"required": ["age"]}],
    "properties": {
        "name": {"type": "string", "title": "氏名など (結果に表示)", "minLength": 1, "maxLength": 100},
        "role": {"enum": list(ROLES), "title": "区分", "description": "、".join(f"{k}={v}" for k, v in ROLES.items())},
        **AGE_PROPERTIES,
        "acquired_on": _DATE | {"title": "資格取得日", "description": "書かなければ年度の前から"},
        "lost_on": _DATE | {"title": "資格喪失日", "description": "書かなければ年度末まで"},
        "lost_to_other_insurance": _FLAG | {"title": "他の健康保険への加入による喪失"},
        "is_care_exempt": _FLAG | {"title": "介護保険の適用除外"},
        "is_declared": _FLAG | {"title": "所得の申告 (既定は申告あり)"},
        "income": {"type": "object", "additionalProperties": False, "title": "前年の所得", "properties": _INCOME},
        "fixed_asset_tax": _YEN | {"title": "固定資産税額 (土地・家屋、都市計画税を除く)"},
        "non_voluntary_from": _DATE | {"title": "非自発的失業の離職日の翌日"},
        "delivery": {
            "type": "object",
            "title": "出産",
            "additionalProperties": False,
            "required": ["month"],
            "properties": {"month": _MONTH | {"title": "出産 (予定) 月"}, "multiple": _FLAG | {"title": "多胎"}},
        },
    },
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "国民健康保険税(料) 賦課計算の入力",
    "type": "object",
    "additionalProperties": False,
    "required": ["members"],
    "properties": {
        "fiscal_year": {
            "type": "integer",
            "minimum": 2014,
            "maximum": 2199,
            "title": "年度",
            "description": "書かなければ --on の日の属する年度",
        },
        "decided_on": _DATE | {"title": "賦課決定日", "description": "書けば翌月以後の納期に割り振る"},
        "household": {
            "type": "object",
            "additionalProperties": False,
            "title": "世帯",
            "properties": {
                "liability_from": _DATE | {"title": "納税義務の発生日 (世帯主の変更など)"},
                "special_since": _MONTH | {"title": "特定月", "description": "世帯の人が後期高齢者医療へ移った月"},
                "apply_reduction": _FLAG | {"title": "低所得軽減を判定する (既定は true)"},
                "previous_total": _YEN | {"title": "前年度の税額 (仮算定に使う)"},
            },
        },
        "members": {
            "type": "array",
            "title": "世帯の人",
            "description": "世帯主 (擬制世帯主) を一人と、被保険者、特定同一世帯所属者",
            "minItems": 1,
            "maxItems": 100,
            "items": _MEMBER_SCHEMA,
        },
    },
}


def parse_input(document: object) -> NhiInput:
    """Check the document; raises Invalid naming every missing or impossible field."""
    require_valid(check_document(SCHEMA, document))
    if not isinstance(document, Mapping):
        raise TypeError("the schema admits objects only")
    require_valid(_contradictions(document))
    household = document.get("household", {})
    decided_on = document.get("decided_on")
    members = [_member_row(number, member) for number, member in enumerate(document["members"], 1)]
    return NhiInput(
        fiscal_year=document.get("fiscal_year"),
        decided_on=date.fromisoformat(decided_on) if decided_on else None,
        previous_total=household.get("previous_total", 0),
        frames={
            "household": _frame(HOUSEHOLD, [_household_row(household)], {"household_no": pl.Int64()}),
            "member": _frame(MEMBER, members, {"household_no": pl.Int64(), "member_no": pl.Int64()}),
        },
    )


def _contradictions(document: Mapping[str, Any]) -> Iterator[FieldError]:
    members = document["members"]
    heads = [member for member in members if member["role"] in _HEADS]
    if len(heads) != 1:
        message = f"世帯主か擬制世帯主を一人だけ書いてください (今は{len(heads)}人)。"
        yield FieldError("members", message, rule="one_head")
    if not any(member["role"] in _INSURED for member in members):
        yield FieldError("members", "被保険者が一人もいません。", rule="no_insured")
    for index, member in enumerate(members):
        yield from _member_contradictions(f"members[{index}]", member, document.get("fiscal_year"))


def _member_contradictions(place: str, member: Mapping[str, Any], fiscal_year: int | None) -> Iterator[FieldError]:
    born, acquired, lost = (_day(member.get(name)) for name in ("birth_date", "acquired_on", "lost_on"))
    if acquired and lost and lost < acquired:
        yield FieldError(f"{place}.lost_on", "資格喪失日が取得日より前です。", rule="order")
    if born and acquired and acquired < born:
        yield FieldError(f"{place}.acquired_on", "資格取得日が生年月日より前です。", rule="order")
    if born and fiscal_year and born > date(fiscal_year + 1, 3, 31):
        yield FieldError(f"{place}.birth_date", "生年月日が年度末より後です。", rule="order")
    income = member.get("income", {})
    if income.get("dedicated_worker_pay", 0) > income.get("salary_revenue", income.get("dedicated_worker_pay", 0)):
        yield FieldError(f"{place}.income.dedicated_worker_pay", "専従者給与が給与収入を超えています。", rule="exceeds")


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _first_of(month: str | None) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None


def _household_row(household: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "household_no": 1,
        "liability_from": _day(household.get("liability_from")),
        "special_since": _first_of(household.get("special_since")),
        "apply_reduction": household.get("apply_reduction", True),
    }


def _member_row(number: int, member: Mapping[str, Any]) -> dict[str, Any]:
    role = member["role"]
    delivery = member.get("delivery", {})
    return income_columns(member) | {
        "household_no": 1,
        "member_no": number,
        "title": member.get("name", ROLES[role]),
        "is_head": role in _HEADS,
        "is_insured": role in _INSURED,
        "is_former_member": role == "former_member",
        "acquired_on": _day(member.get("acquired_on")),
        "lost_on": _day(member.get("lost_on")),
        "non_voluntary_from": _day(member.get("non_voluntary_from")),
        "delivery_on": _first_of(delivery.get("month")),
        "is_multiple_birth": delivery.get("multiple", False),
        **{name: member.get(name) for name in ("lost_to_other_insurance", "is_care_exempt", "is_declared")},
        "fixed_asset_tax": member.get("fixed_asset_tax"),
    }


def _frame(level: Level, rows: list[dict[str, Any]], keys: Mapping[str, pl.DataType]) -> pl.DataFrame:
    known = dict(keys) | {column.key: column.dtype for column in level.inputs}
    given = {name for row in rows for name in row}
    return pl.DataFrame(rows, schema={name: dtype for name, dtype in known.items() if name in given})
