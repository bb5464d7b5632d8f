"""Durations learnt from past runs: by size, recency and likeness, robust against the odd run out."""

from hypothesis import given
from hypothesis import strategies as st

from batch.estimates import Estimate, History, PastRun, learn_estimate
from tests.batch import toy

JOB = toy.CATALOGUE.get_job("toy.a")


def steady(count: int, ms: int = 10_300, size: int = 1000) -> list[PastRun]:
    """Runs of 300 ms to start and 10 ms a row, a percent up and down."""
    return [PastRun(size, ms + (number % 3 - 1) * ms // 100) for number in range(count)]


def test_a_first_run_is_estimated_by_the_declared_rate_and_size() -> None:
    assert History().estimate("342157", JOB, 1000) == Estimate(1300, 650, 2600, runs=0)
    assert History().estimate_ms("342157", JOB, 5000) == 5300


def test_later_runs_are_estimated_by_the_past_ones_of_the_same_municipality() -> None:
    history = History({("342157", "toy.a"): steady(5)})
    assert history.estimate_ms("342157", JOB, 1000) == 10_300
    assert history.estimate_ms("343684", JOB, 1000) == 1300


def test_the_estimate_grows_with_the_rows_but_the_start_does_not() -> None:
    assert learn_estimate([PastRun(1000, 10_300)], 2000).ms == 20_300
    assert learn_estimate([PastRun(1000, 10_300)], 500).ms == 5_300


def test_a_machine_that_stood_still_once_changes_nothing() -> None:
    runs = steady(9)
    assert learn_estimate([PastRun(1000, 900_000), *runs], 1000).ms == learn_estimate(runs, 1000).ms
    assert learn_estimate([PastRun(1000, 900_000), *runs], 1000).high_ms < 20_000


def test_a_run_cut_short_changes_nothing() -> None:
    runs = steady(9)
    assert learn_estimate([PastRun(1000, 400), *runs], 1000).low_ms == learn_estimate(runs, 1000).low_ms


def test_runs_of_a_like_size_count_more() -> None:
    """A year's 当初賦課 of 10,000 rows is told by the last one, not by twenty small runs with a slower rate."""
    small = [PastRun(100, 300 + 100 * 20) for _ in range(8)]
    alike = [PastRun(10_000, 300 + 10_000 * 16)]
    assert learn_estimate([*small, *alike], 10_000).ms == 300 + 10_000 * 16


def test_recent_runs_count_more_than_old_ones() -> None:
    recent, old = [PastRun(1000, 14_000)] * 4, [PastRun(1000, 12_000)] * 5
    assert learn_estimate([*recent, *old], 1000).ms == 14_000


def test_few_runs_are_not_taken_for_a_narrow_spread() -> None:
    spreads = [learn_estimate(steady(count), 1000) for count in (1, 3, 9, 19)]
    widths = [estimate.high_ms - estimate.low_ms for estimate in spreads]
    assert widths == sorted(widths, reverse=True)
    assert spreads[0].high_ms >= spreads[0].ms * 3 // 2


def test_a_wide_spread_shows_in_the_high_figure() -> None:
    runs = [PastRun(1000, 10_000 + number * 7 % 20 * 500) for number in range(20)]
    estimate = learn_estimate(runs, 1000)
    assert estimate.low_ms <= 11_500 < estimate.ms < 17_500 <= estimate.high_ms


@given(
    runs=st.lists(st.builds(PastRun, st.integers(0, 10**7), st.integers(0, 10**8)), min_size=1, max_size=20),
    size=st.integers(0, 10**7),
)
def test_low_likely_and_high_are_always_in_order(runs: list[PastRun], size: int) -> None:
    estimate = learn_estimate(runs, size)
    assert 1 <= estimate.low_ms <= estimate.ms <= estimate.high_ms
    assert 1 <= estimate.runs <= len(runs)
