"""COM-083: availability in service hours, from what probes saw; announced stops do not count, unmeasured time is told."""

from datetime import date, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yoriai.availability.measure import Span, intersect, measure, merge, percent, subtract
from yoriai.availability.probe import Spool
from yoriai.availability.rules import MeasuringRules, service_windows
from yoriai.availability.states import Seen
from yoriai.clock import JAPAN
from yoriai.tenancy.config import TenantConfig

DAY = datetime(2026, 11, 24, tzinfo=JAPAN)
TARGET = Fraction(995, 1000)
WINDOW = (DAY + timedelta(hours=8), DAY + timedelta(hours=18))
LATER = DAY + timedelta(days=9)


def span(start: str, end: str, state: Seen = Seen.UP) -> Span:
    return Span(_at(start), _at(end), state)


def _at(clock: str) -> datetime:
    hours, minutes, *seconds = (int(part) for part in clock.split(":"))
    return DAY + timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)


def test_what_is_down_within_the_service_hours_counts_and_nothing_else() -> None:
    spans = [
        span("00:00", "07:00"),
        span("07:00", "08:02", Seen.NO_ANSWER),
        span("08:02", "17:59"),
        span("17:59", "18:30", Seen.DATABASE),
    ]
    found = measure([WINDOW], spans, [], TARGET, LATER)
    assert (found.service, found.down, found.unmeasured) == (36_000, 180, 0)
    assert [(outage.since, outage.state, outage.seconds) for outage in found.outages] == [
        (_at("08:00"), Seen.NO_ANSWER, 120),
        (_at("17:59"), Seen.DATABASE, 60),
    ]
    # Three minutes of ten hours are exactly the half percent that is allowed; a second more is not.
    assert (found.rate, found.verdict, percent(found.rate)) == (TARGET, "met", "99.50%")
    more = measure(
        [WINDOW], [*spans[:2], span("08:02", "17:58:59"), span("17:58:59", "18:30", Seen.DATABASE)], [], TARGET, LATER
    )
    assert (more.verdict, percent(more.rate)) == ("missed", "99.49%"), (
        "cut off, not rounded: 99.497 must not read 99.50"
    )


def test_an_announced_stop_is_left_out_and_unmeasured_time_leaves_the_verdict_open() -> None:
    spans = [span("08:00", "12:00"), span("12:00", "13:00", Seen.DEGRADED), span("14:00", "18:00")]
    stop = (_at("12:00"), _at("13:00"))
    found = measure([WINDOW], spans, [stop], TARGET, LATER)
    assert (found.planned, found.down, found.unmeasured) == (3600, 0, 3600)
    assert (found.rate, found.worst, found.verdict) == (1, Fraction(8, 9), "open")
    assert measure([WINDOW], spans, [], TARGET, LATER).verdict == "missed"
    # Half a month: what is still to come neither counts as served nor as down.
    half = measure([WINDOW], [span("08:00", "09:00")], [], TARGET, _at("09:00"))
    assert (half.service, half.rate, half.verdict) == (3600, 1, "met")
    empty = measure([WINDOW], [], [], TARGET, _at("07:00"))
    assert (empty.service, empty.rate, empty.verdict) == (0, None, "open")


def test_one_of_two_probes_that_was_served_is_enough() -> None:
    spans = [span("08:00", "18:00"), span("08:00", "10:00", Seen.NO_ANSWER), span("10:00", "18:00")]
    assert measure([WINDOW], spans, [], TARGET, LATER).down == 0


_INTERVALS = st.lists(
    st.tuples(st.integers(0, 60), st.integers(0, 60)).map(
        lambda ends: (DAY + timedelta(minutes=min(ends)), DAY + timedelta(minutes=max(ends)))
    ),
    max_size=6,
)


@given(_INTERVALS, _INTERVALS)
def test_intervals_behave_as_sets_of_minutes(
    one: list[tuple[datetime, datetime]], other: list[tuple[datetime, datetime]]
) -> None:
    def minutes(intervals: list[tuple[datetime, datetime]]) -> set[int]:
        return {
            number
            for start, end in intervals
            for number in range((start - DAY) // timedelta(minutes=1), (end - DAY) // timedelta(minutes=1))
        }

    assert minutes(merge(one)) == minutes(one)
    assert minutes(intersect(one, other)) == minutes(one) & minutes(other)
    assert minutes(subtract(one, other)) == minutes(one) - minutes(other)


def test_service_hours_follow_the_municipalitys_own_calendar(config: TenantConfig) -> None:
    rules = MeasuringRules.of({})
    assert (rules.target, rules.probe_seconds) == (TARGET, 15)
    days = [start.date() for start, _ in service_windows(config, rules, date(2026, 11, 1), date(2026, 11, 30))]
    assert date(2026, 11, 23) not in days, "勤労感謝の日"
    assert date(2026, 11, 22) not in days, "Sunday"
    own = TenantConfig({**config.document, "service_hours": {"start": "09:00", "end": "19:00"}})
    start, end = next(service_windows(own, rules, date(2026, 11, 24), date(2026, 11, 24)))
    assert (start.hour, end.hour, end - start) == (9, 19, timedelta(hours=10))


def test_the_probe_keeps_what_it_saw_and_does_not_speak_for_a_time_it_slept(tmp_path: Path) -> None:
    interval = timedelta(seconds=15)
    spool = Spool.load(tmp_path / "spool.json", interval)
    for seconds, state in ((0, Seen.UP), (15, Seen.UP), (30, Seen.DATABASE), (45, Seen.UP)):
        spool.note("123456", state, DAY + timedelta(seconds=seconds))
    spool.save()
    again = Spool.load(tmp_path / "spool.json", interval)
    again.note("123456", Seen.UP, DAY + timedelta(seconds=600))
    spans = [*again.waiting, *again.growing.values()]
    assert [((item.since - DAY).seconds, (item.until - DAY).seconds, item.state) for item in spans] == [
        (0, 30, Seen.UP),
        (30, 45, Seen.DATABASE),
        (45, 45, Seen.UP),
        (600, 600, Seen.UP),
    ]
    again.note("123456", Seen.DATABASE, DAY + timedelta(seconds=590))
    (ended,) = [span for span in again.waiting if span.since == DAY + timedelta(seconds=600)]
    assert ended.until == ended.since, "a clock that was set back ends no span before it began"


@pytest.mark.parametrize(("rate", "text"), [(Fraction(99499, 100_000), "99.49%"), (Fraction(1), "100.00%"), (None, "")])
def test_percentages_are_cut_off(rate: Fraction | None, text: str) -> None:
    assert percent(rate) == text
