"""What the addresses of NHI answer: the levy of a household, its explanation, what is open."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from modules.nhi.health_insurance.assessment import PARTS
from modules.nhi.health_insurance.codes import CAUSES
from modules.nhi.health_insurance.rules import COMPONENT_LABELS
from yoriai.dates import format_wareki_year
from yoriai.rules import ExplainedStep, Explanation


class ComponentAmount(BaseModel):
    """One component: yearly parts of the last period, and the amount owed, in yen."""

    component: str
    label: str
    income_levy: int
    asset_levy: int
    per_capita: int
    per_household: int
    over_cap: int
    amount: int


class LevyPerson(BaseModel):
    """A person in the calculation; months are those charged in the year."""

    addressee_no: int
    name: str
    role: str = ""
    acquired_on: date | None = None
    lost_on: date | None = None
    months: int = 0
    care_months: int = 0
    is_declared: bool = True


class Instalment(BaseModel):
    """A due date and its amount in yen."""

    no: int
    due_date: date
    amount: int
    debit: str = ""
    """What became of it by 口座振替, in words; empty where it was never asked for."""


class Revision(BaseModel):
    """One assessment of the year."""

    revision: int
    cause: str
    decided_on: date
    total: int
    is_current: bool


class Levy(BaseModel):
    """The current assessment, in yen."""

    revision: int
    cause: str
    decided_on: date
    payer_no: int | None
    is_nominal_head: bool
    total: int
    months: int
    insured_count: int
    tier: int
    tier_label: str
    has_undeclared: bool
    judged_income: int
    judged_people: int
    components: list[ComponentAmount]


class LevyView(BaseModel):
    """The levy page of a household."""

    household_no: int
    fiscal_year: int
    year_label: str
    levy_name: str = "国保税(料)"
    levy: Levy | None
    people: list[LevyPerson]
    instalments: list[Instalment]
    revisions: list[Revision]
    problem: str | None
    is_stale: bool
    has_notice: bool = False


class ExplanationView(BaseModel):
    """An assessment with every step of its amount; `steps` are as the screen shows them."""

    household_no: int
    fiscal_year: int
    year_label: str
    levy_name: str = "国保税(料)"
    revision: int
    decided_on: date
    total: int
    is_current: bool
    parameter_digest: str
    unconfirmed: list[str]
    is_complete: bool
    steps: list[dict[str, Any]]


class Candidate(BaseModel):
    """A 資格異動 that a movement or a birthday asks for."""

    source: str
    addressee_no: int
    name: str | None
    name_kana: str | None
    household_no: int
    kind: str
    kind_label: str
    reason: str
    reason_label: str
    effective_on: date
    has_insured: bool


class CandidateList(BaseModel):
    """The open candidates, the oldest first; `is_capped` when there are more."""

    candidates: list[Candidate]
    is_capped: bool


class AssessmentResult(BaseModel):
    """What assessing came to; `is_changed` is False when everything was as before."""

    household_no: int
    fiscal_year: int
    is_changed: bool
    revision: int | None
    total: int | None


class HouseholdResult(BaseModel):
    """The household an act was about."""

    household_no: int


class StatisticsRow(BaseModel):
    """賦課状況 of one reduction tier."""

    tier: int
    tier_label: str
    households: int
    insured: int
    nominal_heads: int
    undeclared_households: int
    capped_households: int
    total: int


class StatisticsView(BaseModel):
    """賦課状況 of a 年度 as last counted."""

    fiscal_year: int
    year_label: str
    levy_name: str = "国保税(料)"
    as_of: date | None
    rows: list[StatisticsRow]


def levy_view(household_no: int, fiscal_year: int, found: Mapping[str, Any]) -> LevyView:
    """The page's data from what `get_levy` found."""
    assessment = found["assessment"]
    return LevyView(
        household_no=household_no,
        fiscal_year=fiscal_year,
        year_label=format_wareki_year(fiscal_year),
        levy=_levy(assessment) if assessment else None,
        people=[LevyPerson(**person) for person in found["people"]],
        instalments=[Instalment(**row) for row in found["instalments"]],
        revisions=[_revision(row) for row in found["revisions"]],
        problem=found["problem"],
        is_stale=found["is_stale"],
        has_notice=bool(assessment and assessment["payer_no"]),
    )


def tier_label(tier: int) -> str:
    """The reduction in words."""
    return f"{tier}割軽減" if tier else "軽減なし"


def told(explanation: Explanation, *, is_complete: bool) -> Explanation:
    """The steps as they are told, the total last; unless complete, only those that came to something: reliefs that do not apply and
    components of nobody are left out.
    """
    kept = [step for step in explanation.steps if is_complete or _tells(step)]
    steps = tuple(sorted(kept, key=lambda step: step.key == "total"))
    return Explanation(explanation.calculation, explanation.label, explanation.digest, explanation.inputs, steps)


def explanation_view(
    assessment: Mapping[str, Any], explanation: Explanation, steps: Sequence[dict[str, Any]], *, is_complete: bool
) -> ExplanationView:
    """The explanation page's data."""
    superseded: datetime | None = assessment["superseded_at"]
    return ExplanationView(
        household_no=assessment["household_no"],
        fiscal_year=assessment["fiscal_year"],
        year_label=format_wareki_year(assessment["fiscal_year"]),
        revision=assessment["revision"],
        decided_on=assessment["decided_on"],
        total=assessment["total"],
        is_current=superseded is None,
        parameter_digest=assessment["parameter_digest"],
        unconfirmed=[figure.key for figure in explanation.unconfirmed],
        is_complete=is_complete,
        steps=list(steps),
    )


def _levy(row: Mapping[str, Any]) -> Levy:
    names = Levy.model_fields.keys() & row.keys()
    components = [
        ComponentAmount(
            component=component,
            label=label,
            **{part: row[f"{component}_{part}"] for part in (*PARTS, "over_cap", "amount")},
        )
        for component, label in COMPONENT_LABELS.items()
        if row[f"{component}_amount"] is not None
    ]
    shown = {name: row[name] for name in names} | {"cause": CAUSES[row["cause"]]}
    return Levy(**shown, tier_label=tier_label(row["tier"]), components=components)


def _revision(row: Mapping[str, Any]) -> Revision:
    return Revision(
        revision=row["revision"],
        cause=CAUSES[row["cause"]],
        decided_on=row["decided_on"],
        total=row["total"],
        is_current=row["superseded_at"] is None,
    )


def _tells(step: ExplainedStep) -> bool:
    return step.key == "total" or any(value.value not in (None, False, 0) for value in step.values)
