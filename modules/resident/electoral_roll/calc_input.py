"""The input of `yoriai calc electoral_roll`: one person and the day the roll is made as of."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from modules.resident.electoral_roll.rules import PERSON
from yoriai.errors import FieldError
from yoriai.rules.documents import check_document, require_valid
from yoriai.rules.steps import Frames

_DATE = {"type": "string", "format": "date", "pattern": r"^(18|19|20)\d\d-"}
_NAMES: Mapping[str, str] = {
    "reference_date": "base_on",
    "vote_on": "age_on",
    "birth_date": "birth_date",
    "move_in_notified": "recorded_on",
    "moved_out_on": "left_on",
    "died_on": "died_on",
}
"""Dates of the input and the columns of the rules they fill."""
_FLAGS = ("is_japanese", "is_suspended", "is_registered_elsewhere")

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "選挙人名簿 被登録資格の判定の入力",
    "type": "object",
    "additionalProperties": False,
    "required": ["move_in_notified"],
    "properties": {
        "reference_date": _DATE | {"title": "基準日", "description": "書かなければ --on の日"},
        "vote_on": _DATE | {"title": "選挙期日", "description": "選挙時登録の年齢を判定する日。書かなければ基準日"},
        "birth_date": _DATE | {"title": "生年月日", "description": "書かなければ年齢を満たすとみなす"},
        "move_in_notified": _DATE | {"title": "転入の届出日 (転入以外は住民票の作成日)"},
        "moved_out_on": _DATE | {"title": "転出した日"},
        "died_on": _DATE | {"title": "死亡した日"},
        "is_japanese": {"type": "boolean", "title": "日本国民 (既定は true)"},
        "is_suspended": {"type": "boolean", "title": "公民権停止中 (既定は false)"},
        "is_registered_elsewhere": {"type": "boolean", "title": "転出先で登録された (既定は false)"},
    },
}


@dataclass(frozen=True)
class RollInput:
    """A checked input; `base_on` is None where the command's day counts."""

    base_on: date | None
    values: Mapping[str, Any]

    def frames(self, on: date) -> Frames:
        """The one person as the rules take it."""
        base = self.base_on or on
        row = {"person_no": 1, "title": "本人", "age_on": base, **self.values, "base_on": base}
        types: dict[str, Any] = {"person_no": pl.Int64(), "title": pl.String()}
        types |= {column.key: column.dtype for column in PERSON.inputs}
        return {"person": pl.DataFrame([row], schema={name: types[name] for name in row})}


def parse_input(document: object) -> RollInput:
    """Check the document; raises Invalid naming every missing or impossible field."""
    require_valid(check_document(SCHEMA, document))
    if not isinstance(document, Mapping):
        raise TypeError("the schema admits objects only")
    require_valid(_contradictions(document))
    values: dict[str, Any] = {
        column: date.fromisoformat(document[name]) for name, column in _NAMES.items() if name in document
    }
    values |= {name: document[name] for name in _FLAGS if name in document}
    return RollInput(values.pop("base_on", None), values)


def _contradictions(document: Mapping[str, Any]) -> Iterator[FieldError]:
    # ISO dates compare as text.
    entered, birth = document["move_in_notified"], document.get("birth_date", "")
    if birth and birth > entered:
        yield FieldError("birth_date", "生年月日が届出日より後です。", rule="order")
    for name, label in (("moved_out_on", "転出した日"), ("died_on", "死亡した日")):
        if document.get(name, entered) < entered:
            yield FieldError(name, f"{label}が届出日より前です。", rule="order")
    base, vote = document.get("reference_date"), document.get("vote_on")
    if base and vote and vote < base:
        yield FieldError("vote_on", "選挙期日が基準日より前です。", rule="order")
