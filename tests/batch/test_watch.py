"""遅延監視: told once per cause, cleared when it passes, escalated when nobody sees to it."""

from dataclasses import replace
from datetime import timedelta

from batch.queue import QueueLink, Totals, claim_job, finish_job
from batch.queue.notices import acknowledge_alert
from batch.queue.reruns import rerun_job
from batch.states import Act, Rerun
from batch.watch import Alert, Watched, WatchedJob, blocked_by, find_alerts, watch_night
from tests.batch.nights import OPERATOR, Queue, make_job
from yoriai.clock import now

NOW = now()
JOB = WatchedJob(
    id=1,
    municipality_code="342157",
    label="賦課計算",
    status="ready",
    planned_start=NOW + timedelta(minutes=5),
    start_by=None,
    end_by=None,
    max_ms=None,
    high_ms=None,
    started_at=None,
    deadline_at=NOW + timedelta(hours=1),
    expected_end=NOW + timedelta(minutes=30),
    message="",
)
EARLIER, LATER = NOW - timedelta(minutes=1), NOW + timedelta(minutes=1)


def _kinds(*jobs: WatchedJob, **options: object) -> list[tuple[str, int]]:
    return [(alert.kind, alert.job_id) for alert in find_alerts(Watched(jobs, NOW, **options))]


def test_a_night_in_time_raises_nothing() -> None:
    assert _kinds(JOB, replace(JOB, id=2, status="running", started_at=EARLIER, start_by=EARLIER, end_by=LATER)) == []


def test_late_starts_and_ends_are_told_by_their_own_clocks() -> None:
    assert _kinds(replace(JOB, start_by=EARLIER)) == [("late_start", 1)]
    assert _kinds(replace(JOB, status="running", started_at=EARLIER, end_by=EARLIER)) == [("late_end", 1)]
    assert _kinds(replace(JOB, status="held", planned_start=EARLIER)) == [("held", 1)]
    assert _kinds(replace(JOB, planned_start=EARLIER, awaited=("全銀ファイル",))) == [("outside", 1)]


def test_a_run_is_long_by_its_limit_or_by_its_own_past() -> None:
    running = replace(JOB, status="running", started_at=NOW - timedelta(minutes=10))
    assert _kinds(replace(running, max_ms=300_000)) == [("long", 1)]
    assert _kinds(replace(running, high_ms=200_000)) == [("long", 1)]
    assert _kinds(replace(running, high_ms=400_000, max_ms=900_000)) == []
    assert _kinds(replace(running, started_at=NOW - timedelta(seconds=40), high_ms=1_000)) == []


def test_what_only_waits_for_a_stopped_job_is_counted_and_not_told() -> None:
    failed = replace(JOB, status="failed", message="納期が設定されていません。")
    waiting = [replace(JOB, id=number, status="waiting", start_by=EARLIER, end_by=EARLIER) for number in range(2, 302)]
    blocked = blocked_by([(number - 1, number) for number in range(2, 302)], [1])
    (alert,) = find_alerts(Watched([failed, *waiting], NOW, blocked=blocked))
    assert (alert.kind, alert.affected, alert.severity) == ("stopped", 300, "critical")
    assert "300ジョブ" in alert.message
    assert "納期" in alert.message


def test_a_deadline_that_will_be_missed_is_told_per_municipality_and_once_when_many_miss_it() -> None:
    late = replace(JOB, expected_end=NOW + timedelta(hours=2))
    assert _kinds(late, replace(late, id=2)) == [("forecast", 1)]
    many = [replace(late, id=number, municipality_code=str(number)) for number in range(1, 50)]
    (alert,) = find_alerts(Watched(many, NOW))
    assert alert == Alert("forecast", 0, "", "critical", alert.message, 49)


def test_what_many_municipalities_wait_for_is_told_once() -> None:
    waiting = replace(JOB, planned_start=EARLIER, awaited=("住基ネットの配信",))
    few = [replace(waiting, id=number, municipality_code=str(number)) for number in range(1, 4)]
    assert [alert.job_id for alert in find_alerts(Watched(few, NOW))] == [1, 2, 3]
    many = [replace(waiting, id=number, municipality_code=str(number)) for number in range(1, 1742)]
    (alert,) = find_alerts(Watched(many, NOW))
    assert (alert.job_id, alert.affected, alert.severity) == (0, 1741, "warning")
    assert "住基ネットの配信" in alert.message


def test_the_counters_precedence_is_told() -> None:
    assert _kinds(pace=0) == _kinds(pace=50) == [("slow_counters", 0)]


def test_alerts_are_kept_cleared_and_escalated(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"), make_job("b", "a"), make_job("c", "b"))
    with link.transaction() as connection:
        claim = claim_job(connection, "w", 30)
        assert claim is not None
        finish_job(connection, claim, Act.FAIL, Totals(), worker="w", message="壊れた")
        (alert,) = watch_night(connection, night)
        watch_night(connection, night)
    assert (alert.kind, alert.affected) == ("stopped", 2)
    assert queue.one("SELECT count(*), count(cleared_at), count(escalated_at) FROM batch_alert") == (1, 0, 0)
    queue.change("UPDATE batch_alert SET raised_at = raised_at - interval '11 minutes'")
    with link.transaction() as connection:
        watch_night(connection, night)
    assert queue.one("SELECT count(escalated_at) FROM batch_alert") == (1,)
    with link.transaction() as connection:
        acknowledge_alert(connection, 1, by=OPERATOR, note="対応中")
        rerun_job(connection, claim.id, Rerun.FAILED, by=OPERATOR)
        assert watch_night(connection, night) == []
    assert queue.one("SELECT count(cleared_at), max(note) FROM batch_alert") == (1, "対応中")
