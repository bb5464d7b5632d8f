"""「8:30に間に合わない」 as soon as it is visible, not when it happens."""

from batch.estimates import Estimate
from batch.forecast import NightJobState, forecast_night, remaining_ms

HOUR = 3_600_000


def state(key: str, minutes: int, *after: str, status: str = "waiting", **options: object) -> NightJobState:
    ms = minutes * 60_000
    values = {"planned_start": 0, "uses": {"cpu": 1}, "estimate": Estimate(ms, ms // 2, ms * 2), **options}
    return NightJobState(key=key, status=status, after=after, **values)


def minutes_of(value: int | None) -> int | None:
    return None if value is None else round(value / 60_000)


def test_the_rest_of_a_chain_follows_what_runs() -> None:
    jobs = [state("a", 60, status="done"), state("b", 60, "a", status="running", started=HOUR), state("c", 30, "b")]
    forecast = forecast_night(jobs, {"cpu": 2}, now=HOUR + HOUR // 2)
    assert {key: minutes_of(job.end) for key, job in forecast.jobs.items()} == {"b": 120, "c": 150}
    assert minutes_of(forecast.high_end) == 60 + 120 + 60


def test_slow_progress_shows_long_before_the_deadline() -> None:
    """Planned for an hour; after half an hour a tenth is done."""
    late = state("b", 60, status="running", done=10, total=100, deadline=2 * HOUR)
    after_it = state("c", 30, "b", deadline=3 * HOUR)
    forecast = forecast_night([late, after_it], {"cpu": 2}, now=HOUR // 2)
    assert forecast.missed == ()
    assert forecast.endangered == ("b", "c")
    worse = state("b", 60, status="running", done=30, total=100, deadline=2 * HOUR)
    assert forecast_night([worse, after_it], {"cpu": 2}, now=HOUR).missed == ("b",)


def test_progress_at_the_expected_pace_confirms_the_estimate() -> None:
    job = state("a", 60, status="running", done=1, total=2)
    assert remaining_ms(job, HOUR // 2) == HOUR // 2


def test_a_job_past_its_estimate_is_never_said_to_end_now() -> None:
    job = state("a", 60, status="running")
    assert remaining_ms(job, 3 * HOUR) == HOUR // 10


def test_jobs_wait_for_capacity_in_the_forecast_too() -> None:
    jobs = [state(f"j{number}", 60, planned_start=number) for number in range(4)]
    forecast = forecast_night(jobs, {"cpu": 1}, now=0)
    assert sorted(minutes_of(job.end) for job in forecast.jobs.values()) == [60, 120, 180, 240]


def test_what_waits_for_a_stopped_job_is_stuck_and_the_rest_goes_on() -> None:
    jobs = [state("held", 10, status="stopped"), state("b", 10, "held"), state("c", 10, "b"), state("free", 10)]
    forecast = forecast_night(jobs, {"cpu": 2}, now=0)
    assert set(forecast.stuck) == {"held", "b", "c"}
    assert forecast.jobs["c"].end is None
    assert minutes_of(forecast.end) == 10


def test_a_night_without_open_jobs_ends_now() -> None:
    forecast = forecast_night([state("a", 10, status="done")], {"cpu": 2}, now=HOUR)
    assert (forecast.end, forecast.missed) == (HOUR, ())


def test_hundreds_of_jobs_of_many_municipalities_end_within_the_bounds() -> None:
    jobs = [
        state(
            f"{code}/{step}", 1 + (code * 7 + step * 3) % 5, *([f"{code}/{step - 1}"] if step else []), group=str(code)
        )
        for code in range(60)
        for step in range(10)
    ]
    forecast = forecast_night(jobs, {"cpu": 8}, now=0)
    work = sum(job.estimate.ms for job in jobs) // 8
    assert work <= forecast.end <= work * 11 // 10
    assert forecast.high_end >= forecast.end * 2 - 1
