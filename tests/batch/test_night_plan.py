"""Which jobs run tonight for whom, how long they will take, and when."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from batch.catalogue import Catalogue
from batch.estimates import History, PastRun
from batch.municipalities import nets_of_day
from batch.night import NightPlan, NightRequest, plan_night
from batch.planner import PlanInputError, check_plan
from tests.batch import toy
from yoriai.clock import JAPAN
from yoriai.jobs import Job, JobNet
from yoriai.tenancy.config import TenantConfig

NOW = datetime(2026, 6, 10, 21, 0, tzinfo=JAPAN)
REQUEST = NightRequest(toy.ANNUAL_DAY, {"cpu": 2, "io": 4, "connections": 16}, ("20:00", "32:30"), NOW)
SIZES = {"342157": {"numbers": 1000}, "343684": {"numbers": 5000}}


def _config(code: str, **document: Any) -> TenantConfig:
    return TenantConfig({"code": code, "name": f"{code}町", **document})


def _plan(request: NightRequest = REQUEST, history: History | None = None, **document: Any) -> NightPlan:
    configs = [_config("342157", **document), _config("343684")]
    return plan_night(toy.CATALOGUE, configs, SIZES, history or History(), request)


def _starts(plan: NightPlan, code: str = "342157") -> dict[str, int]:
    return {job.job.name: plan.schedule.starts[job.key] for job in plan.jobs if job.config.code == code}


def test_every_municipality_is_planned_on_one_capacity() -> None:
    plan = _plan()
    assert len(plan.jobs) == 12
    assert check_plan(plan.instance, plan.schedule.starts) == []
    assert plan.peak["cpu"] == 2
    assert plan.unstaggered_peak["cpu"] > 2
    assert plan.reasons == []


def test_a_net_runs_on_its_day_or_when_it_is_asked_for() -> None:
    other_day = replace(REQUEST, business_date=date(2026, 6, 9))
    assert "toy.refuse" not in _starts(_plan(other_day))
    assert "toy.refuse" in _starts(_plan(replace(other_day, extra_nets=frozenset({"toy.annual"}))))


def test_a_municipality_moves_and_switches_off_its_nets() -> None:
    config = _config("342157", batch={"nets": {"toy.annual": {"day": "06-12"}, "toy.close": {"enabled": False}}})
    assert [net.name for net in nets_of_day(toy.CATALOGUE, config, date(2026, 6, 10))] == ["toy.daily"]
    assert [net.name for net in nets_of_day(toy.CATALOGUE, config, date(2026, 6, 12))] == ["toy.daily", "toy.annual"]


def test_its_closing_days_count() -> None:
    closed = _config("342157", calendar={"closing_days": ["2026-06-10"]})
    assert "toy.annual" not in [net.name for net in nets_of_day(toy.CATALOGUE, closed, date(2026, 6, 10))]
    assert "toy.annual" in [net.name for net in nets_of_day(toy.CATALOGUE, closed, date(2026, 6, 11))]


def test_a_predecessor_that_does_not_run_tonight_is_not_waited_for() -> None:
    plan = _plan(batch={"nets": {"toy.daily": {"enabled": False}}})
    assert _starts(plan)["toy.total"] < _starts(plan, "343684")["toy.total"]
    total = next(job for job in plan.jobs if job.job.name == "toy.total" and job.config.code == "342157")
    assert total.after == ()


def test_a_scheduled_night_keeps_the_times_of_the_clock() -> None:
    scheduled = replace(REQUEST, is_immediate=False)
    plan = _plan(scheduled, batch={"nets": {"toy.close": {"release": "25:00"}}})
    assert _starts(plan)["toy.total"] == timedelta(hours=5) // timedelta(milliseconds=1)
    assert plan.clock_of(_starts(plan)["toy.total"]) == "25:00"
    row = next(row for row in plan.job_rows() if row.job_name == "toy.total" and row.municipality_code == "342157")
    assert row.not_before == datetime(2026, 6, 11, 1, 0, tzinfo=JAPAN)
    assert row.deadline_at == datetime(2026, 6, 11, 8, 30, tzinfo=JAPAN)


def test_an_immediate_night_begins_now_whatever_the_clock_says() -> None:
    rows = _plan(batch={"nets": {"toy.close": {"release": "25:00"}}}).job_rows()
    assert {row.not_before for row in rows} == {NOW}


def test_a_held_net_is_enqueued_on_hold() -> None:
    rows = _plan(batch={"nets": {"toy.close": {"hold": True}}}).job_rows()
    assert [row.job_name for row in rows if row.is_held] == ["toy.total"]


def test_a_window_that_is_too_short_is_said_before_anything_runs() -> None:
    plan = _plan(replace(REQUEST, window=("20:00", "20:00")))
    assert not plan.summary()["is_feasible"]
    assert any("342157/toy.a" in reason for reason in plan.reasons)


def test_a_job_larger_than_the_capacity_is_refused_with_its_net() -> None:
    with pytest.raises(PlanInputError) as refusal:
        _plan(replace(REQUEST, capacity={"cpu": 1, "io": 4, "connections": 16}))
    assert {error.field for error in refusal.value.fields} == {"toy.daily/342157/toy.c", "toy.daily/343684/toy.c"}
    assert {error.file for error in refusal.value.fields} == {"tests/batch/toy.py"}


def test_a_first_run_is_estimated_by_the_declared_rate_and_size() -> None:
    job = toy.CATALOGUE.get_job("toy.a")
    assert History().estimate_ms("342157", job, 1000) == 1300
    assert History().estimate_ms("342157", job, 5000) == 5300


def test_later_runs_are_estimated_by_the_median_of_the_past_ones() -> None:
    job = toy.CATALOGUE.get_job("toy.a")
    history = History({("342157", "toy.a"): [PastRun(1000, 2000), PastRun(1000, 9000), PastRun(500, 1100)]})
    assert history.estimate_ms("342157", job, 1000) == 2200
    assert history.estimate_ms("343684", job, 1000) == 1300


def test_wrong_declarations_are_named_with_net_job_and_module() -> None:
    good = toy.CATALOGUE.get_job("toy.a")
    wrong: tuple[Job, ...] = (
        replace(good, name="x", after=("nowhere",)),
        replace(good, name="y", size_driver="dogs"),
        replace(good, name="z", release="9:00"),
        replace(good, name="z"),
    )
    with pytest.raises(PlanInputError) as refusal:
        Catalogue((JobNet("net", "網", wrong),), {"numbers": "SELECT 1"}).check()
    assert [(error.field, error.rule) for error in refusal.value.fields] == [
        ("net/x", "unknown_predecessor"),
        ("net/y", "unknown_size_driver"),
        ("net/z", "clock"),
        ("net/z", "duplicate"),
    ]
