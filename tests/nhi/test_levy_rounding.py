"""端数: each municipality's own, as configuration."""

from typing import Any

import pytest

HEAD = {"role": "head", "age": 30, "income": {"total_income": 1_432_345}}
OTHER = {"role": "member", "age": 30, "income": {"total_income": 1_431_111}}


@pytest.mark.parametrize(
    ("unit", "mode", "medical"),
    [
        (1, "floor", 80_187 + 42_000),
        (10, "floor", 122_180),
        (100, "floor", 122_100),
        (10, "ceiling", 122_190),
        (100, "half_up", 122_200),
    ],
)
def test_component_is_cut_to_the_ordinances_unit(levy: Any, unit: int, mode: str, medical: int) -> None:
    result = levy(HEAD, changes={"rounding.component_unit": unit, "rounding.component_mode": mode})
    assert result["components"]["medical"]["amount"] == medical


def test_total_may_be_cut_instead_of_the_components(levy: Any) -> None:
    by_component = levy(HEAD, changes={"rounding.component_unit": 100})
    by_total = levy(HEAD, changes={"rounding.total_unit": 100})
    assert by_component["total"] == sum(item["amount"] // 100 * 100 for item in by_total["components"].values())
    assert by_total["total"] == sum(item["amount"] for item in by_total["components"].values()) // 100 * 100
    assert by_total["total"] > by_component["total"]


def test_income_levy_is_cut_per_person_or_per_household(levy: Any) -> None:
    per_person = levy(HEAD, OTHER)["components"]["medical"]["income_levy"]
    per_household = levy(HEAD, OTHER, changes={"rounding.income_levy": "household"})["components"]["medical"]
    assert per_person == 1_002_345 * 8 // 100 + 1_001_111 * 8 // 100
    assert per_household["income_levy"] == (1_002_345 + 1_001_111) * 8 // 100
    assert per_household["income_levy"] == per_person + 1


@pytest.mark.parametrize(("mode", "amount"), [("floor", 7_213), ("ceiling", 7_214), ("half_up", 7_214)])
def test_reduced_amount_is_cut_by_the_ordinances_mode(levy: Any, mode: str, amount: int) -> None:
    poor = {"role": "head", "age": 30}
    changes = {"medical.per_capita": 24_045, "rounding.reduced_amount": mode}
    assert levy(poor, changes=changes)["components"]["medical"]["per_capita"] == amount


@pytest.mark.parametrize(("mode", "cut"), [("payable_floor", 88_001), ("relief_floor", 88_000)])
def test_childbirth_relief_may_be_cut_on_either_side(levy: Any, mode: str, cut: int) -> None:
    mother = {"role": "head", "age": 30, "income": {"total_income": 3_430_013}}
    changes = {"rounding.maternity": mode, "medical.per_capita": 24_000}
    plain = levy(mother, changes=changes)["components"]["medical"]["raw"]
    relieved = levy(mother | {"delivery": {"month": "2026-08"}}, changes=changes)["components"]["medical"]["raw"]
    assert plain - relieved == cut


def test_ordinance_cap_below_the_national_one_applies(levy: Any) -> None:
    rich = {"role": "head", "age": 30, "income": {"total_income": 90_000_000}}
    assert levy(rich)["components"]["medical"]["amount"] == 670_000
    assert levy(rich, changes={"medical.cap": 650_000})["components"]["medical"]["amount"] == 650_000
