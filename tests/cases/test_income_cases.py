"""Published examples of 給与所得 and 公的年金等に係る雑所得, through the public command."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cases.calculator import run_calc
from tests.cases.published import load_cases

ERAS = {"令和": 2018, "平成": 1988}


def _case(case_id: str) -> dict[str, Any]:
    return next(case for case in load_cases("tax.json", "KJ-") if case["id"] == case_id)


def _income_years(case: dict[str, Any]) -> list[int]:
    match = re.match(r"(令和|平成)(\d+)(?:〜(\d+))?", case["fiscal_year"])
    assert match
    first, last = int(match[2]), int(match[3] or match[2])
    return [ERAS[match[1]] + year - 1 for year in range(first, last + 1)]


def _incomes(case: dict[str, Any], people: list[dict[str, Any]], folder: Path) -> list[list[dict[str, Any]]]:
    results = []
    for year in _income_years(case):
        code, result = run_calc("income", {"income_year": year, "people": people}, folder=folder)
        assert code == 0, result
        results.append(result["people"])
    return results


@pytest.mark.parametrize("case_id", ["KJ-10", "KJ-11"])
def test_salary_income_of_published_examples(case_id: str, tmp_path: Path) -> None:
    case = _case(case_id)
    person = {"income": {"salary_revenue": case["inputs"]["給与収入"]}}
    for (found,) in _incomes(case, [person], tmp_path):
        ours = {
            "給与所得": found["salary_income"],
            "4000円単位整理後": found["salary_rounded"],
            "四分の一千円未満切捨A": found["salary_rounded"] // 4,
        }
        assert {word: ours[word] for word in case["expected"]} == case["expected"]


def test_pension_income_by_age(tmp_path: Path) -> None:
    case = _case("KJ-08")
    names = ("太郎", "花子")
    people = [
        {
            "name": name,
            "age": 70 if case["inputs"][name]["65歳以上"] else 60,
            "income": {"pension_revenue": case["inputs"][name]["公的年金等収入"]},
        }
        for name in names
    ]
    for found in _incomes(case, people, tmp_path):
        for name, person in zip(names, found, strict=True):
            assert person["pension_income"] == case["expected"][f"{name}_年金所得"]


def test_salary_income_under_the_old_table(tmp_path: Path) -> None:
    case = _case("KJ-14")
    people = [
        {"income": {"salary_revenue": case["inputs"]["給与収入"]}},
        {"income": {"salary_revenue": case["inputs"]["配偶者"]["給与収入"]}},
    ]
    for own, spouse in _incomes(case, people, tmp_path):
        assert own["salary_income"] == case["expected"]["給与所得"]
        assert spouse["salary_income"] == case["expected"]["配偶者_給与所得"]


def test_salary_income_from_income_year_2025(tmp_path: Path) -> None:
    (case,) = load_cases("welfare.json", "shotoku-01")
    people = [{"income": {"salary_revenue": gross}} for gross in case["inputs"]["gross"]]
    document = {"income_year": int(case["fiscal_year"]), "people": people}
    code, result = run_calc("income", document, folder=tmp_path)
    assert code == 0
    assert [person["salary_income"] for person in result["people"]] == case["expected"]
