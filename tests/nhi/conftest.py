"""A municipality of round figures, so that a test's numbers can be worked out on paper."""

from collections.abc import Callable
from typing import Any

import pytest

from modules.nhi.health_insurance.calc import NHI
from yoriai.rules.parameters import Moment, ParameterSet, normalise_layer, resolve

ROUND_FIGURES: dict[str, Any] = {
    "vehicle": "tax",
    "medical": {"income_rate": "8%", "per_capita": 24000, "per_household": 18000},
    "elderly_support": {"income_rate": "3%", "per_capita": 12000, "per_household": 6000},
    "care": {"income_rate": "2%", "per_capita": 12000, "per_household": 6000},
    "child_support": {"income_rate": "0.3%", "per_capita": 1200, "adult_extra": 60, "per_household": 600},
    "rounding": {"component_unit": 1, "total_unit": 1},
}

Figures = Callable[..., ParameterSet]
Levy = Callable[..., dict[str, Any]]


def _nested(changes: dict[str, Any]) -> dict[str, Any]:
    merged = {key: dict(value) if isinstance(value, dict) else value for key, value in ROUND_FIGURES.items()}
    for key, value in changes.items():
        group, _, name = key.partition(".")
        if name:
            merged.setdefault(group, {})[name] = value
        else:
            merged[key] = value
    return merged


@pytest.fixture(scope="session")
def figures() -> Figures:
    """The round municipality's figures for a 年度, with changes by dotted key."""

    def build(fiscal_year: int = 2026, changes: dict[str, Any] | None = None) -> ParameterSet:
        moment = Moment.of_fiscal_year(fiscal_year)
        layer = normalise_layer(NHI.definitions, _nested(changes or {}), moment)
        return resolve(NHI.definitions, moment, {"ordinance": layer})

    return build


@pytest.fixture(scope="session")
def levy(figures: Figures) -> Levy:
    """The result for the members (and household) in the round municipality."""

    def calculate(
        *members: dict[str, Any],
        fiscal_year: int = 2026,
        changes: dict[str, Any] | None = None,
        **household: Any,
    ) -> dict[str, Any]:
        document = {"fiscal_year": fiscal_year, "household": household, "members": list(members)}
        return NHI.calculate(NHI.parse(document), figures(fiscal_year, changes))

    return calculate
