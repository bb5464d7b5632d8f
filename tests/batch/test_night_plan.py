"""Which jobs run tonight for whom, how long they will take, and when."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest

from batch.catalogue import Catalogue
from batch.estimates import History
from batch.municipalities import nets_of_day, schedule_of
from batch.night import NightPlan, NightRequest, plan_night
from batch.planner import PlanInputError, check_plan
from batch.request import CapacityStep, ClosedSpan, WhatIf
from batch.what_if import parse_what_if
from tests.batch import toy
from yoriai.clock import JAPAN
from yoriai.errors import Invalid
from yoriai.jobs import Job, JobNet, Needs
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


def test_a_calendar_without_the_year_is_named_with_net_job_and_file_before_anything_is_planned() -> None:
    with pytest.raises(PlanInputError) as refusal:
        _plan(calendar={"fiscal_years": [2025]})
    (first, *_) = refusal.value.fields
    assert (first.field, first.rule, first.file) == ("toy.daily/342157", "calendar_year", "342157.yaml")
    assert "toy.a、toy.b、toy.c" in first.message
    assert {error.field for error in refusal.value.fields} == {f"{net.name}/342157" for net in toy.CATALOGUE.nets}


def test_a_municipality_s_own_rule_and_dates_replace_the_declared_ones() -> None:
    first_of_month = {"calendar": {"kind": "nth_business_day", "nth": 1}, "add_dates": ["2026-06-10"]}
    config = _config("342157", batch={"nets": {"toy.annual": {**first_of_month, "skip_dates": ["2026-07-01"]}}})
    net = toy.CATALOGUE.net_of["toy.refuse"]
    days = schedule_of(net, config, date(2026, 6, 1), date(2026, 8, 31))
    assert [entry.day for entry in days] == [date(2026, 6, 1), date(2026, 6, 10), date(2026, 8, 3)]


def test_a_job_s_own_entry_goes_over_its_net_s() -> None:
    nets = {"toy.daily": {"hold": True, "priority": 2, "jobs": {"toy.b": {"hold": False, "priority": 1}}}}
    rows = {row.job_name: row for row in _plan(batch={"nets": nets}).job_rows() if row.municipality_code == "342157"}
    assert {name for name, row in rows.items() if row.is_held} == {"toy.a", "toy.c"}
    assert (rows["toy.a"].priority, rows["toy.b"].priority) == (2, 1)


def test_a_net_waits_for_what_comes_from_outside() -> None:
    event = {"name": "juki.delta", "label": "住基ネットの配信", "expected": "21:30"}
    plan = _plan(replace(REQUEST, is_immediate=False), batch={"nets": {"toy.daily": {"waits_for": [event]}}})
    waiting = {job["job"]: job["waits_for"] for job in plan.to_json()["plan"] if job["municipality"] == "342157"}
    assert waiting["toy.a"] == waiting["toy.b"] == ["juki.delta"]
    assert waiting["toy.c"] == [], "comes after a job that waits"
    assert _starts(plan)["toy.a"] == 90 * 60 * 1000
    assert _starts(plan, "343684")["toy.a"] == 0


def test_what_if_one_municipality_were_half_as_large_again() -> None:
    scaled = _plan(replace(REQUEST, what_if=WhatIf(scales={"342157": Fraction(3, 2)})))
    sizes = {(job.config.code, job.job.name): job.size for job in scaled.jobs}
    assert (sizes["342157", "toy.a"], sizes["343684", "toy.a"]) == (1500, 5000)


def test_what_if_a_net_were_moved() -> None:
    moved = replace(REQUEST, what_if=WhatIf(moves={"toy.annual": date(2026, 6, 15)}))
    assert "toy.refuse" not in _starts(_plan(moved))
    assert "toy.refuse" in _starts(_plan(replace(moved, business_date=date(2026, 6, 15))))


def test_a_deadline_that_the_municipality_s_file_makes_impossible_is_named_there() -> None:
    scheduled = replace(REQUEST, is_immediate=False)
    with pytest.raises(PlanInputError) as refusal:
        _plan(scheduled, batch={"nets": {"toy.close": {"release": "33:00", "deadline": "32:00"}}})
    (error,) = refusal.value.fields
    assert (error.field, error.file) == ("toy.close/342157/toy.total", "342157.yaml")


def test_wrong_declarations_are_named_with_net_job_and_module() -> None:
    good = toy.CATALOGUE.get_job("toy.a")
    wrong: tuple[Job, ...] = (
        replace(good, name="x", after=("nowhere",)),
        replace(good, name="y", size_driver="dogs"),
        replace(good, name="z", release="9:00"),
        replace(good, name="z"),
        replace(good, name="late", release="30:00", deadline="29:00"),
        replace(good, name="egg", after=("hen",)),
        replace(good, name="hen", after=("egg",)),
    )
    with pytest.raises(PlanInputError) as refusal:
        Catalogue((JobNet("net", "網", wrong),), {"numbers": "SELECT 1"}).check()
    assert [(error.field, error.rule) for error in refusal.value.fields] == [
        ("net/x", "unknown_predecessor"),
        ("net/y", "unknown_size_driver"),
        ("net/z", "clock"),
        ("net/late", "deadline_before_release"),
        ("net/z", "duplicate"),
        ("net/egg", "cycle"),
    ]


def test_a_scheduled_night_keeps_to_backups_closed_hours_and_fixed_starts() -> None:
    """From 21:00 nothing runs for half an hour; one municipality has its own closed hour; its close begins at 23:00 sharp."""
    request = replace(
        REQUEST,
        is_immediate=False,
        blackouts=(
            ClosedSpan("20:00", "20:30", label="バックアップ"),
            ClosedSpan("22:00", "23:00", frozenset({toy.DAY})),
        ),
    )
    own = {"nets": {"toy.daily": {"start": "23:00"}}, "blackouts": [{"start": "20:30", "end": "21:00"}]}
    plan = _plan(request, batch=own)
    minute = 60_000
    assert plan.reasons == []
    assert _starts(plan)["toy.a"] == _starts(plan)["toy.b"] == 180 * minute
    assert min(_starts(plan).values()) == 60 * minute
    assert min(_starts(plan, "343684").values()) == 30 * minute
    rows = {row.job_name: row for row in plan.job_rows() if row.municipality_code == "342157"}
    assert rows["toy.a"].not_before == datetime(2026, 6, 10, 23, 0, tzinfo=JAPAN)


def test_capacity_grows_in_the_course_of_the_night() -> None:
    steps = (CapacityStep("20:01", {"cpu": 6}),)
    larger = WhatIf(scales={"342157": Fraction(100), "343684": Fraction(100)})
    plan = _plan(replace(REQUEST, is_immediate=False, steps=steps, what_if=larger))
    assert plan.reasons == []
    assert plan.peak["cpu"] > 2
    assert min(plan.schedule.starts.values()) == 0


def test_a_limit_per_municipality_holds() -> None:
    plan = _plan(replace(REQUEST, capacity={"cpu": 9, "io": 9, "connections": 99}, jobs_per_municipality=1))
    spans = sorted((plan.schedule.starts[job.key], job.estimate_ms) for job in plan.jobs if job.config.code == "343684")
    assert all(start + length <= later for (start, length), (later, _) in pairwise(spans))


def test_a_plan_says_who_waits_how_long_and_what_decides_its_end() -> None:
    plan = _plan()
    document = plan.to_json()
    shares = {share["municipality"]: share for share in document["fairness"]["municipalities"]}
    for code in ("342157", "343684"):
        ends = [plan.schedule.starts[job.key] + job.estimate_ms for job in plan.jobs if job.config.code == code]
        assert shares[code]["end_ms"] == max(ends)
        assert shares[code]["delay_ms"] >= 0
    chain = document["critical_path"]
    assert chain[0]["cause"] == "release"
    assert chain[-1]["end_ms"] == plan.schedule.makespan
    assert all(earlier["end_ms"] == later["start_ms"] for earlier, later in pairwise(chain))
    assert max(moment["cpu"] for moment in document["curve"]) == plan.peak["cpu"]
    assert document["curve"][-1]["cpu"] == 0


def test_printing_is_a_resource_like_the_others() -> None:
    printing = replace(toy.CATALOGUE.get_job("toy.b"), needs=Needs(print=2))
    catalogue = Catalogue((JobNet("toy.print", "印刷", (printing,)),), toy.CATALOGUE.size_drivers)
    configs = [_config("342157")]
    with pytest.raises(PlanInputError) as refusal:
        plan_night(catalogue, configs, SIZES, History(), REQUEST)
    assert [error.field for error in refusal.value.fields] == ["toy.print/342157/toy.b"], "one printer unless stated"
    two_printers = replace(REQUEST, capacity={**REQUEST.capacity, "print": 2})
    plan = plan_night(catalogue, configs, SIZES, History(), two_printers)
    assert (plan.peak["print"], plan.job_rows()[0].print) == (2, 2)


def test_the_queue_gets_steps_blackouts_and_limits() -> None:
    request = replace(
        REQUEST,
        is_immediate=False,
        steps=(CapacityStep("22:00", {"cpu": 6}), CapacityStep("23:00", {"io": 8})),
        blackouts=(ClosedSpan("27:00", "27:30"),),
        jobs_per_municipality=2,
    )
    row = _plan(request).night_row()
    assert row.steps == [
        {"at": datetime(2026, 6, 10, 22, 0, tzinfo=JAPAN), "capacity": {"cpu": 6}},
        {"at": datetime(2026, 6, 10, 23, 0, tzinfo=JAPAN), "capacity": {"cpu": 6, "io": 8}},
    ]
    assert [blackout["start"] for blackout in row.blackouts] == [datetime(2026, 6, 11, 3, 0, tzinfo=JAPAN)]
    assert row.municipality_limit == 2


def test_what_does_not_fit_comes_with_clocks_and_with_the_smallest_changes_that_would_do() -> None:
    plan = _plan(replace(REQUEST, window=("20:00", "20:00")))
    assert any("終了予定 21:00" in reason and "打切" in reason for reason in plan.reasons)
    kinds = {change["kind"] for change in plan.to_json()["relaxations"]}
    assert "later_end" in kinds
    assert _plan().to_json()["relaxations"] == []


@pytest.mark.parametrize(
    ("scale", "move", "rules"),
    [
        (["342157"], [], ["factor"]),
        (["342157=0"], [], ["factor"]),
        (["342157=1/0"], [], ["factor"]),
        (["=2"], ["toy.annual=7/10"], ["factor", "date"]),
        ([], ["no.net=2026-07-10"], ["unknown_net"]),
    ],
)
def test_what_is_tried_out_is_refused_with_every_mistake(scale: list[str], move: list[str], rules: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_what_if(scale, move, toy.CATALOGUE)
    assert [error.rule for error in refusal.value.fields] == rules


@pytest.mark.parametrize("text", ["342157=3/2", "342157=1.5"])
def test_what_is_tried_out_is_read_exactly(text: str) -> None:
    tried = parse_what_if([text], ["toy.annual=2026-07-10"], toy.CATALOGUE)
    assert tried == WhatIf({"342157": Fraction(3, 2)}, {"toy.annual": date(2026, 7, 10)})
    assert tried.size_of("342157", 3) == 5, "rounded up"


def test_a_size_tried_out_for_nobody_is_refused() -> None:
    with pytest.raises(PlanInputError) as refusal:
        _plan(replace(REQUEST, what_if=WhatIf(scales={"999999": Fraction(2)})))
    assert [error.rule for error in refusal.value.fields] == ["unknown_municipality"]


def test_the_watch_counts_from_the_planned_start_or_keeps_to_the_clock_of_a_scheduled_night() -> None:
    watched = replace(
        toy.CATALOGUE.get_job("toy.a"), start_by="22:00", end_by="+45", max_minutes=10, job_class="print", label="印刷"
    )
    catalogue = Catalogue((JobNet("toy.watched", "監視", (watched,)),), toy.CATALOGUE.size_drivers)
    configs = [_config("342157")]
    for is_immediate in (False, True):
        request = replace(REQUEST, is_immediate=is_immediate)
        (row,) = plan_night(catalogue, configs, SIZES, History(), request).job_rows()
        assert row.end_by == row.planned_start + timedelta(minutes=45)
        assert (row.start_by is None) is is_immediate
        assert (row.max_ms, row.job_class) == (600_000, "print")
    wrong = Catalogue((JobNet("n", "n", (replace(watched, end_by="45分"),)),), toy.CATALOGUE.size_drivers)
    with pytest.raises(PlanInputError) as refusal:
        wrong.check()
    assert [error.rule for error in refusal.value.fields] == ["clock"]
