"""The year: no assignment within the allowed nights is better by much, precedence holds, few runs are moved."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from batch.catalogue import load_catalogue
from batch.planner import peak_use, plan_levelled
from batch.reference_demand import load_reference, populations_of, spread_populations
from batch.season import Season, SeasonDemand, SeasonRun, check_season
from batch.season_bound import least_peak
from batch.season_chart import season_chart
from batch.season_demand import SeasonMunicipality, SeasonYear, build_year
from batch.season_report import check_nights, season_json, season_lines
from batch.season_search import plan_season
from yoriai.calendar import CalendarYearMissing
from yoriai.tenancy.config import TenantConfig

FIRST = date(2026, 4, 1)


def run(key: str, usual: int, nights: tuple[int, ...], work: int, *after: str) -> SeasonRun:
    return SeasonRun(key, "342157", key, key, usual, nights, (work, work // 2), after)


def demand(runs: list[SeasonRun], base: list[int] | None = None, nights: int = 6) -> SeasonDemand:
    carried = tuple((work, 0) for work in base or [0] * nights)
    days = tuple(FIRST + timedelta(days=number) for number in range(nights))
    return SeasonDemand(days, {"cpu": 10, "io": 10}, 100, carried, tuple(runs))


def test_two_runs_of_one_night_are_put_apart() -> None:
    season = plan_season(demand([run("a", 2, (1, 2), 400), run("b", 2, (2, 3), 400), run("c", 0, (0,), 100)]))
    assert (season.peak_before, season.peak_after, season.bound) == (800_000, 400_000, 400_000)
    assert len(season.moves) == 1, "moving one of them is enough"
    assert season.moves[0].saving == 400_000
    assert season.gap_percent == "0.00%"


def test_what_a_night_carries_anyway_is_avoided() -> None:
    season = plan_season(demand([run("a", 2, (1, 2, 3), 300)], base=[0, 500, 400, 100, 0, 0]))
    assert season.after == (3,)


def test_a_run_stays_after_the_one_it_builds_on() -> None:
    first, second = run("a", 1, (0, 1, 2, 3), 500), run("b", 2, (1, 2, 3), 500, "a")
    season = plan_season(demand([first, second], base=[0, 900, 100, 0, 0, 0]))
    assert season.faults == ()
    assert season.after[0] <= season.after[1]
    assert check_season(season.demand, [3, 2]) == ["b: 先に行うaより前の夜になります。"]
    assert check_season(season.demand, [5, 5])[0].startswith("a: ")


def test_a_small_run_still_finds_a_night_between_large_ones_placed_before_it() -> None:
    runs = [run("a", 0, (0, 2), 500), run("b", 0, (0, 1, 4), 10, "a"), run("c", 3, (3, 4), 400, "b")]
    season = plan_season(demand(runs, base=[900, 0, 0, 0, 200, 0]))
    assert season.faults == ()


def test_an_exchange_helps_where_no_single_move_does() -> None:
    """600+300 on one night and 500+500 on the other: only exchanging evens them."""
    both = (0, 1)
    runs = [run("a", 0, both, 600), run("b", 0, both, 300), run("c", 1, both, 500), run("d", 1, both, 500)]
    season = plan_season(demand(runs, nights=2))
    assert season.peak_after <= 1_000_000
    assert season.faults == ()


def test_a_night_passes_a_run_on_to_take_another() -> None:
    """`c` could go to night 1, but not beside `b`, which can go on to night 2."""
    season = plan_season(demand([run("a", 0, (0,), 400), run("c", 0, (0, 1), 200), run("b", 1, (1, 2), 400)], nights=3))
    assert season.after == (0, 1, 2)


def test_what_moving_one_run_alone_would_save_is_told_for_the_highest_night() -> None:
    runs = [
        run("small", 2, (2, 3), 100),
        run("large", 2, (2, 3), 400),
        run("fixed", 2, (2,), 300),
        run("other", 4, (4,), 350),
    ]
    season = plan_season(demand(runs))
    (best, *others) = season.single_moves
    assert (best.run.key, best.night, best.peak_saving, best.night_saving) == ("large", 3, 400_000, 400_000)
    assert [move.run.key for move in others] == ["small"]


@st.composite
def small_demands(draw: st.DrawFn) -> SeasonDemand:
    runs: list[SeasonRun] = []
    for at in range(draw(st.integers(1, 6))):
        usual = draw(st.integers(0, 4))
        nights = {usual, *draw(st.sets(st.integers(max(0, usual - 2), min(4, usual + 2)), max_size=3))}
        earlier = [other.key for other in runs if other.usual <= usual]
        after = draw(st.sets(st.sampled_from(earlier), max_size=1)) if earlier else set()
        runs.append(run(f"r{at}", usual, tuple(sorted(nights)), draw(st.integers(0, 500)), *after))
    return demand(runs, base=draw(st.lists(st.integers(0, 300), min_size=5, max_size=5)), nights=5)


@settings(max_examples=60, deadline=None)
@given(demand=small_demands())
def test_the_plan_holds_and_lies_between_the_bound_and_the_usual_year(demand: SeasonDemand) -> None:
    season = plan_season(demand)
    assert check_season(demand, season.after) == []
    best = min(
        max(demand.share_of(work) for work in demand.loads(assigned))
        for assigned in product(*(entry.nights for entry in demand.runs))
        if not check_season(demand, assigned)
    )
    assert least_peak(demand) <= best <= season.peak_after <= season.peak_before


def year(count: int = 22, **options: object) -> SeasonYear:
    own = [SeasonMunicipality(f"m{at}", f"第{at}町", size) for at, size in enumerate(populations_of(count, []))]
    limits = {"cpu": 4, "io": 4, "connections": 24, "print": 2}
    values = {"capacity": limits, "window": 36_000_000, **options}
    return build_year(load_reference(), own, date(2026, 4, 1), date(2027, 3, 31), **values)


def test_the_year_of_22_municipalities_is_levelled_to_its_bound() -> None:
    built = year()
    season = plan_season(built.demand)
    assert season.faults == ()
    assert season.peak_after * 2 <= season.peak_before * 1.2
    assert season.peak_after <= season.bound * 1.02
    assert len(season.moves) < len(built.demand.runs) // 4


def test_each_run_keeps_to_business_days_around_its_usual_night() -> None:
    built = year()
    for entry in built.demand.runs:
        days = [built.demand.nights[night] for night in entry.nights]
        assert built.demand.nights[entry.usual] in days
        assert all(built.municipalities[0].calendar.is_business_day(day) for day in days)


def test_a_night_planned_job_by_job_needs_no_less_than_its_load() -> None:
    built = year()
    season = plan_season(built.demand)
    (before, after) = check_nights(built, season, 1)
    for night in (before, after):
        assert night["ends_in_time"]
        assert all(night["least_capacity"][name] >= units for name, units in night["needed"].items())
    worst = season.highest(season.loads_before, 1)[0]
    instance = built.instance_of(worst, season.before)
    capacity, schedule = plan_levelled(instance, built.demand.window)
    assert peak_use(instance, schedule.starts)["cpu"] <= capacity["cpu"]


def test_the_season_can_be_shown() -> None:
    built = year()
    season = plan_season(built.demand)
    document = season_json(built, season, [])
    assert len(document["nights"]) == 365
    assert {"before", "after"} <= document["nights"][0].keys()
    picture = ET.fromstring(season_chart(document, "題"))  # noqa: S314 - our own text
    assert len(list(picture.iter("{http://www.w3.org/2000/svg}rect"))) > 2 * 365
    lines = season_lines(document, {entry.code: entry.name for entry in built.municipalities})
    assert any("固定資産税" in line for line in lines)
    assert isinstance(season, Season)


def test_declared_nets_take_the_place_of_those_that_stand_for_them() -> None:
    """国保 is built: its own jobs and its calendar count, moved by a municipality's own day."""
    catalogue = load_catalogue()
    reference = load_reference(catalogue)
    jobs = {job.name for job in reference.by_name["reference.nhi_annual"].jobs}
    assert jobs == {job.name for job in catalogue.net_of["nhi.assess"].jobs}
    nets = {"nhi.annual": {"day": "06-18"}}
    config = TenantConfig({"code": "342157", "name": "某市", "population": 20_000, "batch": {"nets": nets}})
    own = [SeasonMunicipality("342157", "某市", 20_000, config)]
    limits = {"cpu": 4, "io": 4, "connections": 24, "print": 2}
    built = build_year(
        reference, own, date(2026, 6, 1), date(2026, 7, 31), capacity=limits, window=36_000_000, catalogue=catalogue
    )
    (entry,) = (entry for entry in built.demand.runs if entry.net == "reference.nhi_annual")
    assert built.demand.nights[entry.usual] == date(2026, 6, 18)


def test_a_year_without_a_calendar_is_named_with_net_and_municipality() -> None:
    config = TenantConfig({"code": "342157", "name": "某市", "population": 9, "calendar": {"fiscal_years": [2026]}})
    own = [SeasonMunicipality("342157", "某市", 9, config)]
    with pytest.raises(CalendarYearMissing) as refusal:
        build_year(load_reference(), own, date(2027, 4, 1), date(2027, 5, 31), capacity={"cpu": 4}, window=1)
    (error,) = refusal.value.fields
    assert (error.file, error.rule) == ("342157.yaml", "calendar_year")
    assert error.field.endswith("/342157")


def test_every_predecessor_of_the_reference_is_there() -> None:
    for reference in (load_reference(), load_reference(load_catalogue())):
        known = {job.name for net in reference.nets for job in net.jobs}
        assert {name for net in reference.nets for job in net.jobs for name in job.after} <= known
        assert {name for net in reference.nets for name in net.after} <= set(reference.by_name)
        assert {job.driver for net in reference.nets for job in net.jobs} <= set(reference.per_thousand)


def test_assumed_populations_have_the_total_and_median_they_are_said_to_have() -> None:
    found = spread_populations(1741, total=126_146_000, median=23_500)
    assert abs(sum(found) - 126_146_000) < 1741
    assert 22_500 < found[len(found) // 2] < 24_500
    assert found == sorted(found, reverse=True)
    assert 3_000_000 < found[0] < 5_000_000


def test_moving_nothing_is_an_answer() -> None:
    only = demand([run("a", 2, (2,), 300)])
    season = plan_season(only)
    assert (season.moves, season.single_moves, season.peak_after) == ((), (), 300_000)
    assert plan_season(replace(only, runs=())).peak_after == 0
