"""What restricts a night: running jobs, capacity that changes, times when nothing runs, so many jobs of one municipality."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given

from batch.planner import (
    Blackout,
    Instance,
    PlanInputError,
    PlanJob,
    build_instance,
    check_plan,
    peak_use,
    plan,
    plan_bounds,
)
from tests.batch.planner.instances import restricted_demands


@given(restricted_demands())
def test_a_restricted_plan_holds_or_names_the_jobs_without_room(instance: Instance) -> None:
    schedule = plan(instance)
    faults = check_plan(instance, schedule.starts)
    assert bool(faults) == bool(schedule.without_room)
    assert schedule.makespan >= plan_bounds(instance).best


def test_a_running_job_keeps_its_place_and_its_resources() -> None:
    jobs = [
        PlanJob("before", 5, {"cpu": 1}),
        PlanJob("running", 7, {"cpu": 2}, after=("before",), release=3, start=-4),
        PlanJob("next", 1, {"cpu": 1}, after=("running",)),
    ]
    instance = build_instance({"cpu": 2}, jobs)
    schedule = plan(instance)
    assert schedule.starts == {"running": -4, "before": 3, "next": 3}
    assert check_plan(instance, schedule.starts) == []
    assert any("running" in fault for fault in check_plan(instance, {**schedule.starts, "running": -3}))


def test_running_jobs_may_use_more_than_there_is_but_nobody_joins_them() -> None:
    jobs = [PlanJob(name, 4, {"cpu": 2}, start=0) for name in "ab"] + [PlanJob("c", 1, {"cpu": 1})]
    instance = build_instance({"cpu": 3}, jobs)
    assert plan(instance).starts["c"] == 4
    assert check_plan(instance, {"a": 0, "b": 0, "c": 4}) == []
    assert check_plan(instance, {"a": 0, "b": 0, "c": 3})


def test_capacity_changes_by_steps() -> None:
    jobs = [PlanJob(name, 5, {"cpu": 1}) for name in "abc"]
    instance = build_instance({"cpu": 1}, jobs, steps={"cpu": ((4, 0), (10, 2))})
    schedule = plan(instance)
    assert sorted(schedule.starts.values()) == [10, 10, 15]
    assert plan_bounds(instance).work_area == {"cpu": 16}
    assert check_plan(instance, schedule.starts) == []
    assert check_plan(instance, {"a": 0, "b": 10, "c": 10})


def test_a_job_that_fits_at_no_time_is_named() -> None:
    instance = build_instance({"cpu": 2}, [PlanJob("big", 5, {"cpu": 2})], steps={"cpu": ((4, 1),)})
    schedule = plan(instance)
    assert schedule.without_room == ("big",)
    assert not schedule.is_feasible
    assert check_plan(instance, schedule.starts)


def test_less_capacity_than_a_job_needs_is_no_crash_after_the_demand_was_accepted() -> None:
    accepted = build_instance({"cpu": 3}, [PlanJob("big", 5, {"cpu": 3}), PlanJob("small", 5, {"cpu": 1})])
    assert plan(accepted.capped({"cpu": 2})).without_room == ("big",)


def test_nothing_spans_a_blackout_and_others_are_free_in_a_group_s_own() -> None:
    jobs = [PlanJob("a", 5, {"cpu": 1}, group="a"), PlanJob("b", 5, {"cpu": 1}, group="b"), PlanJob("z", 5, group="a")]
    blackouts = [Blackout(3, 6, "a"), Blackout(12, 14)]
    instance = build_instance({"cpu": 1}, jobs, blackouts=blackouts)
    schedule = plan(instance)
    assert schedule.starts == {"a": 6, "b": 0, "z": 6}
    assert plan_bounds(instance).critical_path == 11
    faults = check_plan(instance, {"a": 0, "b": 9, "z": 2})
    assert [fault.split(":")[0] for fault in faults] == ["a", "z", "b"]


def test_so_many_jobs_of_one_municipality_run_at_once() -> None:
    jobs = [PlanJob(f"{group}{number}", 2, {"cpu": 1}, group=group) for group in "ab" for number in range(3)]
    instance = build_instance({"cpu": 6}, jobs, group_limit=2)
    schedule = plan(instance)
    assert schedule.makespan == 4
    assert peak_use(instance, schedule.starts) == {"cpu": 4}
    assert len(check_plan(instance, dict.fromkeys(schedule.starts, 0))) == 2


_GOOD = build_instance({"cpu": 2}, [PlanJob("a", 1, {"cpu": 1}, start=0), PlanJob("b", 1, after=("a",))])


@pytest.mark.parametrize(
    ("spoil", "rules"),
    [
        (
            lambda i: replace(i, steps={"cpu": ((5, 1), (5, 2)), "gpu": ((1, -1),)}),
            ["step_order", "unknown_resource", "capacity"],
        ),
        (lambda i: replace(i, blackouts=(Blackout(4, 4),), group_limit=0), ["blackout", "group_limit"]),
        (lambda i: replace(i, jobs=(replace(i.jobs[0], after=("b",)), i.jobs[1])), ["cycle"]),
    ],
)
def test_wrong_restrictions_are_all_named(spoil: Callable[[Instance], Instance], rules: list[str]) -> None:
    wrong = spoil(_GOOD)
    with pytest.raises(PlanInputError) as refusal:
        build_instance(
            wrong.capacity, wrong.jobs, steps=wrong.steps, blackouts=wrong.blackouts, group_limit=wrong.group_limit
        )
    assert [error.rule for error in refusal.value.fields] == rules
