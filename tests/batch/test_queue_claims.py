"""Claim, renew, finish, reap: the capacity holds, a dead worker's job is taken up, a woken one counts no more."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from batch.queue import (
    Claim,
    QueueLink,
    Totals,
    claim_job,
    find_night,
    finish_job,
    is_night_running,
    renew_lease,
    return_job,
)
from batch.queue.acts import act_on_job
from batch.queue.reruns import rerun_job
from batch.states import Act, Rerun
from batch.use import measured_use
from tests.batch.nights import OPERATOR, Queue, make_job
from yoriai.clock import now
from yoriai.errors import Conflict

LEASE = 30


def _claim(link: QueueLink, worker: str = "w") -> Claim | None:
    with link.transaction() as connection:
        return claim_job(connection, worker, LEASE)


def _must_claim(link: QueueLink, worker: str = "w") -> Claim:
    claim = _claim(link, worker)
    assert claim is not None
    return claim


def _finish(link: QueueLink, claim: Claim, act: Act = Act.SUCCEED) -> bool:
    with link.transaction() as connection:
        return finish_job(connection, claim, act, Totals(1, 2, 3), worker="w")


def test_jobs_are_claimed_in_plan_order_as_far_as_they_fit(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("late", start=9), make_job("early", cpu=2), make_job("large", cpu=3, start=5), cpu=3)
    assert [_must_claim(link).job_name, _must_claim(link).job_name] == ["early", "late"]
    assert _claim(link) is None


def test_a_large_job_that_is_overdue_is_not_overtaken_for_ever(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("first", start=-100), make_job("large", cpu=2, start=-60), make_job("small", start=0), cpu=2)
    first = _must_claim(link)
    assert _claim(link) is None
    _finish(link, first)
    assert _must_claim(link).job_name == "large"


def test_a_job_starts_when_all_its_predecessors_are_done(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"), make_job("c", "a", "b"), make_job("d", "c"))
    a, b = _must_claim(link), _must_claim(link)
    assert queue.statuses() == {"a": "running", "b": "running", "c": "waiting", "d": "waiting"}
    assert _finish(link, a)
    assert _claim(link) is None
    assert _finish(link, b, Act.WARN)
    assert _must_claim(link).job_name == "c"


def test_successors_of_a_failed_job_wait_and_the_night_ends(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"), make_job("b", "a"), make_job("free"))
    _finish(link, _must_claim(link), Act.FAIL)
    _finish(link, _must_claim(link))
    assert queue.statuses() == {"a": "failed", "b": "waiting", "free": "succeeded"}
    with link.transaction() as connection:
        row = connection.execute("SELECT status FROM batch_night WHERE night_key = %s", (night,)).fetchone()
    assert row == ("ended",)


def test_a_job_before_its_time_is_not_started(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("later", not_before=now() + timedelta(hours=1)))
    assert _claim(link) is None


def test_a_dead_workers_job_is_taken_up_and_its_word_counts_no_more(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b", "a"))
    dead = _must_claim(link, "dead")
    queue.change("UPDATE batch_job SET lease_until = clock_timestamp() - interval '1 second' WHERE status = 'running'")
    alive = _must_claim(link, "alive")
    assert (alive.id, alive.fence, alive.attempts) == (dead.id, dead.fence + 1, 2)
    with link.transaction() as connection:
        assert not renew_lease(connection, dead, LEASE, done=1, total=2).holds
    assert not _finish(link, dead)
    with link.transaction() as connection:
        assert not return_job(connection, dead, Act.GIVE_BACK, worker="dead")
    assert queue.statuses() == {"a": "running", "b": "waiting"}
    assert _finish(link, alive)


def test_a_job_that_kills_its_workers_is_given_up(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("poison", max_attempts=2))
    for _ in range(2):
        _must_claim(link)
        queue.change(
            "UPDATE batch_job SET lease_until = clock_timestamp() - interval '1 second' WHERE status = 'running'"
        )
    assert _claim(link) is None
    assert queue.statuses() == {"poison": "failed"}


def test_a_stopping_workers_attempt_does_not_count(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"))
    claim = _must_claim(link)
    with link.transaction() as connection:
        assert return_job(connection, claim, Act.GIVE_BACK, worker="w")
    assert _must_claim(link).attempts == 1


def test_a_job_past_its_deadline_is_cut_off(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("slow", deadline_at=now() - timedelta(seconds=1)))
    assert _must_claim(link).job_name == "a"
    assert queue.statuses()["slow"] == "cutoff"


def test_the_batch_steps_back_while_the_counters_are_slow(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b"), make_job("c"), limit_ms=100)
    report = "INSERT INTO counter_load (process, at, p95_us, requests) VALUES ('web', clock_timestamp(), %s, 9)"
    queue.change(report, 150_000)
    claim = _must_claim(link)
    assert _claim(link) is None, "slow: one at a time"
    _finish(link, claim)
    queue.change("UPDATE counter_load SET p95_us = 250000")
    assert _claim(link) is None, "overloaded: none"
    queue.change("UPDATE counter_load SET at = clock_timestamp() - interval '1 minute'")
    assert [_must_claim(link).job_name, _must_claim(link).job_name] == ["b", "c"]


def test_many_workers_never_overdraw_the_capacity_or_take_a_job_twice(dsn: str, link: QueueLink, queue: Queue) -> None:
    jobs = [make_job(f"j{number}", *_before(number), cpu=number % 3 + 1) for number in range(60)]
    night = queue.open(*jobs, cpu=4)
    seen: list[str] = []

    def work(number: int) -> None:
        own = QueueLink(dsn)
        while _is_open(own):
            if claim := _claim(own, f"w{number}"):
                seen.append(claim.job_name)
                time.sleep(0.001 * (claim.id * 7 % 10))
                assert _finish(own, claim)
        own.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(8)))
    assert sorted(seen) == sorted(job.job_name for job in jobs)
    with link.transaction() as connection:
        use = measured_use(connection, night)
    assert use["reserved_peak"]["cpu"] == 4
    assert use["running_peak"] <= 4


def _before(number: int) -> tuple[str, ...]:
    return (f"j{number - 10}",) if number >= 10 else ()


def _is_open(link: QueueLink) -> bool:
    with link.transaction() as connection:
        return is_night_running(connection)


def test_without_staggering_the_capacity_does_not_hold_anybody(link: QueueLink, queue: Queue) -> None:
    night = queue.open(*(make_job(f"j{number}") for number in range(6)), cpu=1, staggered=False)
    assert all(_claim(link) for _ in range(6))
    with link.transaction() as connection:
        assert measured_use(connection, night)["reserved_peak"]["cpu"] == 6


def test_a_business_date_runs_once_unless_it_is_a_rerun(link: QueueLink, queue: Queue) -> None:
    first = queue.open()
    with link.transaction() as connection:
        row = connection.execute("SELECT business_date FROM batch_night").fetchone()
        assert row is not None
        assert find_night(connection, row[0]) == first
    second = queue.open()
    assert (first, second) == ("2026-06-01", "2026-06-01#1")


def test_a_second_night_cannot_open_beside_a_running_one(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"))
    with pytest.raises(Conflict, match="実行中"):
        queue.open(make_job("a"))


def test_an_operator_holds_releases_skips_and_reruns(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b", "a"))

    def act(job: int, what: Act) -> str:
        with link.transaction() as connection:
            return act_on_job(connection, job, what, by=OPERATOR, reason="試験").value

    assert act(1, Act.HOLD) == "held"
    assert _claim(link) is None
    assert act(1, Act.RELEASE) == "ready"
    _finish(link, _must_claim(link), Act.FAIL)
    with link.transaction() as connection:
        assert rerun_job(connection, 1, Rerun.FAILED, by=OPERATOR) == [1]
    claim = _must_claim(link)
    assert act(1, Act.KILL) == "killed"
    assert not _finish(link, claim)
    assert act(1, Act.SKIP) == "skipped"
    assert _must_claim(link).job_name == "b"
    with pytest.raises(Conflict):
        act(2, Act.HOLD)


def test_every_change_is_in_the_log(link: QueueLink, queue: Queue) -> None:
    queue.open(make_job("a"), make_job("b", "a"))
    _finish(link, _must_claim(link))
    with link.transaction() as connection:
        rows = connection.execute("SELECT job_id, act, from_status, to_status FROM batch_event ORDER BY id").fetchall()
    assert set(rows[:2]) == {(1, "open", "planned", "ready"), (2, "open", "planned", "waiting")}
    assert rows[2:] == [
        (1, "claim", "ready", "running"),
        (1, "succeed", "running", "succeeded"),
        (2, "free", "waiting", "ready"),
    ]
