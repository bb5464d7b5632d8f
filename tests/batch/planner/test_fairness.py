"""Among equals nobody is always last, and how even a plan is can be read from it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from batch.planner import Instance, PlanJob, build_instance, check_plan, measure_fairness, plan
from batch.planner.fairness import take_turns
from tests.batch.planner.instances import restricted_demands


def _night(groups: str) -> Instance:
    jobs = []
    for group in groups:
        jobs.append(PlanJob(f"{group}1", 4, {"cpu": 1}, group=group))
        jobs.append(PlanJob(f"{group}2", 2, {"cpu": 2}, after=(f"{group}1",), group=group))
    return build_instance({"cpu": 2}, jobs)


def test_rotation_turns_who_is_last_from_night_to_night() -> None:
    instance = _night("abcd")
    nights = [plan(instance, rotation=night) for night in range(4)]
    assert len({night.makespan for night in nights}) == 1
    last = {group for night in nights for group in measure_fairness(instance, night).last}
    assert last == set("abcd")


def test_the_search_takes_turns_too() -> None:
    instance = _night("abc")
    nights = [plan(instance, seconds=0.3, rotation=night) for night in range(3)]
    assert {measure_fairness(instance, night).last for night in nights} >= {("a",), ("b",), ("c",)}


def test_the_figures_are_thousandths_of_the_makespan() -> None:
    instance = build_instance(
        {"cpu": 1}, [PlanJob("x", 3, {"cpu": 1}, group="a"), PlanJob("y", 1, {"cpu": 1}, group="b")]
    )
    figures = measure_fairness(instance, plan(instance))
    assert figures.completion == {"a": 750, "b": 1000}
    assert (figures.last, figures.spread) == (("b",), 250)


@settings(deadline=None)
@given(restricted_demands(), st.integers(1, 5))
def test_taking_turns_keeps_every_rule(instance: Instance, rotation: int) -> None:
    schedule = plan(instance)
    turned = take_turns(instance, schedule, rotation)
    assert (turned.lateness, turned.makespan) == (schedule.lateness, schedule.makespan)
    assert bool(check_plan(instance, turned.starts)) == bool(check_plan(instance, schedule.starts))
