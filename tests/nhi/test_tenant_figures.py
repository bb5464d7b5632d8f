"""The four municipalities' published figures, with the evidence they rest on."""

from typing import Any

import pytest

from modules.nhi.health_insurance.calc import NHI
from yoriai.rules.parameters import MissingParameter, Moment, ParameterSet, read_yaml, resolve, validate_layer
from yoriai.settings import ROOT

TENANTS = ("342131", "342157", "343684", "343692")
HOUSEHOLD = {"members": [{"role": "head", "birth_date": "1970-05-01", "income": {"salary_revenue": 4_000_000}}]}


def _layer(code: str) -> dict[str, Any]:
    layer: dict[str, Any] = read_yaml(ROOT / "tenants" / f"{code}.yaml")["businesses"]["nhi"]["parameters"]
    return layer


def _figures(code: str, fiscal_year: int) -> ParameterSet:
    return resolve(NHI.definitions, Moment.of_fiscal_year(fiscal_year), {"ordinance": _layer(code)})


@pytest.mark.parametrize("code", TENANTS)
def test_figures_are_within_the_law(code: str) -> None:
    assert validate_layer(NHI.definitions, _layer(code)) == []


@pytest.mark.parametrize("code", TENANTS)
@pytest.mark.parametrize("fiscal_year", [2025, 2026])
def test_levy_and_its_instalments_can_be_made(code: str, fiscal_year: int) -> None:
    result = NHI.calculate(NHI.parse(HOUSEHOLD), _figures(code, fiscal_year))
    assert result["total"] == sum(component["amount"] for component in result["components"].values()) > 0
    assert sum(instalment["amount"] for instalment in result["instalments"]) == result["total"]
    assert "instalment.due_dates" in result["unconfirmed"]


def test_rates_of_a_year_nobody_published_are_refused_by_name() -> None:
    with pytest.raises(MissingParameter, match=r"medical\.income_rate"):
        NHI.calculate(NHI.parse(HOUSEHOLD), _figures("342131", 2024))


def test_placeholder_of_a_figure_not_found_says_so_in_the_explanation() -> None:
    figures = _figures("343692", 2026)
    used = {figure.key: figure for figure in NHI.explain(NHI.parse(HOUSEHOLD), figures).unconfirmed}
    assert used["child_support.income_rate"].evidence == "?"
    assert "仮の値" in used["child_support.income_rate"].note


def test_figure_seen_on_the_official_page_is_not_flagged() -> None:
    assert _figures("342157", 2025)["medical.income_rate"].is_confirmed
    assert not _figures("342131", 2025)["medical.income_rate"].is_confirmed
