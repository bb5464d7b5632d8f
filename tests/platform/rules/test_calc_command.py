"""`yoriai calc`: the schema, the explanation, and refusals that name the field."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from yoriai.cli import make_app

FIGURES = {
    "vehicle": "tax",
    **{
        component: {"income_rate": "1%", "per_capita": 100}
        for component in ("medical", "elderly_support", "care", "child_support")
    },
    "rounding": {"component_unit": 100, "total_unit": 100},
}
HEAD = {"role": "head", "age": 30}


def _calc(
    document: object, folder: Path, *options: str, business: str = "nhi", figures: object = FIGURES
) -> tuple[int, Any]:
    path = folder / "figures.json"
    path.write_text(json.dumps(figures, ensure_ascii=False), "utf-8")
    text = document if isinstance(document, str) else json.dumps(document)
    arguments = ["calc", business, "--json", "--on", "2026-04-01", "--parameters", str(path), *options]
    answer = CliRunner().invoke(make_app("calc"), arguments, input=text)
    return answer.exit_code, json.loads(answer.stdout)


def _fields(document: object, folder: Path) -> list[str]:
    code, answer = _calc(document, folder)
    assert code == 2
    return [error["field"] for error in answer["errors"]]


@pytest.mark.parametrize(
    ("document", "fields"),
    [
        ({}, ["members"]),
        ({"members": []}, ["members"]),
        ({"members": [{"role": "head"}]}, ["members[0]"]),
        ({"members": [HEAD | {"age": 200}]}, ["members[0].age"]),
        ({"members": [HEAD | {"age": -1}]}, ["members[0].age"]),
        ({"members": [HEAD | {"birth_date": "1990-01-01"}]}, ["members[0]"]),
        ({"members": [{"role": "head", "birth_date": "1990-13-01"}]}, ["members[0].birth_date"]),
        ({"members": [{"role": "head", "birth_date": "1990-02-30"}]}, ["members[0].birth_date"]),
        ({"members": [HEAD | {"delivery": {"month": "2026-13"}}]}, ["members[0].delivery.month"]),
        ({"members": [HEAD | {"income": {"salary_revenue": -1}}]}, ["members[0].income.salary_revenue"]),
        ({"members": [HEAD | {"income": {"salary_revenue": 1.5}}]}, ["members[0].income.salary_revenue"]),
        ({"members": [HEAD | {"income": {"salary": 1}}]}, ["members[0].income.salary"]),
        ({"members": [HEAD | {"fixed_asset_tax": "1"}]}, ["members[0].fixed_asset_tax"]),
        ({"members": [HEAD | {"role": "boss"}]}, ["members[0].role"]),
        ({"members": [HEAD], "month": 13}, ["month"]),
        ({"members": [HEAD], "fiscal_year": 1800}, ["fiscal_year"]),
        ({"members": [HEAD], "household": {"special_since": "2026-00"}}, ["household.special_since"]),
        ({"members": [HEAD, HEAD]}, ["members"]),
        ({"members": [{"role": "nominal_head", "age": 50}]}, ["members"]),
        ({"members": [HEAD | {"acquired_on": "2026-05-01", "lost_on": "2026-04-01"}]}, ["members[0].lost_on"]),
        ({"members": [HEAD | {"age": 999, "sex": "x"}], "x": 1}, ["members[0].age", "members[0].sex", "x"]),
        ([], ["(全体)"]),
        ("{", ["--input"]),
    ],
)
def test_missing_or_impossible_field_is_named(document: object, fields: list[str], tmp_path: Path) -> None:
    assert _fields(document, tmp_path) == fields


def test_input_schema_is_valid_and_titled(tmp_path: Path) -> None:
    for business in ("nhi", "income"):
        code, schema = _calc({}, tmp_path, "--schema", business=business)
        assert code == 0
        Draft202012Validator.check_schema(schema)
        assert schema["title"]


def test_explanation_names_what_was_supplied_by_hand(tmp_path: Path) -> None:
    figures = FIGURES | {"basic_deduction": [{"amount": 330_000}]}
    person = HEAD | {"income": {"total_income": 1_330_000}}
    code, result = _calc({"members": [person]}, tmp_path, "--explain", figures=figures)
    assert code == 0
    assert result["levy_base"] == 1_000_000
    assert "basic_deduction" in result["supplied"]
    steps = {step["key"]: step for step in result["explanation"]["steps"]}
    assert steps["basic_deduction_amount"]["parameters"][0]["layer"] == "supplied"
    assert steps["total"]["values"][0]["value"] == result["total"]


@pytest.mark.parametrize(
    ("figures", "field", "rule"),
    [
        (FIGURES | {"medicine": 1}, "medicine", "unknown_key"),
        (FIGURES | {"care": {"income_rate": "abc"}}, "care.income_rate[0].value", "bad_type"),
        (FIGURES | {"vehicle": "car"}, "vehicle[0].value", "out_of_bounds"),
        ([1], "--parameters", "bad_type"),
        ({}, "parameters.medical.income_rate", "missing"),
    ],
)
def test_bad_figures_are_refused_by_name(figures: object, field: str, rule: str, tmp_path: Path) -> None:
    code, answer = _calc({"members": [HEAD]}, tmp_path, figures=figures)
    assert code == 2
    assert (field, rule) in [(error["field"], error["rule"]) for error in answer["errors"]]


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        (["nhi", "--tenant", "999999", "--on", "2026-04-01"], "--tenant"),
        (["nhi", "--tenant", "../x", "--on", "2026-04-01"], "--tenant"),
        (["nhi", "--on", "2026-13-01"], "--on"),
        (["nhi"], "--on"),
        (["nhi", "--on", "2026-04-01", "--input", "/nowhere.json"], "--input"),
    ],
)
def test_bad_option_is_refused_by_name(arguments: list[str], field: str) -> None:
    answer = CliRunner().invoke(make_app("calc"), ["calc", *arguments], input=json.dumps({"members": [HEAD]}))
    assert answer.exit_code == 2
    assert [error["field"] for error in json.loads(answer.stdout)["errors"]] == [field]


def test_unknown_business_is_refused(tmp_path: Path) -> None:
    assert _calc({}, tmp_path, business="lottery")[0] == 2
