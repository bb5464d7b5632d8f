"""The night at other scales: the figures hold together, the pictures are pictures, the same seed gives the same night."""

from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from batch.commands import commands
from batch.reference_demand import load_reference
from batch.season_commands import assumed_municipalities
from batch.simulate import RESOURCES, SimulatedNight, clock_at, drawn_percent, jobs_of_night, simulate_night
from batch.simulate_chart import capacity_chart, night_chart
from batch.simulate_report import capacity_table, planning_table, ratio
from yoriai.errors import Invalid

WINDOW = 36_000_000
NORMAL, HEAVY = date(2026, 5, 20), date(2026, 5, 29)


@pytest.fixture(scope="module")
def night() -> SimulatedNight:
    """The heavy night of 22 municipalities."""
    jobs = jobs_of_night(load_reference(), assumed_municipalities(22), HEAVY, WINDOW)
    return simulate_night("重い夜", HEAVY, jobs, WINDOW, seed=1)


def test_the_heavy_night_has_thirty_jobs_a_municipality(night: SimulatedNight) -> None:
    """1,741 municipalities then have 52,230 jobs."""
    assert len(night.instance.jobs) == 22 * 30
    normal = jobs_of_night(load_reference(), assumed_municipalities(22), NORMAL, WINDOW)
    assert len(normal) < len(night.instance.jobs)


def test_the_plan_holds_and_ends_in_time_on_what_it_says_is_needed(night: SimulatedNight) -> None:
    assert night.faults == ()
    assert night.bound <= night.makespan <= WINDOW
    for name in RESOURCES:
        assert night.planned_peak[name] <= night.capacity[name]


def test_staggering_needs_less_than_any_other_way(night: SimulatedNight) -> None:
    for name in ("cpu", "io", "connections"):
        floor, planned = night.floor[name], night.planned_peak[name]
        assert floor <= planned <= night.own_machines[name] <= night.at_once_peak[name]
        assert planned < night.uncoordinated_peak[name] <= night.at_once_peak[name]


def test_a_window_that_no_capacity_could_keep_is_said_not_searched_for_ever() -> None:
    jobs = jobs_of_night(load_reference(), assumed_municipalities(4), HEAVY, 60_000)
    night = simulate_night("短い夜", HEAVY, jobs, 60_000, seed=1)
    assert night.makespan > 60_000
    assert any("打切" in fault for fault in night.faults)


def test_a_simulated_run_is_never_faster_than_its_bound_and_faster_with_a_reserve(night: SimulatedNight) -> None:
    assert night.real_bound <= night.real_end
    assert night.reserve_end <= night.real_end


def test_the_same_seed_draws_the_same_night() -> None:
    drawn = [drawn_percent(f"job{number}", 1) for number in range(2_000)]
    assert drawn == [drawn_percent(f"job{number}", 1) for number in range(2_000)]
    assert drawn != [drawn_percent(f"job{number}", 3) for number in range(2_000)]
    ordinary = sorted(drawn)
    assert 95 <= ordinary[1_000] <= 105
    assert 65 <= ordinary[200] <= 80
    assert ordinary[-1] > 200, "a straggler"


def test_tables_and_pictures_show_the_figures(night: SimulatedNight) -> None:
    document = night.to_json()
    (_, _, row) = capacity_table([document])
    assert f"| {document['at_once']['cpu']:,} |" in row
    assert "22" in planning_table([document], timedelta(hours=20))[2]
    for picture in (capacity_chart([document], "cpu", "題 <名>"), night_chart(night, "cpu", "題", 20)):
        root = ET.fromstring(picture)  # noqa: S314 - our own text
        words = " ".join(text.text or "" for text in root.iter("{http://www.w3.org/2000/svg}text"))
        assert f"{document['at_once']['cpu']:,}" in words
        assert "寄合の計画" in words


def test_small_words() -> None:
    assert clock_at(6 * 3_600_000 + 1, timedelta(hours=20)) == "26:01"
    assert (ratio(1, 3), ratio(1, 0)) == ("0.334", "-")


def test_only_sets_that_are_described_can_be_simulated() -> None:
    with pytest.raises(Invalid) as refusal:
        assumed_municipalities(23)
    assert refusal.value.fields[0].rule == "choice"


def test_the_commands_need_no_database(tmp_path: Path) -> None:
    runner = CliRunner()
    done = runner.invoke(
        commands, ["simulate", "--municipalities", "4", "--dates", "2026-05-20", "--write", str(tmp_path)]
    )
    assert done.exit_code == 0, done.output
    assert {path.name for path in tmp_path.iterdir()} == {"scale-tables.md", "scale-capacity.svg", "scale-night.svg"}
    refused = runner.invoke(commands, ["simulate", "--municipalities", "four", "--json"])
    assert refused.exit_code == 2
    season = runner.invoke(commands, ["season", "--from", "2026-05", "--months", "2", "--check", "0"])
    assert season.exit_code == 0, season.output
    assert "固定資産税" in season.output or "個人住民税" in season.output
    missing = runner.invoke(commands, ["season", "--from", "2029-04", "--months", "1", "--json"])
    assert missing.exit_code == 2
    assert "calendar_year" in missing.output
