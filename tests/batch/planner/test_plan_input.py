"""What cannot be planned is refused with net and job, all mistakes at once; the neutral format says the same of a file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from batch.commands import commands
from batch.planner import PlanInputError, PlanJob, build_instance
from batch.planner.neutral import read_instance, solve_instance
from loadtests.instances import rcpsp_set


def _rules(jobs: list[PlanJob], capacity: dict[str, int] | None = None) -> dict[str, str]:
    with pytest.raises(PlanInputError) as refusal:
        build_instance(capacity or {"cpu": 2}, jobs)
    return {error.field: error.rule for error in refusal.value.fields}


def test_a_cycle_is_named_with_its_path() -> None:
    jobs = [
        PlanJob("a", 1, after=("c",), net="n"),
        PlanJob("b", 1, after=("a",), net="n"),
        PlanJob("c", 1, after=("b",), net="n"),
    ]
    with pytest.raises(PlanInputError) as refusal:
        build_instance({"cpu": 1}, jobs)
    (error,) = refusal.value.fields
    assert error.rule == "cycle"
    assert all(name in error.message for name in "abc")


def test_every_mistake_is_named_at_once() -> None:
    jobs = [
        PlanJob("lost", 1, after=("nowhere",), net="n"),
        PlanJob("large", 1, {"cpu": 3}, net="n"),
        PlanJob("odd", 1, {"gpu": 1}, net="n"),
        PlanJob("late", 1, release=5, deadline=4, net="n"),
        PlanJob("back", -1, net="n"),
    ]
    assert _rules(jobs) == {
        "n/lost": "unknown_predecessor",
        "n/large": "larger_than_capacity",
        "n/odd": "unknown_resource",
        "n/late": "deadline_before_release",
        "n/back": "negative_duration",
    }


def test_the_same_job_twice_is_refused() -> None:
    assert _rules([PlanJob("a", 1), PlanJob("a", 2)]) == {"a": "duplicate"}


def test_a_capacity_of_nothing_is_refused() -> None:
    assert _rules([PlanJob("a", 1)], {"cpu": 0}) == {"resources.cpu": "capacity"}


INSTANCE: dict[str, Any] = {
    "resources": {"cpu": 2},
    "horizon": None,
    "jobs": [
        {"id": "a", "duration": 3, "uses": {"cpu": 1}},
        {"id": "b", "duration": 3, "uses": {"cpu": 1}, "after": ["a"], "release": 0, "deadline": None},
        {"id": "c", "duration": 6, "uses": {"cpu": 1}},
    ],
}


def _file(folder: Path, document: Any) -> Path:
    path = folder / "instance.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def test_a_neutral_instance_is_planned_by_the_command(tmp_path: Path) -> None:
    result = CliRunner().invoke(commands, ["plan", "--instance", str(_file(tmp_path, INSTANCE)), "--json"])
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["starts"] == {"a": 0, "b": 3, "c": 0}
    assert (answer["makespan"], answer["peak"], answer["feasible"], answer["reasons"]) == (6, {"cpu": 2}, True, [])
    assert answer["bounds"]["makespan"] == 6
    assert answer["gap"] == "0.00%"


def test_a_proof_of_the_search_counts_as_a_bound() -> None:
    """71 is CP-SAT's optimum; what needs no search says 65. The search ends with its proof, long before its seconds."""
    hard = [instance for _, instance in rcpsp_set(30)][4]
    answer = solve_instance(hard, None, "makespan", seconds=120)
    assert (answer["makespan"], answer["bounds"]["searched"], answer["bounds"]["makespan"]) == (71, 71, 71)
    assert answer["gap"] == "0.00%"
    assert solve_instance(hard, None, "makespan")["bounds"]["searched"] is None


def test_the_peak_objective_needs_half_the_capacity_in_twice_the_time(tmp_path: Path) -> None:
    instance, horizon = read_instance(_file(tmp_path, {**INSTANCE, "horizon": 12}))
    answer = solve_instance(instance, horizon, "peak")
    assert (answer["peak"], answer["makespan"], answer["feasible"]) == ({"cpu": 1}, 12, True)


def test_a_file_may_hold_what_restricts_the_night(tmp_path: Path) -> None:
    jobs = [{**INSTANCE["jobs"][0], "start": 1}, *INSTANCE["jobs"][1:]]
    restrictions = {"steps": {"cpu": [[0, 1], [9, 2]]}, "blackouts": [{"start": 4, "end": 6}], "group_limit": 1}
    instance, _ = read_instance(_file(tmp_path, {**INSTANCE, **restrictions, "jobs": jobs}))
    answer = solve_instance(instance, None, "makespan")
    assert (answer["starts"]["a"], answer["makespan"], answer["peak"]) == (1, 15, {"cpu": 1})


def test_a_release_after_the_horizon_is_an_answer_not_a_refusal(tmp_path: Path) -> None:
    document = {**INSTANCE, "horizon": 20, "jobs": [{"id": "a", "duration": 3, "release": 30}]}
    instance, horizon = read_instance(_file(tmp_path, document))
    answer = solve_instance(instance, horizon, "makespan")
    assert (answer["feasible"], answer["starts"]) == (False, {"a": 30})


def test_an_instance_that_misses_its_horizon_says_so(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        commands, ["plan", "--instance", str(_file(tmp_path, {**INSTANCE, "horizon": 5})), "--json"]
    )
    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert not answer["feasible"]
    assert any(reason.startswith("c:") for reason in answer["reasons"])


def test_what_does_not_fit_is_answered_with_causes_and_changes(tmp_path: Path) -> None:
    path = _file(tmp_path, {**INSTANCE, "horizon": 5})
    result = CliRunner().invoke(commands, ["plan", "--instance", str(path), "--seconds", "0.5", "--json"])
    answer = json.loads(result.stdout)
    assert (result.exit_code, answer["feasible"]) == (1, False)
    assert any("クリティカルパス" in reason for reason in answer["reasons"])
    kinds = {found["kind"]: found for found in answer["relaxations"]}
    assert (kinds["later_end"]["extra"], kinds["later_end"]["end"]) == (1, 6)
    assert "more_capacity" not in kinds
    assert "c" in kinds["move_jobs"]["jobs"]


def test_a_plan_may_be_compared_with_cp_sat(tmp_path: Path) -> None:
    arguments = ["plan", "--instance", str(_file(tmp_path, INSTANCE)), "--seconds", "1", "--prove", "--json"]
    answer = json.loads(CliRunner().invoke(commands, arguments).stdout)
    assert (answer["proof"]["status"], answer["proof"]["value"]) == ("OPTIMAL", answer["makespan"])
    peaks = json.loads(CliRunner().invoke(commands, [*arguments, "--objective", "peak"]).stdout)
    assert peaks["proof"]["value"] == 1000


@pytest.mark.parametrize("wrong", [b"\xff\xfe", b"{", b"[]"])
def test_a_file_that_is_no_instance_is_refused_with_exit_code_2(tmp_path: Path, wrong: bytes) -> None:
    path = tmp_path / "wrong.json"
    path.write_bytes(wrong)
    result = CliRunner().invoke(commands, ["plan", "--instance", str(path), "--json"])
    assert result.exit_code == 2
    assert json.loads(result.stdout)["errors"][0]["file"] == str(path)


@pytest.mark.parametrize(
    "change",
    [{"jobs": [{"id": "a", "duration": 1.5}]}, {"jobs": [{"id": "a"}]}, {"resource": {}}, {"resources": {"cpu": "2"}}],
)
def test_a_file_in_another_shape_is_refused_with_its_name(tmp_path: Path, change: dict[str, Any]) -> None:
    path = _file(tmp_path, {**INSTANCE, **change})
    with pytest.raises(PlanInputError) as refusal:
        read_instance(path)
    assert refusal.value.fields[0].file == str(path)
