"""No bound is above what CP-SAT proves, and each is tight where it should be."""

from hypothesis import given, settings
from hypothesis import strategies as st

from batch.planner import Instance, PlanJob, build_instance, least_capacity, plan, plan_bounds
from batch.planner.proof import prove
from batch.planner.rounding import roundings
from loadtests.instances import municipal_night
from tests.batch.planner.instances import demands, restricted_demands


@settings(max_examples=40, deadline=None)
@given(st.one_of(demands(most=9), restricted_demands(most=8)))
def test_no_bound_is_above_a_proven_optimum(instance: Instance) -> None:
    proof = prove(instance, seconds=5, workers=1)
    if proof.is_optimal and proof.value is not None and proof.schedule and not proof.schedule.without_room:
        bounds = plan_bounds(instance)
        every = [bounds.critical_path, bounds.exclusive, bounds.patterns, *bounds.work_area.values()]
        assert max([*every, *bounds.head_tail.values()]) <= proof.value


@given(st.integers(1, 30), st.data())
def test_rounded_needs_fit_wherever_the_needs_do(limit: int, data: st.DataObject) -> None:
    together: list[int] = []
    while sum(together) < limit and len(together) < 12:
        together.append(data.draw(st.integers(1, limit - sum(together))))
    others = data.draw(st.lists(st.integers(1, limit), max_size=5))
    for whole, needs in roundings(limit, [*together, *others]):
        assert sum(needs[: len(together)]) <= whole


def test_two_of_two_units_take_turns_on_three() -> None:
    jobs = [PlanJob(f"j{number}", 4, {"cpu": 2}) for number in range(5)]
    bounds = plan_bounds(build_instance({"cpu": 3}, jobs))
    assert (bounds.work_area["cpu"], bounds.head_tail["cpu"], bounds.exclusive, bounds.patterns) == (14, 20, 20, 20)


def test_jobs_kept_apart_by_different_resources_take_turns() -> None:
    pairs = {"a": {"x": 1, "y": 1}, "b": {"y": 1, "z": 1}, "c": {"z": 1, "x": 1}}
    instance = build_instance({"x": 1, "y": 1, "z": 1}, [PlanJob(name, 5, uses) for name, uses in pairs.items()])
    bounds = plan_bounds(instance)
    assert max(bounds.work_area.values()) == 10
    assert bounds.exclusive == bounds.patterns == plan(instance).makespan == 15


def test_a_job_with_a_head_and_a_tail_counts_both() -> None:
    jobs = [
        PlanJob("head", 3),
        PlanJob("one", 4, {"cpu": 2}, after=("head",)),
        PlanJob("two", 5, {"cpu": 2}, after=("head",)),
        PlanJob("tail", 2, after=("one", "two")),
    ]
    assert plan_bounds(build_instance({"cpu": 3}, jobs)).exclusive == 14


def test_what_cannot_be_combined_makes_a_narrow_night_as_long_as_it_is() -> None:
    """Capacity of two units each: any mixture of patterns takes 14% longer than the work area says, and a quick plan 3% more."""
    night = municipal_night(30, each=30)
    bounds = plan_bounds(night)
    assert bounds.patterns * 100 > max(bounds.work_area.values()) * 114
    assert (plan(night).makespan - bounds.best) * 100 <= bounds.best * 3


def test_what_must_run_at_the_same_moment_is_the_least_capacity() -> None:
    jobs = [PlanJob(name, 6, {"cpu": 1}) for name in "abc"] + [PlanJob("d", 2, {"cpu": 1}, after=("a",))]
    instance = build_instance({"cpu": 9}, jobs)
    assert least_capacity(instance, 8) == {"cpu": 3}
    assert least_capacity(instance, 14) == {"cpu": 2}


def test_a_capacity_that_rounded_needs_do_not_fit_is_no_answer() -> None:
    """Four jobs of two units in the time of two: on three units only one runs at a time."""
    instance = build_instance({"cpu": 9}, [PlanJob(name, 5, {"cpu": 2}) for name in "abcd"])
    assert least_capacity(instance, 10) == {"cpu": 4}
