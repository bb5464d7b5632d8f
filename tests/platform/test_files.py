"""Wrong tenant files are refused with all their mistakes at once, each with file, line and rule; nothing is applied."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from yoriai.errors import FieldError, Invalid
from yoriai.onboarding.settings import schema as onboarding_schema
from yoriai.settings import ROOT
from yoriai.tenancy.apply import differences, list_applied, plan
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.files import read_tenants
from yoriai.tenancy.schema import deployment_schema, tenant_schema

GOOD = (ROOT / "tenants" / "343684.yaml").read_text(encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tenants" / "deployment.yaml", tmp_path)
    (tmp_path / "343684.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def refused(folder: Path, text: str, name: str = "343684.yaml") -> dict[str, FieldError]:
    """The errors of a file, by rule."""
    (folder / name).write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_tenants(folder)
    return {error.rule: error for error in caught.value.fields}


def line_of(text: str, start: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith(start))


def test_the_four_municipalities_are_valid() -> None:
    configs = read_tenants(ROOT / "tenants")
    assert len(configs) >= 4
    assert sum(config.population for config in configs if config.prefecture == "広島県") >= 168_293


def test_the_published_schemas_are_schemas() -> None:
    for schema in (tenant_schema(), deployment_schema()):
        Draft202012Validator.check_schema(schema)


def test_a_wrong_check_digit_is_named_with_the_right_one(folder: Path) -> None:
    errors = refused(folder, GOOD.replace('code: "343684"', 'code: "343685"'))
    assert errors["check_digit"].file == "343684.yaml"
    assert errors["check_digit"].line == line_of(GOOD, "code:")
    assert "343684" in errors["check_digit"].message


def test_a_file_must_be_named_after_its_code(folder: Path) -> None:
    assert "file_name" in refused(folder, GOOD, name="342157.yaml")


def test_an_unknown_key_is_named_with_its_line(folder: Path) -> None:
    text = GOOD + "mayor: 誰か\n"
    error = refused(folder, text)["unknown_key"]
    assert (error.field, error.line) == ("mayor", line_of(text, "mayor:"))


def test_text_that_is_no_yaml_is_named_with_its_line(folder: Path) -> None:
    error = refused(folder, GOOD + "a: [1, 2\n")["yaml"]
    assert error.line >= len(GOOD.splitlines())


def test_an_unknown_permission_is_refused(folder: Path) -> None:
    chief = "  chief: {label: 課長, permissions: [resident.view, resident.erase]}\n"
    text = GOOD.replace("roles:\n", f"roles:\n{chief}")
    assert "resident.erase" in refused(folder, text)["unknown_permission"].message


def test_all_mistakes_of_all_files_come_at_once(folder: Path) -> None:
    (folder / "342157.yaml").write_text("code: 342157\nname: 1\n", encoding="utf-8")
    with_mistakes = GOOD.replace("population: ", "population: -") + "mayor: 誰か\n"
    (folder / "343684.yaml").write_text(with_mistakes, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_tenants(folder)
    assert {error.file for error in caught.value.fields} == {"342157.yaml", "343684.yaml"}
    assert len(caught.value.fields) >= 5


@pytest.mark.parametrize(
    ("figures", "rule"),
    [
        ("      no.such.figure: [{from: 2026, value: 1, source: 条例, evidence: K}]\n", "unknown_key"),
        ('      medical.income_rate: [{from: 2031, value: "180%", source: 条例, evidence: K}]\n', "out_of_bounds"),
        ("      medical.income_rate: [{from: 2031, value: 8.38, source: 条例, evidence: K}]\n", "bad_type"),
        ("      medical.cap: [{from: 2026, value: 990000, source: 条例, evidence: K}]\n", "above_national"),
        ('      medical.income_rate: [{from: 2031, value: "8%", evidence: K}]\n', "missing"),
    ],
)
def test_a_wrong_figure_is_refused(folder: Path, figures: str, rule: str) -> None:
    without = "\n".join(line for line in GOOD.splitlines() if not line.startswith("      medical.")) + "\n"
    before, marker, after = without.partition("    parameters:\n")
    text = before + marker + figures + after
    (folder / "343684.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_tenants(folder)
    found = [error for error in caught.value.fields if error.rule == rule]
    assert found, [error.to_json() for error in caught.value.fields]
    assert found[0].line >= line_of(text, "parameters:")


def test_applying_again_changes_nothing(installation) -> None:
    assert {item.action for item in plan(installation.admin_dsn, list(installation.configs.values()))} == {"keep"}


def test_a_plan_shows_the_figure_that_changes(installation) -> None:
    config = installation.configs["343684"]
    document = {**config.document, "population": config.population + 1}
    (item,) = plan(installation.admin_dsn, [TenantConfig(document)])
    assert [(change.path, change.new) for change in item.changes] == [("population", config.population + 1)]


def test_two_municipalities_differ_in_configuration_only(installation) -> None:
    own, other = (item.config.document for item in list_applied(installation.admin_dsn))
    paths = {change.path for change in differences(own, other)}
    assert {"code", "name", "population"} <= paths


@pytest.mark.parametrize("text", ["\0", "[" * 3000, "calendar: {closing_days: [2026-13-45]}"])
def test_a_file_that_cannot_be_read_is_refused(folder: Path, text: str) -> None:
    assert refused(folder, text)["yaml"].file == "343684.yaml"


def test_a_file_in_another_encoding_is_refused(folder: Path) -> None:
    (folder / "343684.yaml").write_bytes(GOOD.encode("cp932", errors="replace"))
    with pytest.raises(Invalid):
        read_tenants(folder)


def test_a_day_the_calendar_does_not_have_is_refused(folder: Path) -> None:
    """It would stop the whole installation's night when the calendar is asked."""
    wrong = GOOD.replace("calendar: {}", "calendar: {closing_days: ['2026-02-30']}")
    assert wrong != GOOD
    assert refused(folder, wrong)["format"].field == "calendar.closing_days.0"
    assert refused(folder, f"{GOOD}\nbatch: {{nets: {{resident.daily: {{day: 02-30}}}}}}\n")["pattern"].line > 1


def test_a_net_that_nobody_declares_is_refused(folder: Path) -> None:
    assert "unknown_key" in refused(folder, f"{GOOD}\nbatch: {{nets: {{no.such.net: {{hold: true}}}}}}\n")


def adjusted(text: str) -> str:
    return f"{GOOD}\nbatch:\n  nets:\n{text}"


def test_a_deadline_before_its_release_is_named_with_net_job_file_and_line(folder: Path) -> None:
    """The release is the job's declared one; the municipality's deadline is what comes before it."""
    text = adjusted("    resident.daily:\n      hold: true\n      deadline: '17:00'\n")
    error = refused(folder, text)["deadline_before_release"]
    assert (error.file, error.line) == ("343684.yaml", line_of(text, "deadline: '17:00'"))
    assert "resident.daily の resident." in error.message, "whichever of its jobs is told last"
    own = adjusted("    resident.daily:\n      jobs:\n        resident.statistics: {release: '40:00'}\n")
    assert refused(folder, own)["deadline_before_release"].line == line_of(own, "resident.statistics")


def test_a_rule_of_days_is_checked_key_by_key(folder: Path) -> None:
    net = "    resident.daily: {calendar: {kind: monthly, days: [32], weekdays: [月]}}\n"
    errors = refused(folder, adjusted(net))
    assert errors["maximum"].field == "batch.nets.resident.daily.calendar.days.0"
    assert errors["unknown_key"].field == "batch.nets.resident.daily.calendar.weekdays"
    assert "missing" in refused(folder, adjusted("    resident.daily: {calendar: {kind: annual}}\n"))
    assert "enum" in refused(folder, adjusted("    resident.daily: {calendar: {kind: sometimes}}\n"))


def test_a_closing_day_outside_the_years_of_the_calendar_is_refused(folder: Path) -> None:
    text = GOOD.replace("calendar: {}", "calendar: {fiscal_years: [2026], closing_days: ['2027-08-15']}")
    assert refused(folder, text)["fiscal_year"].field == "calendar.closing_days[0]"


def test_the_deployment_s_years_hold_for_who_names_none(folder: Path) -> None:
    (config,) = read_tenants(folder)
    assert 2026 in config.section("calendar")["fiscal_years"]
    (folder / "343684.yaml").write_text(
        GOOD.replace("calendar: {}", "calendar: {fiscal_years: [2030]}"), encoding="utf-8"
    )
    (config,) = read_tenants(folder)
    assert config.section("calendar")["fiscal_years"] == [2030]


@pytest.mark.parametrize(
    ("extra", "rule"),
    [
        ("blackouts: [{start: '27:30', end: '27:00'}]", "order"),
        ("capacity_steps: [{from: '22:00', tapes: 3}]", "unknown_resource"),
        ("capacity_steps: [{from: '23:00', cpu: 8}, {from: '22:00', cpu: 4}]", "order"),
        ("capacity_steps: [{from: '22:00'}]", "minProperties"),
        ("jobs_per_municipality: 0", "minimum"),
    ],
)
def test_the_deployment_s_night_is_checked(folder: Path, extra: str, rule: str) -> None:
    path = folder / "deployment.yaml"
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{extra}\n", encoding="utf-8")
    with pytest.raises(Invalid) as caught:
        read_tenants(folder)
    assert [error.rule for error in caught.value.fields] == [rule]


@pytest.mark.parametrize(
    ("name", "schema"),
    [("tenant", tenant_schema), ("deployment", deployment_schema), ("onboarding", onboarding_schema)],
)
def test_the_published_schema_files_are_current(name: str, schema: Callable[[], dict[str, Any]]) -> None:
    """`yoriai tenants schema > docs/schema/tenant.schema.json` makes it so."""
    published = json.loads((ROOT / "docs" / "schema" / f"{name}.schema.json").read_text(encoding="utf-8"))
    assert published == schema()


def test_a_business_checks_its_settings_and_names_the_line(folder: Path) -> None:
    text = GOOD.replace("- {school: E02,", "- {school: E99,")
    error = refused(folder, text)["unknown_school"]
    assert error.field.startswith("businesses.school_age.settings.districts[")
    assert error.line == line_of(text, "- {school: E99,")
