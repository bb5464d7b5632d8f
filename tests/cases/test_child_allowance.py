"""Published examples of 児童手当 through the public command."""

from pathlib import Path
from typing import Any

import pytest

from tests.cases.calculator import run_calc
from tests.cases.published import load_cases

CASES = load_cases("welfare.json", "jite-")
OFFICIAL = [([20, 10, 5], 40_000), ([23, 10, 5], 20_000), ([8, 5, 2], 50_000)]
"""The worked examples of the children's agency as the domain facts quote them: ages and yen a month."""


def _document(case: dict[str, Any]) -> dict[str, Any]:
    """The case as an input; the month in which its year begins."""
    year, month = str(case["fiscal_year"]).split()[0].split("-")
    return {"month": f"{year}-{month}", "children": [{"age": age} for age in case["inputs"]["ages"]]}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_published_example_is_reproduced(case: dict[str, Any], tmp_path: Path) -> None:
    code, result = run_calc("child_allowance", _document(case), folder=tmp_path)
    assert code == 0, result
    assert result["monthly_amount"] == case["expected"]


@pytest.mark.parametrize(("ages", "expected"), OFFICIAL, ids=lambda value: str(value))
@pytest.mark.parametrize("month", ["2024-10", "2026-04", "2027-03"])
def test_official_example_is_reproduced_in_any_month(
    ages: list[int], expected: int, month: str, tmp_path: Path
) -> None:
    document = {"month": month, "children": [{"age": age} for age in ages]}
    code, result = run_calc("child_allowance", document, folder=tmp_path)
    assert code == 0, result
    assert result["monthly_amount"] == expected
