"""What `yoriai calc nhi`, the levy screen and the batch run: the same calculation with the same figures."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from modules.nhi.health_insurance.calc_input import SCHEMA, NhiInput, parse_input
from modules.nhi.health_insurance.rules import COMPONENT_LABELS, instalment_plan, nhi_calculation, split_instalments
from modules.tax.income.calc import PARAMETERS as INCOME_PARAMETERS
from yoriai.calendar.operating import NATIONAL
from yoriai.rules import Calculation, Explanation, Moment, ParameterSet, explain, load_definitions
from yoriai.rules.calculator import Calculator
from yoriai.rules.parameters import SUPPLIED, BusinessParameters
from yoriai.rules.steps import Frames, Use

PARAMETERS = BusinessParameters.merged(
    "nhi", [load_definitions("nhi", Path(__file__).parent / "parameters"), INCOME_PARAMETERS]
)

_PARTS = ("heads", "income_levy", "asset_levy", "per_capita", "per_household", "raw", "capped")
_PERSON_PARTS = ("income_levy", "per_capita_full", "per_capita")
_MEMBER_RESULTS = (
    "salary_income",
    "pension_income",
    "total_income",
    "sum_income",
    "basic_deduction_amount",
    "levy_base",
    "levy_base_relieved",
    "judged_income",
    "judged_income_relieved",
    "is_judged",
    "is_earner",
    "is_preschool",
    "insured_from",
    "months_insured",
    "care_from",
    "months_care",
)
_JUDGEMENT = ("reference_date", "counted_people", "earners", "has_undeclared", "line_7", "line_5", "line_2")
_SUMMARY = {
    "total": "total",
    "tier": "tier",
    "months": "charged_months",
    "heads": "heads",
    "judged_income": "judged_total",
    "levy_base": "levy_base",
    "is_capped": "is_capped",
    "has_undeclared": "has_undeclared",
}


def is_closed(day: date) -> bool:
    """Whether a due date on that day moves on (地方税法20条の5第2項): weekends, holidays, 29 December to 3 January."""
    return not NATIONAL.is_business_day(day)


def calculation_for(parameters: ParameterSet) -> Calculation:
    """The levy with the components the law has in that 年度."""
    return nhi_calculation(components_of(parameters))


def components_of(parameters: ParameterSet) -> tuple[str, ...]:
    """The components levied."""
    return Use(parameters).texts("components")


class NhiCalculator:
    """The NHI levy of one household."""

    name = "nhi"
    label = "国民健康保険税(料)の賦課"
    definitions: BusinessParameters = PARAMETERS

    def input_schema(self) -> dict[str, Any]:
        """JSON Schema of the input."""
        return SCHEMA

    def parse(self, document: object) -> NhiInput:
        """Check the input; raises Invalid naming every missing or impossible field."""
        return parse_input(document)

    def moment(self, parsed: NhiInput, on: date) -> Moment:
        """The 年度 the input names, or the day asked about."""
        return Moment(on) if parsed.fiscal_year is None else Moment.of_fiscal_year(parsed.fiscal_year)

    def calculate(self, parsed: NhiInput, parameters: ParameterSet) -> dict[str, Any]:
        """The levy in yen with every intermediate value; raises MissingParameter."""
        results = calculation_for(parameters).run(parsed.frames, parameters)
        components = components_of(parameters)
        household = results["household"].row(0, named=True)
        segments = _segments(results, components)
        last = segments[-1] if segments else {}
        return {
            "business": self.name,
            "fiscal_year": parameters.moment.fiscal_year,
            "vehicle": Use(parameters).text("vehicle") if "vehicle" in parameters else "tax",
            "total": household["total"],
            "tier": household["tier"],
            "judged_income": household["judged_total"],
            "levy_base": household["levy_base"],
            "months": household["charged_months"],
            "judgement": {name: _plain(household[name]) for name in _JUDGEMENT},
            "components": {
                component: {"label": COMPONENT_LABELS[component], "amount": household[f"{component}.amount"]}
                | last.get("components", {}).get(component, {})
                for component in components
            },
            "members": _members(results["member"]),
            "segments": segments,
            "instalments": _instalments(parsed, parameters, household["total"]),
            "parameter_digest": parameters.digest,
            "unconfirmed": _unconfirmed(parameters, components),
            "supplied": sorted(figure.key for figure in parameters if figure.layer == SUPPLIED),
        }

    def explain(self, parsed: NhiInput, parameters: ParameterSet) -> Explanation:
        """The steps of that result."""
        return explain(calculation_for(parameters), parsed.frames, parameters)


NHI: Calculator[NhiInput] = NhiCalculator()


def assess(households: pl.DataFrame, members: pl.DataFrame, parameters: ParameterSet) -> pl.DataFrame:
    """The levy of many households at once, with the very steps of `yoriai calc nhi`.

    `households`: `household_no` Int64, unique; optional `liability_from` Date, `special_since` Date (any day of the 特定月),
    `apply_reduction` Boolean. `members` (every head, insured or not, every insured person, every 特定同一世帯所属者):
    `household_no`, `member_no` Int64; `is_head`, `is_insured`, `is_former_member` Boolean; `birth_date` Date; `acquired_on`
    Date (null: before the year), `lost_on` Date (null or 9999-12-31: not lost), `lost_to_other_insurance` Boolean;
    `is_declared` Boolean (null counts as declared: minors need none); income in yen, Int64, either as revenue
    (`salary_revenue`, `pension_revenue`) or as income (`known_salary_income`, `known_pension_income`, `known_total_income`,
    `known_sum_income`), with the other columns of `modules.tax.income.rules.PERSON_INPUTS`; `dedicated_worker_pay`,
    `dedicated_worker_deduction`, `fixed_asset_tax`; `non_voluntary_from`, `delivery_on` Date, `is_multiple_birth`,
    `is_care_exempt` Boolean. Absent columns take their defaults (`rules.levels.MEMBER`); give only the year's enrolments,
    one row per person.

    Returns one row per household in the given order: `household_no`, `fiscal_year`, `total`, `<component>_amount` for all
    four components (0 where the year has none), `tier` (7, 5, 2, 0), `months`, `heads`, `judged_income`, `levy_base`,
    `is_capped`, `has_undeclared`, `parameter_digest`. Raises MissingParameter, or Invalid for a member without household.
    """
    components = components_of(parameters)
    amounts = {component: f"{component}.amount" for component in components}
    columns = (*_SUMMARY.values(), *amounts.values())
    frames = {"household": households, "member": members}
    result = calculation_for(parameters).run(frames, parameters, keep={"household": columns})["household"]
    return result.select(
        "household_no",
        pl.lit(parameters.moment.fiscal_year, pl.Int64).alias("fiscal_year"),
        "total",
        *(
            (pl.col(amounts[component]) if component in amounts else pl.lit(0, pl.Int64)).alias(f"{component}_amount")
            for component in COMPONENT_LABELS
        ),
        *(pl.col(column).alias(name) for name, column in _SUMMARY.items() if name != "total"),
        pl.lit(parameters.digest).alias("parameter_digest"),
    )


def _segments(results: Frames, components: Sequence[str]) -> list[dict[str, Any]]:
    coverage = results["coverage"].partition_by("_segment", as_dict=True, maintain_order=True)
    return [
        {
            "period": row["title"],
            "months": row["months"],
            "judged_income": row["household_judged_income"],
            "tier": row["tier"],
            "levy_base": row["levy_base"],
            "components": {
                component: {part: row[f"{component}.{part}"] for part in _PARTS} for component in components
            },
            "members": _people(coverage[(number,)], components),
        }
        for number, row in enumerate(results["segment"].iter_rows(named=True))
    ]


def _people(rows: pl.DataFrame, components: Sequence[str]) -> list[dict[str, Any]]:
    return [
        {
            "member": row["_member"],
            "is_covered": row["is_covered"],
            "levy_base": row["charged_base"],
            "components": {
                component: {part: row[f"{component}.{part}"] for part in _PERSON_PARTS} for component in components
            },
        }
        for row in rows.iter_rows(named=True)
    ]


def _members(members: pl.DataFrame) -> list[dict[str, Any]]:
    minors = [name for name in ("is_minor",) if name in members.columns]
    return [
        {"name": row["title"]} | {name: _plain(row[name]) for name in (*_MEMBER_RESULTS, *minors)}
        for row in members.iter_rows(named=True)
    ]


def _instalments(parsed: NhiInput, parameters: ParameterSet, total: int) -> list[dict[str, Any]]:
    if "instalment.due_dates" not in parameters:
        return []
    plan = instalment_plan(parameters, is_closed)
    first = plan.first_open(parsed.decided_on) if parsed.decided_on else 1
    levy = {"household_no": [1], "total": [total], "first_no": [first], "previous_total": [parsed.previous_total]}
    rows = split_instalments(pl.DataFrame(levy), plan)
    return [{key: _plain(row[key]) for key in ("no", "due_date", "amount")} for row in rows.iter_rows(named=True)]


def _unconfirmed(parameters: ParameterSet, components: Sequence[str]) -> list[str]:
    bound = calculation_for(parameters).bind(parameters)
    used = {figure.key: figure for step in bound for figure in step.used}
    used |= {figure.key: figure for figure in parameters if figure.key.startswith("instalment.")}
    return sorted(key for key, figure in used.items() if not figure.is_confirmed)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
