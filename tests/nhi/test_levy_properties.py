"""What must hold for every household: against an independent computation in fractions, and between batch and counter."""

import json
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modules.nhi.health_insurance.calc import NHI, assess
from modules.nhi.health_insurance.rules.levels import HOUSEHOLD, MEMBER
from yoriai.rules.parameters import ParameterSet

_QUICK = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
_YEN = st.integers(0, 60_000_000)
_PERSON = st.fixed_dictionaries(
    {
        "birth_date": st.dates(date(1945, 1, 1), date(2026, 3, 31)),
        "salary_revenue": _YEN,
        "pension_revenue": st.integers(0, 5_000_000),
        "acquired_on": st.none() | st.dates(date(2026, 3, 25), date(2027, 3, 31)),
        "lost_on": st.none() | st.dates(date(2026, 3, 25), date(2027, 4, 5)),
        "non_voluntary_from": st.none() | st.dates(date(2024, 3, 1), date(2027, 3, 31)),
    }
)
_HOUSEHOLDS = st.lists(st.lists(_PERSON, min_size=1, max_size=4), min_size=1, max_size=6)


def _frames(households: list[list[dict[str, Any]]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    rows = [
        person | {"household_no": number, "member_no": number * 10 + place, "is_head": place == 0}
        for number, people in enumerate(households)
        for place, person in enumerate(people)
    ]
    types = {column.key: column.dtype for column in MEMBER.inputs}
    schema = {name: types.get(name, pl.Int64()) for name in rows[0]}
    return pl.DataFrame({"household_no": range(len(households))}), pl.DataFrame(rows, schema=schema)


@_QUICK
@given(households=_HOUSEHOLDS)
def test_batch_equals_one_household_after_another(figures: Any, households: list[list[dict[str, Any]]]) -> None:
    parameters = figures()
    together = assess(*_frames(households), parameters).drop("household_no")
    alone = pl.concat([assess(*_frames([people]), parameters).drop("household_no") for people in households])
    assert together.equals(alone)


@_QUICK
@given(households=_HOUSEHOLDS)
def test_no_result_is_a_float_and_every_amount_is_within_its_cap(
    figures: Any, households: list[list[dict[str, Any]]]
) -> None:
    result = assess(*_frames(households), figures())
    assert not [name for name, dtype in result.schema.items() if dtype.is_float() or dtype.is_decimal()]
    caps = {"medical": 670_000, "elderly_support": 260_000, "care": 170_000, "child_support": 30_000}
    for component, cap in caps.items():
        assert result[f"{component}_amount"].is_between(0, cap).all()


@_QUICK
@given(incomes=st.lists(_YEN, min_size=1, max_size=4), numerator=st.integers(1, 1_500))
def test_income_levy_is_the_floor_of_the_exact_product(figures: Any, incomes: list[int], numerator: int) -> None:
    rate = Fraction(numerator, 10_000)
    changes = {"medical.income_rate": str(rate), "medical.cap": 10**12}
    people = [{"role": "member", "age": 30, "income": {"total_income": income}} for income in incomes]
    people[0]["role"] = "head"
    result = NHI.calculate(NHI.parse({"fiscal_year": 2026, "members": people}), figures(2026, changes))

    def deduction(income: int) -> int:
        steps = ((24_000_000, 430_000), (24_500_000, 290_000), (25_000_000, 150_000))
        return next((amount for limit, amount in steps if income <= limit), 0)

    exact = sum(int(max(0, income - deduction(income)) * rate) for income in incomes)
    assert result["components"]["medical"]["income_levy"] == exact


@_QUICK
@given(total=_YEN, lower=st.integers(0, 670_000), higher=st.integers(0, 670_000))
def test_levy_never_falls_when_the_cap_rises(figures: Any, total: int, lower: int, higher: int) -> None:
    lower, higher = sorted((lower, higher))
    document = {"fiscal_year": 2026, "members": [{"role": "head", "age": 30, "income": {"total_income": total}}]}
    parsed = NHI.parse(document)
    low, high = (NHI.calculate(parsed, figures(2026, {"medical.cap": cap}))["total"] for cap in (lower, higher))
    assert low <= high


def test_explanation_shows_the_very_amounts_of_the_result(figures: Any) -> None:
    parsed = NHI.parse({"fiscal_year": 2026, "members": [{"role": "head", "age": 50}, {"role": "member", "age": 3}]})
    result = NHI.calculate(parsed, figures())
    steps = {(step.level, step.key): step for step in NHI.explain(parsed, figures()).steps}
    assert steps["household", "total"].values[0].value == result["total"]
    assert steps["segment", "tier"].values[0].display == "7割軽減"
    rate = steps["coverage", "medical.income_levy"].parameters[0]
    assert (rate.key, rate.layer, rate.since) == ("medical.income_rate", "ordinance", 2026)
    assert all(step.formula and step.label for step in steps.values())
    assert all(step.article for step in steps.values() if step.key != "coverage")


def test_stored_figures_explain_a_stored_input_years_later(figures: Any) -> None:
    document = {"fiscal_year": 2026, "members": [{"role": "head", "birth_date": "1980-05-05"}]}
    stored = json.dumps([document, figures().to_json()])
    again, kept = json.loads(stored)
    now = NHI.explain(NHI.parse(document), figures()).to_json()
    later = NHI.explain(NHI.parse(again), ParameterSet.from_json(kept)).to_json()
    assert later == now


def test_every_input_column_has_a_label() -> None:
    assert all(column.label for level in (HOUSEHOLD, MEMBER) for column in level.inputs)


def test_member_without_household_is_refused(figures: Any) -> None:
    members = pl.DataFrame({"household_no": [2], "member_no": [1], "is_head": [True], "birth_date": [date(1990, 1, 1)]})
    with pytest.raises(Exception, match="世帯がない世帯員"):
        assess(pl.DataFrame({"household_no": [1]}), members, figures())
