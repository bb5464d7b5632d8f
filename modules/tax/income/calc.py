"""What `yoriai calc income` runs: revenue of people to their income, for the income year asked about."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from modules.tax.income.calc_input import AGE_PROPERTIES, INCOME_PROPERTIES, income_columns
from modules.tax.income.rules import INCOME_CALCULATION, PERSON
from yoriai.errors import FieldError
from yoriai.rules import Explanation, Moment, ParameterSet, explain, load_definitions
from yoriai.rules.calculator import Calculator
from yoriai.rules.documents import check_document, require_valid
from yoriai.rules.parameters import BusinessParameters
from yoriai.rules.steps import Frames

PARAMETERS = load_definitions("income", Path(__file__).parent / "parameters")

_RESULTS = (
    "salary_rounded",
    "salary_income",
    "pension_income",
    "ordinary_income",
    "sum_income",
    "income_before_casualty_loss",
    "total_income",
)

SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "所得計算の入力",
    "type": "object",
    "additionalProperties": False,
    "required": ["people"],
    "properties": {
        "income_year": {
            "type": "integer",
            "minimum": 2013,
            "maximum": 2199,
            "title": "所得の年 (暦年)",
            "description": "書かなければ --on の日の属する年度の前年",
        },
        "people": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "title": "所得者",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["income"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100, "title": "氏名など"},
                    **AGE_PROPERTIES,
                    "income": {
                        "type": "object",
                        "additionalProperties": False,
                        "title": "所得",
                        "properties": INCOME_PROPERTIES,
                    },
                },
            },
        },
    },
}


@dataclass(frozen=True)
class IncomeInput:
    """A checked input."""

    income_year: int | None
    frames: Frames


class IncomeCalculator:
    """The calculation of income, for the counter and the command line."""

    name = "income"
    label = "所得の計算"
    definitions: BusinessParameters = PARAMETERS

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input."""
        return SCHEMA

    def parse(self, document: object) -> IncomeInput:
        """Check the input; raises Invalid naming every wrong field."""
        require_valid(check_document(SCHEMA, document))
        if not isinstance(document, Mapping):
            raise TypeError("the schema admits objects only")
        require_valid(_contradictions(document))
        rows = [
            income_columns(person) | {"person_no": number, "title": person.get("name", f"{number}")}
            for number, person in enumerate(document["people"], 1)
        ]
        types = {column.key: column.dtype for column in PERSON.inputs}
        given = sorted({name for row in rows for name in row} & set(types))
        schema = {"person_no": pl.Int64(), "title": pl.String()} | {name: types[name] for name in given}
        return IncomeInput(document.get("income_year"), {"person": pl.DataFrame(rows, schema=schema)})

    def moment(self, parsed: IncomeInput, on: date) -> Moment:
        """The 年度 levied on the income year, or the day asked about."""
        return Moment(on) if parsed.income_year is None else Moment.of_income_year(parsed.income_year)

    def calculate(self, parsed: IncomeInput, parameters: ParameterSet) -> dict[str, Any]:
        """Each person's income by kind and its totals, in yen."""
        people = INCOME_CALCULATION.run(parsed.frames, parameters, keep={"person": ("title", *_RESULTS)})["person"]
        return {
            "business": self.name,
            "income_year": parameters.moment.income_year,
            "people": [
                {"name": row["title"]} | {name: row[name] for name in _RESULTS} for row in people.iter_rows(named=True)
            ],
            "parameter_digest": parameters.digest,
        }

    def explain(self, parsed: IncomeInput, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""
        return explain(INCOME_CALCULATION, parsed.frames, parameters)


INCOME: Calculator[IncomeInput] = IncomeCalculator()


def _contradictions(document: Mapping[str, Any]) -> list[FieldError]:
    return [
        FieldError(f"people[{index}].age", "年金収入があるときは年齢か生年月日を書いてください。", rule="required")
        for index, person in enumerate(document["people"])
        if person["income"].get("pension_revenue") and "age" not in person and "birth_date" not in person
    ]
