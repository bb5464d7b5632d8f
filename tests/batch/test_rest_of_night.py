"""A running night: its forecast is kept with each job, its rest is planned anew around what runs, and both are evidence."""

from datetime import timedelta

import pytest

from batch.planner import Schedule
from batch.queue import Claim, QueueLink, Totals, claim_job, finish_job
from batch.rest import Rest, plan_rest, read_rest, replan_night, store_forecast
from batch.states import Act
from batch.watch import watch_night
from tests.batch.nights import OPERATOR, Queue, make_job
from yoriai.clock import now
from yoriai.errors import Conflict


def _claim(link: QueueLink) -> Claim:
    with link.transaction() as connection:
        claim = claim_job(connection, "w", 30)
    assert claim is not None
    return claim


def test_a_deadline_that_will_be_missed_is_seen_long_before(link: QueueLink, queue: Queue) -> None:
    due = now() + timedelta(minutes=30)
    slow = {"estimate_ms": 1_200_000, "deadline_at": due}
    night = queue.open(make_job("a", **slow), make_job("b", "a", **slow), make_job("free", cpu=2))
    _claim(link)
    with link.transaction() as connection:
        forecast = store_forecast(connection, read_rest(connection, night))
        alerts = watch_night(connection, night)
    assert list(forecast.missed) == [str(queue.job_id("b"))]
    assert [(alert.kind, alert.severity) for alert in alerts] == [("forecast", "critical")]
    expected, deadline = queue.one("SELECT expected_end, deadline_at FROM batch_job WHERE job_name = 'b'")
    assert expected > deadline  # type: ignore[operator]
    kept = queue.one("SELECT forecast->'missed' FROM batch_night")[0]
    assert kept == [queue.job_id("b")]


def test_what_is_stuck_behind_a_failure_is_expected_at_no_time(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"), make_job("b", "a"), make_job("held", is_held=True), make_job("free"))
    claim = _claim(link)
    with link.transaction() as connection:
        finish_job(connection, claim, Act.FAIL, Totals(), worker="w")
        forecast = store_forecast(connection, read_rest(connection, night))
    assert set(forecast.stuck) == {str(queue.job_id(name)) for name in ("a", "b", "held")}
    assert queue.one("SELECT count(expected_end) FROM batch_job") == (1,)


def test_the_rest_is_planned_anew_around_what_runs(link: QueueLink, queue: Queue) -> None:
    night = queue.open(
        make_job("runs", cpu=2, estimate_ms=600_000),
        make_job("big", cpu=2, start=5_000, estimate_ms=60_000),
        make_job("late", "big", start=90_000, estimate_ms=60_000),
        cpu=3,
    )
    _claim(link)
    before = queue.one("SELECT planned_start FROM batch_job WHERE job_name = 'runs'")
    with link.transaction() as connection:
        detail = replan_night(connection, night, by=OPERATOR, reason="電源工事の延期")
    assert detail["moved"] == 2
    assert queue.one("SELECT planned_start FROM batch_job WHERE job_name = 'runs'") == before
    big, late = (
        queue.one("SELECT planned_start, planned_end FROM batch_job WHERE job_name = %s", name)
        for name in ("big", "late")
    )
    started = queue.one("SELECT started_at FROM batch_job WHERE job_name = 'runs'")[0]
    assert big[0] >= started + timedelta(minutes=9)  # type: ignore[operator]
    assert late[0] == big[1]
    kept = "SELECT made_by, reason, plan_no FROM batch_plan ORDER BY plan_no DESC"
    assert queue.one(kept) == ("operator", "電源工事の延期", 2), "the first is the plan that was confirmed"
    query = "SELECT staff, reason FROM audit_event WHERE action = 'batch.night.replanned' ORDER BY seq DESC"
    assert queue.one(query) == ("operator", "電源工事の延期")


def test_a_night_that_does_not_run_is_not_planned_anew(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"))
    with link.transaction() as connection:
        finish_job(connection, _claim(link), Act.SUCCEED, Totals(), worker="w")
    with pytest.raises(Conflict, match="実行中"), link.transaction() as connection:
        replan_night(connection, night, by=OPERATOR, reason="")


def test_the_night_goes_on_while_its_rest_is_planned(
    dsn: str, link: QueueLink, queue: Queue, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = queue.open(make_job("a", start=100), make_job("b", start=200), make_job("c", start=300))
    other = QueueLink(dsn)

    def plan_while_a_job_starts(rest: Rest) -> Schedule:
        assert _claim(other).job_name == "a"
        return plan_rest(rest)

    monkeypatch.setattr("batch.rest.plan_rest", plan_while_a_job_starts)
    planned = "SELECT planned_start FROM batch_job WHERE job_name = 'a'"
    before = queue.one(planned)
    with link.transaction() as connection:
        assert replan_night(connection, night, by=OPERATOR, reason="進みすぎ")["moved"] == 2
    assert queue.one(planned) == before, "what has begun keeps its place"
    other.close()
