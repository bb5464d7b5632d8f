"""A demand that does not fit is answered: why, and the smallest changes with which it would, each of them planned."""

from dataclasses import replace

from hypothesis import given, settings

from batch.planner import Blackout, Instance, PlanJob, build_instance, check_plan, explain, plan, relax
from tests.batch.planner.instances import restricted_demands


def _changes(instance: Instance) -> dict[str, object]:
    return {found.kind: found for found in relax(instance, plan(instance))}


def test_a_demand_that_fits_needs_nothing() -> None:
    instance = build_instance({"cpu": 1}, [PlanJob("a", 4, {"cpu": 1}, deadline=4)])
    assert relax(instance, plan(instance)) == []
    assert explain(instance, plan(instance)) == []


def test_the_smallest_changes_are_found() -> None:
    jobs = [PlanJob(name, 4, {"cpu": 1, "io": 1}, deadline=9) for name in "abcd"]
    instance = build_instance({"cpu": 1, "io": 4}, [*jobs, PlanJob("z", 1, {"cpu": 1}, after=("a",), deadline=9)])
    end, more, moved = relax(instance, plan(instance))
    assert (end.kind, end.extra, end.end) == ("later_end", 8, 17)
    assert (more.kind, dict(more.more)) == ("more_capacity", {"cpu": 1})
    assert (moved.kind, len(moved.jobs)) == ("move_jobs", 2)
    assert "cpu" in explain(instance, plan(instance))[0]


def test_one_resource_that_is_not_enough_is_not_offered_alone() -> None:
    jobs = [PlanJob(name, 4, {"cpu": 1, "io": 1}, deadline=4) for name in "ab"]
    instance = build_instance({"cpu": 1, "io": 1}, jobs)
    offers = [found.more for found in relax(instance, plan(instance)) if found.kind == "more_capacity"]
    assert [dict(offer) for offer in offers] == [{"cpu": 1, "io": 1}]


def test_a_critical_path_that_is_too_long_is_no_question_of_capacity() -> None:
    jobs = [PlanJob("a", 5, {"cpu": 1}, deadline=8), PlanJob("b", 5, {"cpu": 1}, after=("a",), deadline=8)]
    instance = build_instance({"cpu": 2}, jobs)
    assert "クリティカルパス" in explain(instance, plan(instance))[0]
    assert sorted(_changes(instance)) == ["later_end", "move_jobs"]


def test_a_blackout_that_is_in_the_way_is_named() -> None:
    instance = build_instance({"cpu": 2}, [PlanJob("a", 5, {"cpu": 1}, deadline=8)], blackouts=[Blackout(2, 6)])
    (reason,) = explain(instance, plan(instance))
    assert reason.startswith("a:")
    assert "停止時間帯" in reason


def test_a_job_without_room_is_named_and_capacity_offered() -> None:
    instance = build_instance({"cpu": 2}, [PlanJob("big", 5, {"cpu": 2})], steps={"cpu": ((4, 1),)})
    schedule = plan(instance)
    assert explain(instance, schedule) == ["big: 容量が足りる時間帯がありません。"]
    assert [found.kind for found in relax(instance, schedule)] == ["more_capacity", "move_jobs"]


@settings(max_examples=40, deadline=None)
@given(restricted_demands(most=10))
def test_every_change_offered_has_a_plan_that_holds(instance: Instance) -> None:
    schedule = plan(instance)
    for found in relax(instance, schedule):
        changed = instance
        if found.kind == "later_end":
            jobs = tuple(
                job if job.deadline is None else replace(job, deadline=job.deadline + found.extra)
                for job in instance.jobs
            )
            changed = replace(instance, jobs=jobs)
        elif found.kind == "more_capacity":
            changed = instance.enlarged(found.more)
        else:
            kept = tuple(
                replace(job, after=tuple(name for name in job.after if name not in found.jobs))
                for job in instance.jobs
                if job.id not in found.jobs
            )
            changed = replace(instance, jobs=kept)
        starts = found.schedule.starts
        assert check_plan(changed, starts) == []
        assert all(job.deadline is None or starts[job.id] + job.duration <= job.deadline for job in changed.jobs)
