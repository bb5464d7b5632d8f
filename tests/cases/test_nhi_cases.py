"""Every published NHI example, intermediate values included, through the public command."""

from pathlib import Path
from typing import Any

import pytest

from tests.cases.calculator import run_calc
from tests.cases.published import expected_values, load_cases, nhi_document, nhi_figures, with_newborn

CASES = load_cases("insurance.json", "nhi-")
SPECIAL = ("annual_increase", "tokutei_setai", "from_month_1")
WORKED = [case for case in CASES if not set(SPECIAL) & set(case["expected"])]


def _calculate(case: dict[str, Any], document: dict[str, Any], folder: Path) -> dict[str, Any]:
    code, result = run_calc("nhi", document, figures=nhi_figures(case), folder=folder)
    assert code == 0, result
    return result


def _one(word: str) -> dict[str, Any]:
    return next(case for case in CASES if word in case["expected"])


@pytest.mark.parametrize("case", WORKED, ids=lambda case: case["id"])
def test_published_example_is_reproduced(case: dict[str, Any], tmp_path: Path) -> None:
    result = _calculate(case, nhi_document(case), tmp_path)
    pairs = expected_values(case, result)
    assert {word: ours for word, (_, ours) in pairs.items()} == {word: theirs for word, (theirs, _) in pairs.items()}


def test_every_case_is_used() -> None:
    assert len(WORKED) + len(SPECIAL) == len(CASES)


def test_birth_raises_the_levy_by_half_the_per_capita_amounts(tmp_path: Path) -> None:
    case = _one("annual_increase")
    before = nhi_document(case)
    case["rates"].setdefault("component_floor", 1)
    increase = _calculate(case, with_newborn(before), tmp_path)["total"] - _calculate(case, before, tmp_path)["total"]
    assert increase == case["expected"]["annual_increase"]


def test_care_months_begin_in_the_month_of_the_eve_of_the_40th_birthday(tmp_path: Path) -> None:
    case = _one("from_month_1")
    for number, birthday in enumerate(case["inputs"]["birthdays"], 1):
        month, day = birthday.split()
        born = f"{case['fiscal_year'] - 40}-{('June', 'July').index(month) + 6:02}-{int(day):02}"
        document = {"fiscal_year": case["fiscal_year"], "members": [{"role": "head", "birth_date": born}]}
        member = _calculate(case, document, tmp_path)["members"][0]
        assert member["care_from"] + 4 == case["expected"][f"from_month_{number}"]


@pytest.mark.parametrize(
    ("word", "years"), [("tokutei_setai", 1), ("tokutei_keizoku_setai", 6)], ids=["within 5 years", "within 8 years"]
)
@pytest.mark.parametrize("by_ordinance", [True, False], ids=["the ordinance's own yen", "computed from the share"])
def test_household_left_behind_by_a_move_to_elderly_medical(
    word: str, years: int, by_ordinance: bool, tmp_path: Path
) -> None:
    case = _one("tokutei_setai")
    figures = nhi_figures(case)
    if by_ordinance:
        figures["medical"]["per_household_special"] = case["expected"]["tokutei_setai"]
        figures["medical"]["per_household_continuing"] = case["expected"]["tokutei_keizoku_setai"]
    document = {
        "fiscal_year": case["fiscal_year"],
        "household": {"special_since": f"{case['fiscal_year'] - years}-04", "apply_reduction": False},
        "members": [{"role": "head", "age": 72}],
    }
    code, result = run_calc("nhi", document, figures=figures, folder=tmp_path)
    assert code == 0
    assert result["components"]["medical"]["per_household"] == case["expected"][word]
