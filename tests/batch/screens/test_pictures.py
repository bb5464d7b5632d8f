"""Layout of nets, step curves, melted bars, lists: what the screens' pictures are made of."""

import re
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from batch.reads.curves import highest_between, level
from batch.reads.gantt import Bar, Extent, melt
from batch.reads.nights import Night, shown_span
from batch.web.layout import BOX_HEIGHT, BOX_WIDTH, draw
from batch.web.listing import Column, Query, csv_rows, make_list, select
from batch.web.window import moves_of, window_of
from yoriai.clock import JAPAN
from yoriai.errors import Invalid
from yoriai.web.files import csv_response

START = datetime(2026, 6, 1, 20, tzinfo=JAPAN)
NIGHT = Night("2026-06-01", date(2026, 6, 1), 0, "ended", START, START, START + timedelta(hours=2))


def _at(minutes: int) -> datetime:
    return START + timedelta(minutes=minutes)


@given(
    st.integers(1, 14).flatmap(
        lambda count: st.tuples(
            st.just(count), st.lists(st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)), max_size=30)
        )
    )
)
def test_every_predecessor_stands_left_of_its_successor_and_no_boxes_overlap(
    demand: tuple[int, list[tuple[int, int]]],
) -> None:
    count, pairs = demand
    edges = [(min(pair), max(pair)) for pair in pairs if pair[0] != pair[1]]
    drawing = draw(list(range(count)), edges)
    places = {box.id: box for box in drawing.boxes}
    assert set(places) == set(range(count))
    for before, after in edges:
        assert places[before].x + BOX_WIDTH < places[after].x
    boxes = list(drawing.boxes)
    for number, box in enumerate(boxes):
        assert 0 <= box.x <= drawing.width - BOX_WIDTH
        assert 0 <= box.y <= drawing.height - BOX_HEIGHT
        for other in boxes[number + 1 :]:
            assert box.x != other.x or abs(box.y - other.y) > BOX_HEIGHT
    assert {(line.source, line.target) for line in drawing.lines} == set(edges)


def test_a_line_over_several_layers_goes_around_the_boxes_between() -> None:
    drawing = draw([1, 2, 3], [(1, 2), (2, 3), (1, 3)])
    middle = next(box for box in drawing.boxes if box.id == 2)
    long = next(line for line in drawing.lines if (line.source, line.target) == (1, 3))
    heights = [int(number) for number in re.findall(r" (\d+)H", long.path)]
    assert heights
    assert all(not middle.y <= height <= middle.y + BOX_HEIGHT for height in heights)


def test_a_cycle_is_refused() -> None:
    with pytest.raises(ValueError, match="cycle"):
        draw([1, 2], [(1, 2), (2, 1)])


def test_what_ends_frees_its_units_for_what_begins_at_that_moment() -> None:
    curve = level([(_at(0), 2), (_at(10), -2), (_at(10), 3), (_at(20), -3)])
    assert [value for _, value in curve] == [2, 3, 0]


def test_the_highest_value_of_a_span_counts_what_began_before_it() -> None:
    curve = level([(_at(0), 2), (_at(12), 3), (_at(14), -3), (_at(25), -2)])
    edges = [_at(minutes) for minutes in (0, 10, 20, 30, 40)]
    assert highest_between(curve, edges) == [2, 5, 2, 0]


def test_touching_bars_melt_but_each_failure_is_seen() -> None:
    bars = [
        Bar(_at(0), _at(5), "done", "a"),
        Bar(_at(5), _at(9), "done", "b"),
        Bar(_at(9), _at(10), "failed", "c"),
        Bar(_at(10), _at(11), "failed", "d"),
    ]
    melted = melt(bars)
    assert [(bar.picture, bar.start, bar.end) for bar in melted] == [
        ("done", _at(0), _at(9)),
        ("failed", _at(9), _at(10)),
        ("failed", _at(10), _at(11)),
    ]


def test_times_past_midnight_are_shown_on_the_business_dates_clock() -> None:
    assert NIGHT.clock(_at(310)) == "25:10"
    assert NIGHT.clock(_at(60 * 60)) == "6/4 08:00"
    assert NIGHT.clock(None) == ""


@pytest.mark.parametrize(
    ("milliseconds", "text"),
    [(None, ""), (2400, "2.4秒"), (200_000, "3分20秒"), (3_900_000, "1時間05分")],
)
def test_lengths_of_time_are_words(milliseconds: int | None, text: str) -> None:
    assert shown_span(milliseconds) == text


def test_a_window_is_typed_on_the_25_hour_clock_and_both_mistakes_are_told() -> None:
    extent = Extent(_at(0), _at(120))
    assert window_of(NIGHT, extent, "21:00", "25:00") == (_at(60), _at(300))
    with pytest.raises(Invalid) as told:
        window_of(NIGHT, extent, "99:00", "x")
    assert [error.field for error in told.value.fields] == ["since", "until"]
    with pytest.raises(Invalid):
        window_of(NIGHT, extent, "22:00", "21:00")


def test_the_links_move_the_window_and_lead_back() -> None:
    extent = Extent(_at(0), _at(120))
    earlier, later, closer, wider = moves_of(_at(0), _at(120), _at(300))
    assert window_of(NIGHT, extent, earlier.since, earlier.until) == (_at(-60), _at(60))
    assert window_of(NIGHT, extent, later.since, later.until) == (_at(60), _at(180))
    assert window_of(NIGHT, extent, closer.since, closer.until) == (_at(30), _at(90))
    assert window_of(NIGHT, extent, wider.since, wider.until) == (_at(-60), _at(180))
    around_now = moves_of(_at(0), _at(120), _at(100))[2]
    assert window_of(NIGHT, extent, around_now.since, around_now.until) == (_at(70), _at(130))


COLUMNS = (Column("name", "団体"), Column("jobs", "ジョブ", "number"), Column("state", "状態", "chip"))
ROWS = [
    {"name": "サクラ市", "jobs": 9, "state": {"label": "異常", "kind": "danger"}},
    {"name": "うめ町", "jobs": 10, "state": {"label": "正常", "kind": "ok"}},
    {"name": "もも村", "jobs": None, "state": {"label": "正常", "kind": "ok"}},
]


def test_a_list_is_narrowed_by_all_words_whatever_their_width_and_sorted_by_value() -> None:
    assert [row["name"] for row in select(COLUMNS, ROWS, Query(q="ｻｸﾗ 異常"))] == ["サクラ市"]
    assert [row["jobs"] for row in select(COLUMNS, ROWS, Query(sort="jobs"))] == [9, 10, None]
    assert [row["name"] for row in select(COLUMNS, ROWS, Query(sort="no_such_column"))] == [row["name"] for row in ROWS]


def test_a_page_beyond_the_last_is_the_last() -> None:
    rows = [{"name": f"{number}", "jobs": number, "state": {"label": "正常"}} for number in range(205)]
    page = make_list("題", "/x", COLUMNS, rows, Query(page=9))
    assert (page.page, page.pages, page.total, len(page.rows)) == (3, 3, 205, 5)


def test_a_csv_file_keeps_numbers_and_runs_no_formula() -> None:
    answer = csv_response("一覧", ("a", "b"), [("=1+1", -5), *csv_rows(COLUMNS[:2], ROWS[2:])])
    text = bytes(answer.body).decode("utf-8-sig")
    assert text == "a,b\r\n'=1+1,-5\r\nもも村,\r\n"
