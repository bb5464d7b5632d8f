"""What `yoriai calc electoral_roll` runs: whether one person can be registered as of a day, and why."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from modules.resident.electoral_roll.calc_input import SCHEMA, RollInput, parse_input
from modules.resident.electoral_roll.reasons import reason_of
from modules.resident.electoral_roll.rules import QUALIFICATION
from yoriai.rules import Explanation, Moment, ParameterSet, explain, load_definitions
from yoriai.rules.parameters import BusinessParameters

PARAMETERS = load_definitions("electoral_roll", Path(__file__).parent / "parameters")


@dataclass(frozen=True)
class ElectoralRollCalculator:
    """The judgement of 被登録資格, for the counter and the command line."""

    name: str = "electoral_roll"
    label: str = "選挙人名簿"
    definitions: BusinessParameters = PARAMETERS

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input."""
        return SCHEMA

    def parse(self, document: object) -> RollInput:
        """Check the input; raises Invalid naming every wrong field."""
        return parse_input(document)

    def moment(self, parsed: RollInput, on: date) -> Moment:
        """The reference date, or the day of the command."""
        return Moment(parsed.base_on or on)

    def calculate(self, parsed: RollInput, parameters: ParameterSet) -> dict[str, Any]:
        """Whether the person is registrable, by which route, the days it depends on, and the reason in words."""
        frames = parsed.frames(parameters.moment.day)
        row = QUALIFICATION.run(frames, parameters)["person"].row(0, named=True)
        is_registrable = bool(row["is_registrable"])
        by_residence = bool(row["is_resident_long"])
        return {
            "business": self.name,
            "reference_date": row["base_on"].isoformat(),
            "registrable": is_registrable,
            "registrable_at_new_address": is_registrable and by_residence,
            "route": ("residence" if by_residence else "former_address") if is_registrable else None,
            "reason": reason_of(row),
            "of_age_on": _text(row["of_age_on"]),
            "three_months_on": _text(row["residence_until"]),
            "former_address_until": _text(row["former_until"]),
            "parameter_digest": parameters.digest,
            "unconfirmed": sorted(figure.key for figure in parameters if not figure.is_confirmed),
        }

    def explain(self, parsed: RollInput, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""
        return explain(QUALIFICATION, parsed.frames(parameters.moment.day), parameters)


ELECTORAL_ROLL_CALCULATOR = ElectoralRollCalculator()


def _text(day: date | None) -> str | None:
    return day.isoformat() if day else None
