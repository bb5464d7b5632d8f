"""From the published cases' own format to what `yoriai calc` takes and gives. Knows words, never a result."""

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CASES = Path(os.environ.get("YORIAI_CASES", ROOT.parent / "shared" / "cases"))

COMPONENTS = {"medical": "medical", "support": "elderly_support", "care": "care"}
PARTS = {
    "income": "income_levy",
    "asset": "asset_levy",
    "per_capita": "per_capita",
    "household": "per_household",
}
RATES = {
    "income_pct": "income_rate",
    "asset_pct": "asset_rate",
    "per_capita": "per_capita",
    "household": "per_household",
    "cap": "cap",
}
TOTALS = {"total", "head_total", "total_without_childcare"}
PLAIN = {"levy_base": "levy_base", "levy_base_total": "levy_base", "tier": "tier", "judge_income": "judged_income"}
PEOPLE = {
    "salary_income": (0, "salary_income"),
    "pension_income": (0, "pension_income"),
    "head_income": (0, "salary_income"),
    "spouse_income": (1, "salary_income"),
}
HEADS = ("世帯主", "本人")


def load_cases(file: str, prefix: str) -> list[dict[str, Any]]:
    """The cases of a file whose id begins with the prefix."""
    if not CASES.exists():
        return []
    return [case for case in json.loads((CASES / file).read_text("utf-8")) if case["id"].startswith(prefix)]


def nhi_figures(case: dict[str, Any]) -> dict[str, Any]:
    """The municipality's figures as a `--parameters` file; a component the case is silent about costs nothing."""
    rates = case["rates"]
    vehicle = "tax" if case["business"].endswith("税") else "premium"
    unit = rates.get("component_floor", 100 if vehicle == "tax" else 1)
    figures: dict[str, Any] = {"vehicle": vehicle, "rounding": {"component_unit": unit, "total_unit": 1}}
    for word, component in (*COMPONENTS.items(), ("child_support", "child_support")):
        figures[component] = {"income_rate": "0", "per_capita": 0, "per_household": 0}
        for name, value in rates.get(word, {}).items():
            figures[component][RATES[name]] = f"{value}%" if name.endswith("_pct") else value
        if f"{word}_household" in rates:
            figures[component]["per_household"] = rates[f"{word}_household"]
    for component, cap in zip(COMPONENTS.values(), rates.get("caps", ()), strict=False):
        figures[component]["cap"] = cap
    return figures


def nhi_document(case: dict[str, Any]) -> dict[str, Any]:
    """The household of the case as an input document."""
    inputs = case["inputs"]
    members = _members(inputs)
    members[0].setdefault("fixed_asset_tax", inputs.get("fixed_asset_tax", 0))
    # A page that shows no income shows amounts before any reduction, as does one that shows one person of several.
    judged = inputs.get("apply_reduction", True) and any(member["income"] for member in members)
    judged = judged and "member_computed" not in inputs
    return {
        "fiscal_year": int(str(case["fiscal_year"])[:4]),
        "household": {"apply_reduction": judged},
        "members": members,
    }


def with_newborn(document: dict[str, Any]) -> dict[str, Any]:
    """The same household after the birth of a child."""
    born = f"{document['fiscal_year']}-04-01"
    child = {"name": "子", "role": "member", "birth_date": born, "income": {}}
    return document | {"members": [*document["members"], child]}


def expected_values(case: dict[str, Any], result: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Every published figure with the one of our result that it must equal; an unknown word is an error."""
    published = case["expected"] | case.get("derived_not_published", {})
    return {word: (value, _find(word, result)) for word, value in published.items()}


def _find(word: str, result: dict[str, Any]) -> Any:
    if word in TOTALS:
        return result["total"]
    if word in PLAIN:
        return result[PLAIN[word]]
    if word in PEOPLE:
        number, name = PEOPLE[word]
        return result["members"][number][name]
    prefix, _, part = word.partition("_")
    component = result["components"][COMPONENTS[prefix]]
    return component[PARTS[part]] if part else component["amount"]


def _members(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    if "members" in inputs:
        return [_member(member, number) for number, member in enumerate(inputs["members"])]
    if "insured" in inputs:
        return _guide_table(inputs)
    age = int(inputs["household"].split(" / ")[0].lstrip("世帯主")) if "household" in inputs else 30
    income = {"salary_revenue": inputs["salary_revenue"]} if "salary_revenue" in inputs else {}
    return [{"name": "世帯主", "role": "head", "age": age, "income": income}]


def _member(member: dict[str, Any], number: int) -> dict[str, Any]:
    income = {name: value for name, value in member.items() if name.endswith(("_revenue", "_income"))}
    if "income" in member:
        income["total_income"] = member["income"]
    is_head = member["role"] in HEADS or number == 0
    return {
        "name": member["role"],
        "role": "head" if is_head else "member",
        "age": member["age"],
        "income": income,
    }


def _guide_table(inputs: dict[str, Any]) -> list[dict[str, Any]]:
    aged_40_64 = "age_band" in inputs or inputs.get("aged_40_64", 0) > 0
    age = 50 if aged_40_64 else 30
    each = inputs.get("income_each", 0)
    incomes = [inputs.get("income_one_earner", each)] + [each] * (inputs["insured"] - 1)
    return [
        {"name": str(number), "role": "member" if number else "head", "age": age, "income": {"total_income": income}}
        for number, income in enumerate(incomes)
    ]
