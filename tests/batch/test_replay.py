"""A night played through as the queue would run it: order, back-filling, patience, limits, blackouts, running jobs."""

from hypothesis import given, settings
from hypothesis import strategies as st

from batch.planner import Blackout, PlanJob, build_instance, check_plan, plan
from batch.replay import replay_night


def job(name: str, duration: int, *after: str, cpu: int = 1, **options: object) -> PlanJob:
    return PlanJob(name, duration, {"cpu": cpu}, after, **options)


def starts(
    jobs: list[PlanJob], *, cpu: int = 2, planned: dict[str, int] | None = None, **options: object
) -> dict[str, int]:
    real = options.pop("real", None) or [entry.duration for entry in jobs]
    patience = options.pop("patience", 10**9)
    now = options.pop("now", 0)
    instance = build_instance({"cpu": cpu}, jobs, **options)
    played = replay_night(instance, planned or {}, real, patience=patience, now=now)
    return dict(zip((entry.id for entry in jobs), played.starts, strict=True))


def test_jobs_start_in_plan_order_when_their_predecessors_are_done() -> None:
    jobs = [job("late", 5), job("first", 5), job("next", 5, "first"), job("other", 5)]
    planned = {"first": 0, "other": 1, "next": 5, "late": 6}
    assert starts(jobs, planned=planned) == {"first": 0, "other": 0, "next": 5, "late": 5}


def test_what_fits_overtakes_what_does_not_until_that_is_late() -> None:
    jobs = [job("running", 10), job("wide", 5, cpu=2), *(job(f"small{n}", 8) for n in range(4))]
    planned = {"running": 0, "wide": 1, "small0": 2, "small1": 3, "small2": 4, "small3": 5}
    assert starts(jobs, planned=planned)["wide"] == 24
    assert starts(jobs, planned=planned, patience=5)["wide"] == 10


def test_real_durations_differ_from_the_planned_ones() -> None:
    jobs = [job("a", 10), job("b", 10, "a")]
    assert starts(jobs, real=[25, 1]) == {"a": 0, "b": 25}


def test_nobody_runs_more_jobs_at_once_than_the_limit() -> None:
    jobs = [job("a", 5, group="x"), job("b", 5, group="x"), job("c", 5, group="y")]
    assert starts(jobs, cpu=3, group_limit=1) == {"a": 0, "b": 5, "c": 0}


def test_nothing_is_begun_that_would_run_into_a_blackout() -> None:
    jobs = [job("short", 3), job("long", 8), job("theirs", 8, group="x")]
    assert starts(jobs, cpu=9, blackouts=[Blackout(5, 7)]) == {"short": 0, "long": 7, "theirs": 7}
    assert starts(jobs, cpu=9, blackouts=[Blackout(5, 7, "x")]) == {"short": 0, "long": 0, "theirs": 7}


def test_more_capacity_from_a_moment_on_is_used_then() -> None:
    jobs = [job(name, 4) for name in "abcd"]
    assert sorted(starts(jobs, cpu=1, steps={"cpu": ((2, 3),)}).values()) == [0, 2, 2, 4]


def test_a_job_waits_that_would_still_run_when_there_is_less() -> None:
    jobs = [job("a", 3), job("b", 6)]
    assert starts(jobs, cpu=2, steps={"cpu": ((4, 1),)}) == {"a": 0, "b": 3}


def test_a_running_job_keeps_its_start_and_its_room() -> None:
    jobs = [job("running", 30, cpu=2, start=-10), job("next", 5)]
    assert starts(jobs, now=5) == {"running": -10, "next": 20}


@st.composite
def demands(draw: st.DrawFn) -> list[PlanJob]:
    count = draw(st.integers(1, 12))
    return [
        job(
            f"j{at}",
            draw(st.integers(1, 20)),
            *{f"j{draw(st.integers(0, at - 1))}" for _ in range(draw(st.integers(0, 2))) if at},
            cpu=draw(st.integers(1, 3)),
            release=draw(st.integers(0, 15)),
            group=draw(st.sampled_from("xy")),
        )
        for at in range(count)
    ]


@settings(max_examples=150, deadline=None)
@given(jobs=demands(), limit=st.none() | st.integers(1, 2), patience=st.sampled_from([0, 5, 1000]))
def test_a_replay_with_the_planned_durations_is_a_plan_that_holds(
    jobs: list[PlanJob], limit: int | None, patience: int
) -> None:
    blackouts = [Blackout(10, 14)]
    instance = build_instance({"cpu": 3}, jobs, steps={"cpu": ((40, 4),)}, group_limit=limit, blackouts=blackouts)
    planned = plan(instance).starts
    played = replay_night(instance, planned, [entry.duration for entry in jobs], patience=patience)
    found = {entry.id: start for entry, start in zip(jobs, played.starts, strict=True) if start is not None}
    assert check_plan(instance, found) == []
