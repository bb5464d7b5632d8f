"""The input of `yoriai calc child_allowance`: a recipient and the children, as anyone can write them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from modules.welfare.child_allowance.rules import CHILD, JUDGEMENT
from yoriai.dates import add_months, fiscal_year_start
from yoriai.errors import FieldError
from yoriai.rules.documents import check_document, require_valid
from yoriai.rules.steps import Frames, Level

_MONTHS = 12
_DATE = {"type": "string", "format": "date", "pattern": r"^(19|20)\d\d-"}
_PERIOD: dict[str, Any] = {
    "claimed_on": _DATE | {"title": "請求日", "description": "書かなければ、対象月より前に請求済みとみなす"},
    "event_on": _DATE | {"title": "出生・転入などの日", "description": "15日特例の判定に使う"},
    "lost_on": _DATE | {"title": "消滅の日"},
}

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "児童手当 月次判定の入力",
    "type": "object",
    "additionalProperties": False,
    "required": ["children"],
    "properties": {
        "month": {
            "type": "string",
            "pattern": r"^20\d\d-(0[1-9]|1[0-2])$",
            "title": "対象月",
            "description": "month も fiscal_year も書かなければ --on の日の属する月",
        },
        "fiscal_year": {"type": "integer", "minimum": 2024, "maximum": 2199, "title": "年度 (12か月を判定する)"},
        "recipient": {
            "type": "object",
            "additionalProperties": False,
            "title": "受給者",
            "properties": {
                "name": {"type": "string", "minLength": 1, "maxLength": 100, "title": "氏名など"},
                **_PERIOD,
            },
        },
        "children": {
            "type": "array",
            "minItems": 1,
            "maxItems": 100,
            "title": "子 (18歳年度末までの児童と、22歳年度末までの養育する子)",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "oneOf": [{"required": ["birth_date"]}, {"required": ["age"]}],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100, "title": "氏名など"},
                    "birth_date": _DATE | {"title": "生年月日"},
                    "age": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 60,
                        "title": "年齢",
                        "description": "年度末 (3月31日) に達している年齢。年度を通じて変わらないとみなす概算用",
                    },
                    "is_cared": {"type": "boolean", "title": "監護し生計を同じくする (既定は true)"},
                    "is_supported": {
                        "type": "boolean",
                        "title": "18歳の年度末の後も生計費を負担する (既定は true)",
                    },
                    **_PERIOD,
                },
            },
        },
    },
}


@dataclass(frozen=True)
class AllowanceInput:
    """A checked input; `month` and `fiscal_year` as given, the people still without a month."""

    month: date | None
    fiscal_year: int | None
    recipient: Mapping[str, Any]
    children: Sequence[Mapping[str, Any]]

    def months(self, on: date) -> list[date]:
        """The months asked about."""
        if self.fiscal_year is not None:
            return [add_months(fiscal_year_start(self.fiscal_year), number) for number in range(_MONTHS)]
        return [self.month or on.replace(day=1)]

    def frames(self, months: Sequence[date]) -> Frames:
        """One judgement a month, each with all the children."""
        judgements = [
            dict(self.recipient) | {"judgement_no": number, "month": month, "title": f"{month:%Y-%m}"}
            for number, month in enumerate(months, 1)
        ]
        children = [
            dict(child) | {"judgement_no": judgement["judgement_no"], "child_no": number}
            for judgement in judgements
            for number, child in enumerate(self.children, 1)
        ]
        return {"judgement": _frame(JUDGEMENT, judgements), "child": _frame(CHILD, children)}


def parse_input(document: object) -> AllowanceInput:
    """Check the document; raises Invalid naming every missing or impossible field."""
    require_valid(check_document(SCHEMA, document))
    if not isinstance(document, Mapping):
        raise TypeError("the schema admits objects only")
    require_valid(_contradictions(document))
    month = document.get("month")
    recipient = document.get("recipient", {})
    return AllowanceInput(
        month=date.fromisoformat(f"{month}-01") if month else None,
        fiscal_year=document.get("fiscal_year"),
        recipient=_period(recipient),
        children=[_child(child, f"子{number}") for number, child in enumerate(document["children"], 1)],
    )


def _child(child: Mapping[str, Any], title: str) -> dict[str, Any]:
    given = {name: child[name] for name in ("age", "is_cared", "is_supported") if name in child}
    birth = {"birth_date": date.fromisoformat(child["birth_date"])} if "birth_date" in child else {}
    return _period(child) | given | birth | {"title": child.get("name", title)}


def _period(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: date.fromisoformat(item[name]) for name in _PERIOD if name in item}


def _contradictions(document: Mapping[str, Any]) -> Iterator[FieldError]:
    if "month" in document and "fiscal_year" in document:
        yield FieldError("month", "month と fiscal_year はどちらか一つを書いてください。", rule="either")
    yield from _wrong_order("recipient", document.get("recipient", {}))
    for index, child in enumerate(document["children"]):
        yield from _wrong_order(f"children[{index}]", child)


def _wrong_order(place: str, item: Mapping[str, Any]) -> Iterator[FieldError]:
    # ISO dates compare as text.
    claimed, event, lost = (item.get(name, "") for name in ("claimed_on", "event_on", "lost_on"))
    birth = item.get("birth_date", "")
    if event and not claimed:
        yield FieldError(
            f"{place}.claimed_on", "出生・転入などの日を書くときは請求日も書いてください。", rule="required"
        )
    if event and claimed and claimed < event:
        yield FieldError(f"{place}.claimed_on", "請求日が出生・転入などの日より前です。", rule="order")
    if lost and claimed and lost < claimed:
        yield FieldError(f"{place}.lost_on", "消滅の日が請求日より前です。", rule="order")
    if birth and ((claimed and claimed < birth) or (event and event < birth)):
        yield FieldError(f"{place}.birth_date", "生年月日が請求日や事由の日より後です。", rule="order")


def _frame(level: Level, rows: list[dict[str, Any]]) -> pl.DataFrame:
    keys = {"judgement_no": pl.Int64(), "child_no": pl.Int64(), "title": pl.String()}
    known: dict[str, Any] = keys | {column.key: column.dtype for column in level.inputs}
    given = {name for row in rows for name in row}
    return pl.DataFrame(rows, schema={name: dtype for name, dtype in known.items() if name in given})
