"""The benchmark works; how fast anything is, is not asserted anywhere."""

from collections.abc import Sequence

import pytest

from batch.runner import run_alone
from loadtests.measuring import assessment, extraction
from loadtests.measuring.counter import measure_counter
from loadtests.measuring.figures import Row, percentile, ratio_row, table
from loadtests.measuring.installation import Installation
from loadtests.measuring.lookup import measure_lookups
from loadtests.measuring.night import latency_rows, measure_night, peak_rows
from loadtests.measuring.search import measure_search, typed_words
from yoriai.tenancy.bulk import BulkDatabase


def _assert_complete(rows: Sequence[Row], count: int) -> None:
    assert len(rows) == count
    assert all(row.ratio > 0 for row in rows)
    assert len(table(rows)) == count


def test_a_ratio_is_the_median_of_the_rounds() -> None:
    row = ratio_row("part", "label", [1.0, 2.0, 9.0], [1.0, 1.0, 1.0], "note")
    assert row.to_json() == {"part": "part", "label": "label", "ratio": 2.0, "note": "note", "spread": [1.0, 9.0]}


def test_a_percentile_is_a_measured_value() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([float(value) for value in range(1, 101)], 0.95) == 96.0
    with pytest.raises(ValueError, match="nothing"):
        percentile([], 0.95)


async def test_lookups_are_compared_with_their_own_statements(place: Installation) -> None:
    rows = await measure_lookups(place, 0.2, 1)
    _assert_complete(rows, 2)
    assert not rows[0].note.endswith(" 0 statements a lookup")


async def test_searches_are_compared_with_their_own_statements(place: Installation) -> None:
    _assert_complete(await measure_search(place, 10), 3)
    assert len(typed_words(place.largest, 7)) == 7


async def test_com_005_com_092_common_operations_are_measured_beside_other_clerks(place: Installation) -> None:
    _assert_complete(await measure_counter(place, 3), 5)


def test_the_bound_writes_as_many_rows_of_the_same_columns(place: Installation) -> None:
    config, database = place.largest.config, BulkDatabase(place.settings.app_dsn)
    run_alone(database, assessment.assessment_job(), assessment.make_context(place, config, "test"))
    with database.read(config.tenant) as session:
        rows = session.read("SELECT count(*) AS rows FROM nhi_assessment").item()
    assert rows > 0
    with assessment.bench_tables(place, config):
        assert assessment.write_bound(database, place, config, rows) == rows
        with database.read(config.tenant) as session:
            kept = session.read("SELECT count(*) AS rows FROM bench_assessment_input WHERE input <> ''").item()
    assert kept == rows


def test_the_assessment_is_measured_and_leaves_nothing_behind(place: Installation) -> None:
    _assert_complete(assessment.measure_assessment(place, 1), 2)
    with BulkDatabase(place.settings.app_dsn).read(place.largest.config.tenant) as session:
        assert session.read("SELECT count(*) AS rows FROM nhi_assessment").item() == 0
        assert session.read("SELECT to_regclass('bench_assessment') IS NULL AS gone").item()


@pytest.mark.night
async def test_a_night_runs_beside_an_open_counter(place: Installation) -> None:
    night = await measure_night(place, 0.5, stagger=True)
    assert night.summary["ok"]
    assert all((night.before, night.during, night.after))
    assert 0 < night.measured_bound_ms <= night.summary["measured"]["makespan_ms"]
    _assert_complete(latency_rows(night, night), 2)
    resources = [name for name, units in night.summary["planned"]["unstaggered_peak"].items() if units]
    _assert_complete(peak_rows(night, night), len(resources) + 5)


def test_an_extraction_is_compared_with_a_copy_of_the_same_people(place: Installation) -> None:
    _assert_complete(extraction.measure_extraction(place, 1), 2)
    assert extraction.copy_rows(place, place.largest.config) > place.largest.residents


async def test_the_counters_are_measured_beside_an_extraction(place: Installation) -> None:
    _assert_complete(await extraction.measure_counters(place, 0.5), 1)
