"""A plan keeps every rule, is never below its bounds, and says how far it is from them."""

import random
import time
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.planner import (
    Instance,
    PlanJob,
    build_instance,
    check_deadlines,
    check_plan,
    least_capacity,
    peak_use,
    plan,
    plan_bounds,
    plan_levelled,
    plan_unstaggered,
)
from batch.planner.schedule import list_order, run_list
from tests.batch.planner.instances import demands


@given(demands())
def test_every_plan_passes_the_independent_checker(instance: Instance) -> None:
    assert check_plan(instance, plan(instance).starts) == []


@given(demands())
def test_no_plan_is_below_its_bounds_or_above_its_capacity(instance: Instance) -> None:
    schedule = plan(instance)
    assert schedule.makespan >= plan_bounds(instance).best
    peak = peak_use(instance, schedule.starts)
    assert all(peak[name] <= limit for name, limit in instance.capacity.items())


@given(demands(), st.integers(0, 9))
def test_the_list_has_each_job_after_its_predecessors(instance: Instance, rotation: int) -> None:
    place = {at: position for position, at in enumerate(list_order(instance, rotation=rotation))}
    for at, earlier in enumerate(instance.predecessors):
        assert all(place[other] < place[at] for other in earlier)


@given(demands(), st.randoms(use_true_random=False))
def test_the_checker_sees_a_plan_that_was_tampered_with(instance: Instance, chance: random.Random) -> None:
    """Whatever job is pulled one unit forward in a left-shifted plan breaks a rule, for serial generation leaves no room."""
    starts = dict(plan(instance).starts)
    workers = [job for job in instance.jobs if job.duration and starts[job.id] > 0 and any(job.uses.values())]
    if workers:
        job = chance.choice(workers)
        starts[job.id] -= 1
        assert check_plan(instance, starts)


@given(demands(with_releases=False))
def test_the_levelled_plan_ends_in_time_on_no_more_capacity(instance: Instance) -> None:
    horizon = plan(instance).makespan * 2
    capacity, schedule = plan_levelled(instance, horizon)
    floor = least_capacity(instance, horizon)
    assert schedule.makespan <= horizon
    assert check_plan(instance.capped(capacity), schedule.starts) == []
    assert all(floor[name] <= capacity[name] <= limit for name, limit in instance.capacity.items())


@given(demands())
def test_without_staggering_nobody_waits_and_the_peak_may_pass_the_capacity(instance: Instance) -> None:
    at_once = plan_unstaggered(instance)
    assert at_once.makespan == plan_bounds(instance).critical_path
    endless = instance.enlarged(dict.fromkeys(instance.capacity, 10_000))
    assert check_plan(endless, at_once.starts) == []


def test_longest_tail_goes_first() -> None:
    jobs = [
        PlanJob("short", 3, {"cpu": 1}),
        PlanJob("head", 1, {"cpu": 1}),
        PlanJob("tail", 9, {"cpu": 1}, after=("head",)),
    ]
    assert plan(build_instance({"cpu": 1}, jobs)).starts == {"head": 0, "tail": 1, "short": 10}


def test_a_higher_priority_passes_to_the_predecessors() -> None:
    jobs = [
        PlanJob("long", 9, {"cpu": 1}, priority=3),
        PlanJob("first", 1, {"cpu": 1}, priority=5),
        PlanJob("urgent", 1, {"cpu": 1}, after=("first",), priority=1),
    ]
    assert plan(build_instance({"cpu": 1}, jobs)).starts == {"first": 0, "urgent": 1, "long": 2}


def test_a_deadline_outweighs_a_priority() -> None:
    jobs = [PlanJob("important", 5, {"cpu": 1}, priority=1), PlanJob("due", 2, {"cpu": 1}, deadline=2, priority=5)]
    schedule = plan(build_instance({"cpu": 1}, jobs))
    assert schedule.is_feasible
    assert schedule.starts == {"due": 0, "important": 2}


def test_a_demand_that_does_not_fit_is_planned_with_its_reasons() -> None:
    instance = build_instance({"cpu": 1}, [PlanJob(name, 4, {"cpu": 1}, deadline=6) for name in "ab"])
    schedule = plan(instance)
    assert len(schedule.late) == 1
    assert check_plan(instance, schedule.starts) == []
    assert schedule.late[0] in check_deadlines(instance, schedule.starts)[0]


def test_equals_take_turns_between_municipalities_and_nights() -> None:
    groups = ("a", "b", "c")
    jobs = [PlanJob(f"{group}{number}", 2, {"cpu": 1}, group=group) for group in groups for number in range(4)]
    instance = build_instance({"cpu": 1}, jobs)

    def order(rotation: int) -> Sequence[str]:
        starts = plan(instance, rotation=rotation).starts
        return [name[0] for name in sorted(starts, key=starts.__getitem__)]

    assert order(0) == list("abcabcabcabc")
    assert {order(night)[0] for night in range(3)} == set(groups)


def test_many_municipalities_come_within_one_percent_of_the_work_area() -> None:
    instance = _municipal_night(60)
    schedule = plan(instance)
    bounds = plan_bounds(instance)
    assert bounds.best == max(bounds.work_area.values())
    assert (schedule.makespan - bounds.best) * 100 <= bounds.best


@pytest.mark.parametrize("tenants", [300])
def test_4200_jobs_are_planned_in_seconds(tenants: int) -> None:
    instance = _municipal_night(tenants)
    start = time.monotonic()
    schedule = plan(instance)
    assert time.monotonic() - start < 10
    assert check_plan(instance, schedule.starts) == []


@settings(max_examples=30)
@given(demands(with_releases=False))
def test_planning_twice_gives_the_same_plan(instance: Instance) -> None:
    order = list_order(instance)
    assert run_list(instance, order) == run_list(instance, list(order))


def _municipal_night(tenants: int) -> Instance:
    """A 14-job net for each municipality, sizes far apart, on hardware that needs several hundred minutes for it."""
    jobs = []
    for tenant in range(tenants):
        size = 1 + (tenant * 37 % 29) ** 2 // 30
        for number in range(14):
            mixed = tenant * 14 + number * 31
            after = (f"{tenant}.{number // 2}",) if number > 1 else ()
            uses = {"cpu": 1 + mixed % 2, "connections": 1 + mixed % 4}
            jobs.append(PlanJob(f"{tenant}.{number}", 1 + mixed % 5 * size // 5, uses, after, group=str(tenant)))
    area = sum(job.duration * job.uses["cpu"] for job in jobs)
    cpu = max(2, area // 400)
    return build_instance({"cpu": cpu, "connections": cpu * 2}, jobs)
