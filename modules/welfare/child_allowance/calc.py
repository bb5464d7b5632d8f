"""What `yoriai calc child_allowance` runs: the allowance of one recipient in a month or in the twelve months of a 年度."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from modules.welfare.child_allowance.calc_input import SCHEMA, AllowanceInput, parse_input
from modules.welfare.child_allowance.payments import paid_in
from modules.welfare.child_allowance.reasons import reason_of
from modules.welfare.child_allowance.rules import CHILD_ALLOWANCE
from yoriai.errors import FieldError, Invalid
from yoriai.rules import Explanation, Moment, ParameterSet, explain, load_definitions
from yoriai.rules.parameters import BusinessParameters

PARAMETERS = load_definitions("child_allowance", Path(__file__).parent / "parameters")
_DATES = ("first_month", "young_until", "eligible_until", "counted_until")


@dataclass(frozen=True)
class ChildAllowanceCalculator:
    """The calculation of 児童手当, for the counter and the command line."""

    name: str = "child_allowance"
    label: str = "児童手当"
    definitions: BusinessParameters = PARAMETERS

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input."""
        return SCHEMA

    def parse(self, document: object) -> AllowanceInput:
        """Check the input; raises Invalid naming every wrong field."""
        return parse_input(document)

    def moment(self, parsed: AllowanceInput, on: date) -> Moment:
        """The first of the months asked about."""
        return Moment(parsed.months(on)[0])

    def calculate(self, parsed: AllowanceInput, parameters: ParameterSet) -> dict[str, Any]:
        """Each month's amount by child with the reason, and what is paid in which month, in yen."""
        months = _months(parsed, parameters)
        results = CHILD_ALLOWANCE.run(parsed.frames(months), parameters)
        children = results["child"].partition_by("_judgement", as_dict=True, maintain_order=True)
        judged = [
            {
                "month": f"{row['month']:%Y-%m}",
                "amount": row["amount"],
                "first_month": _month(row["first_month"]),
                "children": [
                    _child(child, is_in_period=row["is_in_period"])
                    for child in children[(number,)].iter_rows(named=True)
                ],
            }
            for number, row in enumerate(results["judgement"].iter_rows(named=True))
        ]
        return {
            "business": self.name,
            "monthly_amount": judged[-1]["amount"] if len(judged) == 1 else None,
            "total": sum(month["amount"] for month in judged),
            "months": judged,
            "payments": _payments(months, [month["amount"] for month in judged], parameters),
            "parameter_digest": parameters.digest,
            "unconfirmed": sorted(figure.key for figure in parameters if not figure.is_confirmed),
        }

    def explain(self, parsed: AllowanceInput, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""
        return explain(CHILD_ALLOWANCE, parsed.frames(_months(parsed, parameters)), parameters)


CHILD_ALLOWANCE_CALCULATOR = ChildAllowanceCalculator()


def _months(parsed: AllowanceInput, parameters: ParameterSet) -> list[date]:
    """The months asked about; raises Invalid when a figure of the law changes among them."""
    months = parsed.months(parameters.moment.day)
    for month in months:
        changed = [
            definition.label
            for definition in PARAMETERS.definitions.values()
            if definition.value_on(Moment(month)) != definition.value_on(parameters.moment)
        ]
        if changed:
            message = f"{month:%Y-%m}から{'、'.join(changed)}が変わります。月ごとに計算してください。"
            raise Invalid(fields=[FieldError("fiscal_year", message, rule="changes_within")])
    return months


def _child(row: dict[str, Any], *, is_in_period: bool) -> dict[str, Any]:
    return {
        "name": row["title"],
        "amount": row["monthly_amount"] if is_in_period else 0,
        "birth_order": row["birth_order"],
        "is_counted": row["is_counted"],
        "is_eligible": row["is_eligible"] and is_in_period,
        "is_young": row["is_young"],
        "reason": reason_of(row, is_in_period=is_in_period),
        **{name: row[name].isoformat() if row[name] else None for name in _DATES},
    }


def _payments(months: list[date], amounts: list[int], parameters: ParameterSet) -> list[dict[str, Any]]:
    paid: dict[date, list[tuple[date, int]]] = {}
    for month, amount in zip(months, amounts, strict=True):
        paid.setdefault(paid_in(month, parameters), []).append((month, amount))
    return [
        {"paid_in": _month(key), "months": [_month(month) for month, _ in parts], "amount": sum(a for _, a in parts)}
        for key, parts in paid.items()
    ]


def _month(day: date | None) -> str | None:
    return f"{day:%Y-%m}" if day else None
