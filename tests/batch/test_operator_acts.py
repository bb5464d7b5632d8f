"""What operators do: each act where the table allows it, logged, audited, undone by nobody's late word."""

from datetime import timedelta

import pytest

from batch.queue import Claim, QueueLink, Totals, claim_job, finish_job
from batch.queue.acts import act_on_job, allowed_acts, change_tonight
from batch.queue.notices import acknowledge_alert, note_arrival
from batch.queue.requests import ask_force, decide_force
from batch.queue.reruns import rerun_job
from batch.states import Act, Rerun, Status
from tests.batch.nights import BUSINESS_DATE, OPERATOR, Queue, make_job
from yoriai.audit import Principal
from yoriai.clock import now
from yoriai.errors import Conflict, Forbidden, Invalid, NotFound

CHIEF = Principal("chief", "運用 花子")


def _claim(link: QueueLink) -> Claim:
    with link.transaction() as connection:
        claim = claim_job(connection, "w", 30)
    assert claim is not None
    return claim


def _end(link: QueueLink, claim: Claim, act: Act = Act.SUCCEED) -> bool:
    with link.transaction() as connection:
        return finish_job(connection, claim, act, Totals(1, 2, 3), worker="w", message="理由")


def _run_all(link: QueueLink, ends: dict[str, Act]) -> list[str]:
    """Run what can run, each job to the end that is asked for; the names in their order."""
    ran = []
    while True:
        with link.transaction() as connection:
            claim = claim_job(connection, "w", 30)
        if claim is None:
            return ran
        ran.append(claim.job_name)
        _end(link, claim, ends.get(claim.job_name, Act.SUCCEED))


def _act(link: QueueLink, queue: Queue, name: str, act: Act) -> Status:
    with link.transaction() as connection:
        return act_on_job(connection, queue.job_id(name), act, by=OPERATOR, reason="試験")


def _rerun(link: QueueLink, queue: Queue, name: str, way: Rerun) -> int:
    with link.transaction() as connection:
        return len(rerun_job(connection, queue.job_id(name), way, by=OPERATOR, reason="やり直し"))


def _failed_chain(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b", "a"), make_job("c", "b"), make_job("d", "c"))
    assert _run_all(link, {"a": Act.WARN, "b": Act.FAIL}) == ["a", "b"]
    assert queue.statuses() == {"a": "warned", "b": "failed", "c": "waiting", "d": "waiting"}


def test_rerun_from_the_failed_job_goes_on_with_its_own_key_and_what_follows(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    key = queue.one("SELECT run_key FROM batch_job WHERE job_name = 'b'")
    assert _rerun(link, queue, "b", Rerun.FAILED) == 1
    assert queue.one("SELECT run_key FROM batch_job WHERE job_name = 'b'") == key
    assert _run_all(link, {}) == ["b", "c", "d"]


def test_rerun_from_the_top_does_the_whole_net_anew_under_new_keys(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    assert _rerun(link, queue, "d" if queue.statuses()["d"] != "waiting" else "b", Rerun.TOP) == 2
    assert queue.statuses() == {"a": "ready", "b": "waiting", "c": "waiting", "d": "waiting"}
    assert str(queue.one("SELECT run_key FROM batch_job WHERE job_name = 'a'")[0]).endswith("+1")
    assert _run_all(link, {}) == ["a", "b", "c", "d"]
    assert _rerun(link, queue, "a", Rerun.TOP) == 4
    assert str(queue.one("SELECT run_key FROM batch_job WHERE job_name = 'a'")[0]).endswith("+2")
    assert _run_all(link, {}) == ["a", "b", "c", "d"]


def test_rerun_after_the_failed_job_leaves_it_out(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    _rerun(link, queue, "b", Rerun.AFTER)
    assert queue.statuses()["b"] == "skipped"
    assert _run_all(link, {}) == ["c", "d"]


def test_rerun_of_one_job_only_holds_what_waits_for_it(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    assert _rerun(link, queue, "b", Rerun.ONLY) == 1
    assert _run_all(link, {}) == ["b"]
    assert queue.statuses() == {"a": "warned", "b": "succeeded", "c": "held", "d": "waiting"}
    _act(link, queue, "c", Act.RELEASE)
    assert _run_all(link, {}) == ["c", "d"]


def test_rerun_of_the_warned_jobs_only(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"), make_job("c", "a", "b"))
    _run_all(link, {"b": Act.WARN})
    assert _rerun(link, queue, "c", Rerun.WARNED) == 1
    assert _run_all(link, {}) == ["b"]
    with pytest.raises(Conflict, match="ありません"):
        _rerun(link, queue, "c", Rerun.WARNED)


def test_nothing_is_run_again_over_a_job_that_runs(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"), make_job("c", "a"))
    claim = _claim(link)
    _end(link, _claim(link))
    with pytest.raises(Conflict, match="終わってから"):
        _rerun(link, queue, "b", Rerun.TOP)
    _end(link, claim, Act.FAIL)
    with pytest.raises(Conflict, match="正常"):
        _rerun(link, queue, "b", Rerun.FAILED)


@pytest.mark.parametrize(
    ("act", "status", "then"),
    [(Act.SKIP, "skipped", "ready"), (Act.SKIP_WARNED, "warned", "ready"), (Act.SKIP_FAILED, "failed", "waiting")],
)
def test_a_job_is_skipped_with_the_result_chosen(
    link: QueueLink, queue: Queue, act: Act, status: str, then: str
) -> None:
    queue.open(make_job("a"), make_job("b", "a"), make_job("other"))
    _act(link, queue, "a", act)
    assert queue.statuses() == {"a": status, "b": then, "other": "ready"}


def test_a_killed_jobs_worker_has_the_last_word_no_more(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"))
    claim = _claim(link)
    assert _act(link, queue, "a", Act.KILL) is Status.KILLED
    assert not _end(link, claim)
    assert queue.statuses()["a"] == "killed"


def test_start_now_ignores_the_clock_and_the_plan_but_not_the_predecessors(link: QueueLink, queue: Queue) -> None:
    tomorrow = now() + timedelta(days=1)
    queue.open(make_job("first"), make_job("late", not_before=tomorrow, start=90_000), make_job("after", "first"))
    assert _act(link, queue, "late", Act.START_NOW) is Status.READY
    assert _act(link, queue, "after", Act.START_NOW) is Status.WAITING
    assert {_claim(link).job_name, _claim(link).job_name} == {"first", "late"}


def test_a_change_for_tonight_moves_start_deadline_and_priority(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"))
    start = now() + timedelta(hours=2)
    job = queue.job_id("a")
    with link.transaction() as connection:
        change_tonight(connection, job, start=start, priority=1, by=OPERATOR, reason="用紙待ち")
    moved = "SELECT not_before, planned_start, priority, is_changed FROM batch_job WHERE id = %s"
    assert queue.one(moved, job) == (start, start, 1, True)
    assert _claim(link).job_name == "b"
    with pytest.raises(Invalid, match="入力"), link.transaction() as connection:
        change_tonight(connection, job, deadline=start - timedelta(hours=1), by=OPERATOR)
    with pytest.raises(Conflict), link.transaction() as connection:
        change_tonight(connection, queue.job_id("b"), priority=1, by=OPERATOR)


def test_forcing_normal_takes_two_people_and_a_reason(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    job = queue.job_id("b")
    with pytest.raises(Invalid), link.transaction() as connection:
        ask_force(connection, job, by=OPERATOR, reason=" ")
    with link.transaction() as connection:
        request = ask_force(connection, job, by=OPERATOR, reason="手作業で確認済み")
    with pytest.raises(Conflict), link.transaction() as connection:
        ask_force(connection, job, by=CHIEF, reason="二重")
    with pytest.raises(Forbidden), link.transaction() as connection:
        decide_force(connection, request, approve=True, by=OPERATOR)
    assert queue.statuses()["b"] == "failed"
    with link.transaction() as connection:
        assert decide_force(connection, request, approve=True, by=CHIEF) is Status.SUCCEEDED
    assert queue.one("SELECT is_forced FROM batch_job WHERE id = %s", job) == (True,)
    assert _run_all(link, {}) == ["c", "d"]
    with pytest.raises(Conflict), link.transaction() as connection:
        decide_force(connection, request, approve=False, by=CHIEF, reason="遅い")


def test_a_refused_request_changes_nothing(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    with link.transaction() as connection:
        request = ask_force(connection, queue.job_id("b"), by=OPERATOR, reason="確認済み")
        assert decide_force(connection, request, approve=False, by=CHIEF, reason="件数が合わない") is Status.FAILED
    assert queue.statuses()["c"] == "waiting"


def test_what_is_offered_is_what_the_table_allows(link: QueueLink, queue: Queue) -> None:
    _failed_chain(link, queue)
    with link.transaction() as connection:
        offered = allowed_acts(connection, queue.job_id("b"))
        waiting = allowed_acts(connection, queue.job_id("c"))
    assert {Rerun.TOP, Rerun.ONLY, Rerun.FAILED, Rerun.AFTER, Act.FORCE, Act.SKIP} <= set(offered)
    assert Act.HOLD not in offered
    assert {Act.HOLD, Act.SKIP, Act.SKIP_FAILED, Act.CHANGE} <= set(waiting)
    assert Act.KILL not in waiting
    with pytest.raises(NotFound), link.transaction() as connection:
        allowed_acts(connection, 0)


def test_an_outside_event_is_waited_for(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("bank", waits_for=("全銀ファイル",)), make_job("free"))
    assert _claim(link).job_name == "free"
    with link.transaction() as connection:
        assert claim_job(connection, "w", 30) is None
        note_arrival(connection, BUSINESS_DATE, "342157", "全銀ファイル", by=OPERATOR)
        note_arrival(connection, BUSINESS_DATE, "342157", "全銀ファイル", by=OPERATOR)
    assert _claim(link).job_name == "bank"
    with pytest.raises(Invalid, match="入力"), link.transaction() as connection:
        note_arrival(connection, BUSINESS_DATE, "342157", "別のファイル", by=OPERATOR)


def test_every_act_of_a_person_is_in_the_audit_chain(link: QueueLink, queue: Queue) -> None:
    before = _audited(link)
    queue.open(make_job("a"), make_job("b", "a"))
    _act(link, queue, "a", Act.HOLD)
    _act(link, queue, "a", Act.RELEASE)
    _run_all(link, {"a": Act.FAIL})
    _rerun(link, queue, "a", Rerun.FAILED)
    queue.change(
        "INSERT INTO batch_alert (night_key, kind, job_id, municipality_code, severity, message)"
        " VALUES ('n', 'stopped', 1, '', 'critical', 'x')"
    )
    with link.transaction() as connection:
        row = connection.execute("SELECT id FROM batch_alert").fetchone()
        assert row is not None
        acknowledge_alert(connection, row[0], by=CHIEF, note="対応中")
    found = _audited(link)[len(before) :]
    assert [item[0] for item in found] == [
        "batch.hold",
        "batch.release",
        "batch.rerun.failed",
        "batch.alert.acknowledged",
    ]
    assert found[0][1:] == ("operator", "試験")
    with pytest.raises(Conflict), link.transaction() as connection:
        acknowledge_alert(connection, row[0], by=OPERATOR, note="二重")


def _audited(link: QueueLink) -> list[tuple[str, str, str]]:
    with link.transaction() as connection:
        query = "SELECT action, staff, reason FROM audit_event WHERE action LIKE 'batch.%%' ORDER BY seq"
        return connection.execute(query.replace("%%", "%").encode()).fetchall()
