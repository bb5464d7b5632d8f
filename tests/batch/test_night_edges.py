"""The edges of a night: before it opens, after it has ended, and while something behind a job is on its way already."""

from datetime import timedelta

import pytest

from batch.estimates import read_history
from batch.queue import Claim, QueueLink, Totals, claim_job, enqueue_night, find_night, finish_job, open_night
from batch.queue.acts import act_on_job, change_tonight
from batch.queue.claims import cut_off_late
from batch.queue.nights import NightRow, withdraw_night
from batch.queue.requests import ask_force, decide_force
from batch.queue.reruns import rerun_job
from batch.states import Act, Rerun
from batch.tonight import start_night
from tests.batch.nights import BUSINESS_DATE, OPERATOR, Queue, make_job
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.errors import Conflict, Forbidden, Invalid

CHIEF = Principal("chief", "運用 花子")
_PASSED = "UPDATE batch_job SET deadline_at = clock_timestamp() - interval '1 hour'"


def _claim(link: QueueLink) -> Claim | None:
    with link.transaction() as connection:
        return claim_job(connection, "w", 30)


def _run_all(link: QueueLink, ends: dict[str, Act]) -> list[str]:
    ran = []
    while (claim := _claim(link)) is not None:
        ran.append(claim.job_name)
        _end(link, claim, ends.get(claim.job_name, Act.SUCCEED))
    return ran


def _end(link: QueueLink, claim: Claim, act: Act = Act.SUCCEED) -> None:
    with link.transaction() as connection:
        assert finish_job(connection, claim, act, Totals(1, 2, 3), worker="w")


def _act(link: QueueLink, queue: Queue, name: str, act: Act) -> None:
    with link.transaction() as connection:
        act_on_job(connection, queue.job_id(name), act, by=OPERATOR, reason="試験")


def _rerun(link: QueueLink, queue: Queue, name: str, way: Rerun) -> list[int]:
    with link.transaction() as connection:
        return rerun_job(connection, queue.job_id(name), way, by=OPERATOR, reason="やり直し")


def _enqueue(link: QueueLink, *names: str, days: int = 0) -> str:
    night = NightRow(
        BUSINESS_DATE + timedelta(days=days), True, {"cpu": 4, "io": 9, "connections": 9}, now() + timedelta(days), {}
    )
    with link.transaction() as connection:
        return enqueue_night(connection, night, [make_job(name) for name in names], rerun=True)


def test_what_follows_a_job_skipped_before_the_night_opens_is_run(link: QueueLink, queue: Queue) -> None:
    night = NightRow(BUSINESS_DATE, True, {"cpu": 4, "io": 9, "connections": 9}, now(), {})
    with link.transaction() as connection:
        key = enqueue_night(connection, night, [make_job("a"), make_job("b", "a"), make_job("c", "b")], rerun=True)
    _act(link, queue, "a", Act.SKIP)
    with link.transaction() as connection:
        open_night(connection, key, actor="test")
    assert queue.statuses() == {"a": "skipped", "b": "ready", "c": "waiting"}
    assert _run_all(link, {}) == ["b", "c"]


@pytest.mark.parametrize("way", ["failed", "after", "skip", "force"])
def test_what_waits_in_a_night_that_had_ended_is_not_cut_off_at_once(link: QueueLink, queue: Queue, way: str) -> None:
    queue.open(make_job("a"), make_job("b", "a"), make_job("x"), make_job("y", "x"))
    _run_all(link, {"a": Act.FAIL, "x": Act.FAIL})
    assert queue.one("SELECT status FROM batch_night") == ("ended",)
    queue.change(_PASSED)
    if way == "skip":
        _act(link, queue, "a", Act.SKIP)
    elif way == "force":
        with link.transaction() as connection:
            request = ask_force(connection, queue.job_id("a"), by=OPERATOR, reason="確認済み")
            decide_force(connection, request, approve=True, by=CHIEF)
    else:
        _rerun(link, queue, "a", Rerun(way))
    with link.transaction() as connection:
        cut_off_late(connection, str(BUSINESS_DATE))
    assert {name: status for name, status in queue.statuses().items() if name in "by"}["y"] == "waiting"
    assert _run_all(link, {})[-1] == "b"


@pytest.mark.parametrize("way", [Rerun.TOP, Rerun.WARNED])
def test_what_is_ready_waits_again_when_the_job_before_it_is_run_again(
    link: QueueLink, queue: Queue, way: Rerun
) -> None:
    queue.open(make_job("a"), make_job("b", "a", start=1), make_job("other_net", "a", start=2, net="other"))
    claim = _claim(link)
    assert claim is not None
    _end(link, claim, Act.WARN)
    assert queue.statuses() == {"a": "warned", "b": "ready", "other_net": "ready"}
    _rerun(link, queue, "a", way)
    assert queue.statuses() == {"a": "ready", "b": "waiting", "other_net": "waiting"}
    assert _run_all(link, {}) == ["a", "b", "other_net"]


@pytest.mark.parametrize("way", [Rerun.TOP, Rerun.ONLY])
def test_a_job_is_not_run_again_under_one_that_works_on_its_results(link: QueueLink, queue: Queue, way: Rerun) -> None:
    queue.open(make_job("a"), make_job("b", "a", net="other"))
    first = _claim(link)
    assert first is not None
    _end(link, first)
    assert _claim(link) is not None
    with pytest.raises(Conflict, match="終わってから"):
        _rerun(link, queue, "a", way)


def test_a_job_that_goes_on_after_a_stop_is_no_undisturbed_run(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"))
    _run_all(link, {"a": Act.FAIL})
    _rerun(link, queue, "a", Rerun.FAILED)
    _run_all(link, {})
    assert queue.one("SELECT attempts FROM batch_job") == (2,)


def test_without_a_date_the_running_night_is_meant_and_never_one_taken_back(link: QueueLink, queue: Queue) -> None:
    running = queue.open(make_job("a"))
    tomorrow = _enqueue(link, "b", days=1)
    with link.transaction() as connection:
        assert find_night(connection) == running
    _run_all(link, {})
    with link.transaction() as connection:
        assert find_night(connection) == tomorrow
        withdraw_night(connection, tomorrow)
        assert find_night(connection) == running
        assert find_night(connection, BUSINESS_DATE + timedelta(days=1)) is None


def test_the_second_person_is_not_the_first_in_capitals(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"))
    _run_all(link, {"a": Act.FAIL})
    with link.transaction() as connection:
        request = ask_force(connection, queue.job_id("a"), by=OPERATOR, reason="確認済み")
    with pytest.raises(Forbidden), link.transaction() as connection:
        decide_force(connection, request, approve=True, by=Principal("OPERATOR"))


def test_a_job_that_no_end_of_another_makes_fit_holds_back_nobody(link: QueueLink, queue: Queue) -> None:
    shrinks = [{"at": (now() + timedelta(minutes=1)).isoformat(), "capacity": {"cpu": 2}}]
    queue.open(
        make_job("too_large", cpu=3, start=-60, estimate_ms=600_000), make_job("small", start=-1), cpu=4, steps=shrinks
    )
    assert _run_all(link, {}) == ["small"]


def test_start_now_comes_before_all_that_is_late(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("late", start=-600), make_job("later", start=-300), make_job("urgent", start=3600), cpu=1)
    _act(link, queue, "urgent", Act.START_NOW)
    assert _run_all(link, {}) == ["urgent", "late", "later"]


def test_a_deadline_of_this_morning_is_not_taken_for_one_of_tomorrow(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a", not_before=now() - timedelta(hours=9)))
    with pytest.raises(Invalid) as refusal, link.transaction() as connection:
        change_tonight(connection, queue.job_id("a"), deadline=now() - timedelta(hours=1), by=OPERATOR)
    assert "29:00" in refusal.value.fields[0].message


def test_a_night_whose_deadlines_have_passed_is_not_started(link: QueueLink, queue: Queue) -> None:
    key = _enqueue(link, "a")
    queue.change(_PASSED)
    with pytest.raises(Conflict, match="打切時刻"), link.transaction() as connection:
        start_night(connection, key, by=OPERATOR)


def test_durations_are_learnt_from_whole_undisturbed_runs_the_latest_first(link: QueueLink, queue: Queue) -> None:
    for size in (100, 200, 300):
        queue.open(make_job("a", size=size), make_job("b", size=size, municipality_code="343684"))
        _run_all(link, {"b": Act.FAIL} if size > 100 else {})
    with link.transaction() as connection:
        job = connection.execute("SELECT max(id) FROM batch_job WHERE job_name = 'b'").fetchone()
        assert job is not None
        act_on_job(connection, job[0], Act.SKIP_WARNED, by=OPERATOR, reason="手作業で済ませた")
    with link.transaction() as connection:
        runs = read_history(connection).runs
    sizes = {key: [run.size for run in past] for key, past in runs.items()}
    assert sizes == {("342157", "a"): [300, 200, 100], ("343684", "b"): [100]}


def test_a_night_that_was_begun_anew_has_no_reruns_of_its_own(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"))
    _run_all(link, {"a": Act.FAIL})
    later = queue.open(make_job("b"))
    with pytest.raises(Conflict, match=later):
        _rerun(link, queue, "a", Rerun.FAILED)
    assert _run_all(link, {}) == ["b"]
    assert len(_rerun(link, queue, "b", Rerun.ONLY)) == 1
