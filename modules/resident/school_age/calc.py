"""What `yoriai calc school_age` runs: the school years and the grade of each child as of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from modules.resident.school_age.rules import CHILD, SCHOOL_AGE
from yoriai.rules import Explanation, Frames, Moment, ParameterSet, explain, load_definitions
from yoriai.rules.documents import check_document, require_valid
from yoriai.rules.parameters import BusinessParameters

PARAMETERS = load_definitions("school_age", Path(__file__).parent / "parameters")
SCHEMA: dict[str, Any] = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "就学義務と学年の入力",
    "type": "object",
    "additionalProperties": False,
    "required": ["children"],
    "properties": {
        "children": {
            "type": "array",
            "minItems": 1,
            "maxItems": 1000,
            "title": "子",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["birth_date"],
                "properties": {
                    "name": {"type": "string", "minLength": 1, "maxLength": 100, "title": "氏名など"},
                    "birth_date": {
                        "type": "string",
                        "format": "date",
                        "pattern": r"^(19|20)\d\d-",
                        "title": "生年月日",
                    },
                    "held_years": {
                        "type": "integer",
                        "minimum": 0,
                        "maximum": 9,
                        "title": "原級留置・猶予で遅れた年数 (既定は0)",
                    },
                },
            },
        }
    },
}
_DATES = ("attained_entry_on", "obliged_from", "attained_end_on", "obliged_until")


@dataclass(frozen=True)
class SchoolAgeInput:
    """The children as given: name, birth date, years lost."""

    children: Sequence[dict[str, Any]]

    def frames(self, day: date) -> Frames:
        """A row per child as of the day."""
        rows = [child | {"child_no": number, "day": day} for number, child in enumerate(self.children, 1)]
        return {"child": child_frame(rows)}


def child_frame(rows: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Children as the rules take them: `child_no`, `title`, `birth_date`, `day`, `held_years`."""
    kinds: dict[str, Any] = {"child_no": pl.Int64(), "title": pl.String()}
    kinds |= {column.key: column.dtype for column in CHILD.inputs}
    return pl.DataFrame(rows, schema=kinds)


@dataclass(frozen=True)
class SchoolAgeCalculator:
    """The calculation of 就学義務, for the counter and the command line."""

    name: str = "school_age"
    label: str = "就学"
    definitions: BusinessParameters = PARAMETERS

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input."""
        return SCHEMA

    def parse(self, document: object) -> SchoolAgeInput:
        """Check the input; raises Invalid naming every wrong field."""
        require_valid(check_document(SCHEMA, document))
        given: list[dict[str, Any]] = document["children"]  # type: ignore[index]
        return SchoolAgeInput(
            [
                {
                    "title": child.get("name", f"子{number}"),
                    "birth_date": date.fromisoformat(child["birth_date"]),
                    "held_years": child.get("held_years", 0),
                }
                for number, child in enumerate(given, 1)
            ]
        )

    def moment(self, parsed: SchoolAgeInput, on: date) -> Moment:
        """The day asked about."""
        return Moment(on)

    def calculate(self, parsed: SchoolAgeInput, parameters: ParameterSet) -> dict[str, Any]:
        """Per child the year of entry, the obligation's first and last day, the grade and the stage of the day."""
        rows = SCHOOL_AGE.run(parsed.frames(parameters.moment.day), parameters)["child"]
        return {
            "business": self.name,
            "on": parameters.moment.day.isoformat(),
            "children": [
                {"name": row["title"], "birth_date": row["birth_date"].isoformat()}
                | {name: row[name].isoformat() for name in _DATES}
                | {name: row[name] for name in ("entry_year", "grade", "stage", "is_obliged")}
                for row in rows.iter_rows(named=True)
            ],
            "parameter_digest": parameters.digest,
            "unconfirmed": sorted(figure.key for figure in parameters if not figure.is_confirmed),
        }

    def explain(self, parsed: SchoolAgeInput, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""
        return explain(SCHOOL_AGE, parsed.frames(parameters.moment.day), parameters)


SCHOOL_AGE_CALCULATOR = SchoolAgeCalculator()
