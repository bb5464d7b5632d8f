"""Figures as data: what an ordinance may say, how layers and dates resolve, and that a stored set reads back the same."""

import json
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from yoriai.rules.parameters import (
    BusinessParameters,
    MissingParameter,
    Moment,
    ParameterSet,
    Setter,
    layer_schema,
    load_definitions,
    normalise_layer,
    resolve,
    validate_layer,
)

YAML = """
parameters:
  - {key: rate, label: 率, unit: rate, clock: fiscal_year, set_by: ordinance, article: 1条, required: true,
     bounds: {min: "0", max: "20%"}}
  - {key: cap, label: 限度額, unit: yen, clock: fiscal_year, set_by: ordinance, article: 2条,
     bounds: {at_most_national: true, min: 0},
     values: [{from: 2024, value: 650000, source: 令, evidence: K}, {from: 2026, value: 670000, source: 令, evidence: "S:x"}]}
  - {key: base, label: 基準額, unit: yen, clock: fiscal_year, set_by: national, article: 3条,
     values: [{from: 2022, value: 430000, source: 法, evidence: "V:x"}]}
  - {key: standard, label: 標準率, unit: rate, clock: fiscal_year, set_by: prefecture, article: 4条}
  - {key: special, label: 特例, unit: yen, clock: month, set_by: national, article: 5条,
     values: [{from: 2026-08, until: 2027-03, value: 5, source: 法, evidence: K}]}
  - {key: unit, label: 単位, unit: count, clock: fiscal_year, set_by: ordinance, article: 6条, default: 100,
     bounds: {choices: [1, 100]}}
  - {key: dates, label: 納期限, unit: month_days, clock: fiscal_year, set_by: ordinance, article: 7条,
     bounds: {length_from: count}}
  - {key: count, label: 納期の数, unit: count, clock: fiscal_year, set_by: ordinance, article: 7条, bounds: {min: 1}}
"""


def entry(value: Any, since: int = 2026, **more: Any) -> dict[str, Any]:
    return {"from": since, "value": value, "source": "条例", "evidence": "V:city"} | more


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> BusinessParameters:
    folder = tmp_path_factory.mktemp("parameters")
    (folder / "all.yaml").write_text(YAML, "utf-8")
    return load_definitions("test", Path(folder))


@pytest.mark.parametrize(
    ("layer", "field", "rule"),
    [
        ({"ratio": [entry("1%")]}, "ratio", "unknown_key"),
        ({"base": [entry(1)]}, "base", "fixed_by_law"),
        ({"standard": [entry("1%")]}, "standard", "fixed_by_law"),
        ({"rate": [entry(8.38)]}, "rate[0].value", "bad_type"),
        ({"rate": [entry("8,38%")]}, "rate[0].value", "bad_type"),
        ({"rate": [entry("20.01%")]}, "rate[0].value", "out_of_bounds"),
        ({"rate": [entry("-1%")]}, "rate[0].value", "out_of_bounds"),
        ({"rate": "8%"}, "rate", "bad_type"),
        ({"rate": ["8%"]}, "rate[0]", "bad_type"),
        ({"rate": [{"value": "8%", "source": "x", "evidence": "K"}]}, "rate[0].from", "missing"),
        ({"rate": [{"from": 2026, "value": "8%", "evidence": "K"}]}, "rate[0].source", "missing"),
        ({"rate": [{"from": 2026, "value": "8%", "source": "x"}]}, "rate[0].evidence", "missing"),
        ({"rate": [{"from": 2026, "source": "x", "evidence": "K"}]}, "rate[0].value", "missing"),
        ({"rate": [entry("8%", evidence="sure")]}, "rate[0].evidence", "bad_evidence"),
        ({"rate": [entry("8%", 26)]}, "rate[0].from", "bad_date"),
        ({"rate": [entry("8%"), entry("9%")]}, "rate[1].from", "duplicate"),
        ({"rate": [entry("8%", remark="x")]}, "rate[0].remark", "unknown_key"),
        ({"rate": [entry(None)]}, "rate[0].value", "unexplained_blank"),
        ({"cap": [entry(670_001)]}, "cap[0].value", "above_national"),
        ({"cap": [entry(660_000, 2025)]}, "cap[0].value", "above_national"),
        ({"unit": [entry(50)]}, "unit[0].value", "out_of_bounds"),
        ({"count": [entry(3)], "dates": [entry(["07-31", "08-31"])]}, "dates[0].value", "length"),
        ({"dates": [entry(["7/31"])]}, "dates[0].value", "bad_type"),
    ],
)
def test_ordinance_error_is_named_with_its_rule(
    definitions: BusinessParameters, layer: dict[str, Any], field: str, rule: str
) -> None:
    errors = validate_layer(definitions, layer, complete=False)
    assert [(error.field, error.rule) for error in errors] == [(field, rule)]


def test_all_errors_come_at_once_with_their_articles(definitions: BusinessParameters) -> None:
    errors = validate_layer(definitions, {"base": [entry(1)], "cap": [entry(700_000)], "other": []})
    assert {(error.field, error.article) for error in errors} == {
        ("base", "3条"),
        ("cap[0].value", "2条"),
        ("other", ""),
        ("rate", "1条"),
    }


def test_prefecture_may_set_what_is_its_own(definitions: BusinessParameters) -> None:
    layer = {"standard": [entry("7%")]}
    assert validate_layer(definitions, layer, Setter.PREFECTURE) == []


def test_good_layer_passes_and_matches_the_published_schema(definitions: BusinessParameters) -> None:
    layer = {"rate": [entry("8.38%")], "cap": [entry(650_000)], "count": [entry(1)], "dates": [entry(["07-31"])]}
    assert validate_layer(definitions, layer) == []
    assert list(Draft202012Validator(layer_schema(definitions)).iter_errors(layer)) == []
    assert list(Draft202012Validator(layer_schema(definitions)).iter_errors({"base": [entry(1)]}))


def test_ordinance_overrides_law_from_its_own_year_on(definitions: BusinessParameters) -> None:
    layer = {"rate": [entry("8%", 2024), entry("9%", 2026)], "cap": [entry(640_000, 2025)]}
    by_year = {
        year: resolve(definitions, Moment.of_fiscal_year(year), {"ordinance": layer}) for year in (2024, 2025, 2026)
    }
    assert [by_year[year]["rate"].value for year in by_year] == [Fraction(8, 100), Fraction(8, 100), Fraction(9, 100)]
    assert [(by_year[year]["cap"].value, by_year[year]["cap"].layer) for year in by_year] == [
        (650_000, "national"),
        (640_000, "ordinance"),
        (640_000, "ordinance"),
    ]
    assert (by_year[2026]["unit"].value, by_year[2026]["unit"].layer) == (100, "default")


def test_value_that_has_ended_or_not_begun_is_missing(definitions: BusinessParameters) -> None:
    held = {day: "special" in resolve(definitions, Moment(day)) for day in (date(2026, 7, 31), date(2026, 8, 1))}
    assert list(held.values()) == [False, True]
    with pytest.raises(MissingParameter, match="special"):
        resolve(definitions, Moment(date(2027, 4, 1)))["special"]


def test_blank_with_a_reason_refuses_with_that_reason(definitions: BusinessParameters) -> None:
    layer = {"rate": [entry("8%", 2025), entry(None, note="条例が見つかっていない")]}
    assert validate_layer(definitions, layer) == []
    with pytest.raises(MissingParameter) as caught:
        resolve(definitions, Moment.of_fiscal_year(2026), {"ordinance": layer})["rate"]
    assert "条例が見つかっていない" in caught.value.fields[0].message


def test_stored_set_reads_back_with_the_same_digest(definitions: BusinessParameters) -> None:
    figures = resolve(definitions, Moment.of_fiscal_year(2026), {"ordinance": {"rate": [entry("8.38%")]}})
    again = ParameterSet.from_json(json.loads(json.dumps(figures.to_json())))
    assert again.digest == figures.digest
    assert again["rate"].value == Fraction(838, 10_000)


def test_digest_changes_with_a_figure_and_with_its_source(definitions: BusinessParameters) -> None:
    layers = [entry("8%"), entry("8.1%"), entry("8%", source="別の資料")]
    moment = Moment.of_fiscal_year(2026)
    assert len({resolve(definitions, moment, {"ordinance": {"rate": [layer]}}).digest for layer in layers}) == 3


def test_layer_written_by_hand_may_be_nested_and_undated() -> None:
    dotted = BusinessParameters("test", {})
    layer = normalise_layer(dotted, {"medical": {"cap": 1}}, Moment.of_fiscal_year(2026))
    assert layer == {"medical.cap": [1]}
