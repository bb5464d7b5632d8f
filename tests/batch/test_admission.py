"""A job starts only where everything allows it: capacity now and while it runs, blackouts, limits, the machine's measured use."""

from datetime import timedelta

import pytest

from batch.queue import QueueLink, claim_job
from batch.queue.admission import CounterState, counter_state, read_night
from tests.batch.nights import Queue, make_job
from yoriai.clock import now

LOAD = "INSERT INTO counter_load (process, at, p95_us, requests, quiet_us) VALUES ('web', clock_timestamp(), %s, %s, 10000)"
USE = """
INSERT INTO batch_use (night_key, at, running, reserved_cpu, reserved_io, reserved_connections, worker_cpu_millicores,
  database_cpu_millicores, database_connections) VALUES (%s, clock_timestamp(), 1, 1, 1, 1, %s, 500, 3)
"""


def _names(link: QueueLink) -> list[str]:
    """Everything that may start now."""
    names = []
    while True:
        with link.transaction() as connection:
            claim = claim_job(connection, "w", 30)
        if claim is None:
            return names
        names.append(claim.job_name)


def _other(name: str, **options: object) -> object:
    return make_job(name, municipality_code="343684", **options)


def test_one_municipality_cannot_take_the_whole_machine(link: QueueLink, queue: Queue) -> None:
    queue.open(*(make_job(f"own{n}") for n in range(4)), _other("other", start=60), municipality_limit=2)
    assert _names(link) == ["own0", "own1", "other"]


def test_a_class_of_jobs_is_limited_over_all_municipalities(link: QueueLink, queue: Queue) -> None:
    jobs = [make_job("p1", job_class="print"), _other("p2", job_class="print", start=1), make_job("calc", start=2)]
    queue.open(*jobs, class_limits={"print": 1})
    assert _names(link) == ["p1", "calc"]


def test_a_job_must_fit_the_capacity_that_comes_while_it_runs(link: QueueLink, queue: Queue) -> None:
    soon = (now() + timedelta(minutes=5)).isoformat()
    steps = [{"at": soon, "capacity": {"cpu": 1}}]
    queue.open(make_job("long", cpu=2, estimate_ms=600_000), make_job("short", cpu=2, estimate_ms=60_000), steps=steps)
    assert _names(link) == ["short"]


def test_a_step_that_has_begun_is_the_capacity(link: QueueLink, queue: Queue) -> None:
    steps = [
        {"at": (now() - timedelta(hours=2)).isoformat(), "capacity": {"cpu": 1}},
        {"at": (now() - timedelta(hours=1)).isoformat(), "capacity": {"cpu": 3}},
    ]
    queue.open(*(make_job(f"j{n}") for n in range(5)), cpu=4, steps=steps)
    assert len(_names(link)) == 3


@pytest.mark.parametrize(("code", "started"), [("", ["short"]), ("342157", ["other", "short"])])
def test_nothing_starts_that_would_run_into_a_blackout(
    link: QueueLink, queue: Queue, code: str, started: list[str]
) -> None:
    start, end = now() + timedelta(minutes=2), now() + timedelta(minutes=30)
    blackout = {"start": start.isoformat(), "end": end.isoformat(), "municipality_code": code, "reason": "バックアップ"}
    jobs = [
        make_job("long", estimate_ms=600_000),
        _other("other", estimate_ms=600_000, start=1),
        make_job("short", estimate_ms=1_000, start=2),
    ]
    queue.open(*jobs, blackouts=[blackout])
    assert _names(link) == started


def test_a_full_machine_starts_nothing_more_but_never_stands_still(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"), make_job("b"), use_limits={"cpu_millicores": 2000})
    queue.change(USE, night, 1600)
    assert _names(link) == ["a"], "nothing ran: one must be able to"
    queue.change(USE, night, 1400)
    assert _names(link) == ["b"]


def test_the_counters_are_compared_with_themselves_while_nothing_ran(link: QueueLink, queue: Queue) -> None:
    night = queue.open(make_job("a"), limit_ms=300)

    def state(p95_us: int, requests: int) -> CounterState:
        queue.change("DELETE FROM counter_load")
        queue.change(LOAD, p95_us, requests)
        with link.transaction() as connection:
            known = read_night(connection, night)
            assert known is not None
            return counter_state(connection, known)

    assert state(10_500, 100) is CounterState.CALM
    assert state(12_500, 100) is CounterState.SLOW
    assert state(15_000, 100) is CounterState.OVERLOADED
    assert state(15_000, 3) is CounterState.CALM, "three requests say nothing"
    assert state(700_000, 3) is CounterState.OVERLOADED, "but the stated limit holds for one as well"


def test_beside_busy_counters_a_night_begins_with_one_job(link: QueueLink, queue: Queue) -> None:
    queue.change(LOAD, 10_000, 100)
    queue.open(make_job("a"), make_job("b"), limit_ms=300)
    assert _names(link) == ["a"]
    queue.change("UPDATE batch_night SET jobs_beside_counters = 2")
    assert _names(link) == ["b"]


def test_where_nobody_is_at_the_counters_nothing_waits_for_them(link: QueueLink, queue: Queue) -> None:
    queue.change(LOAD, 10_000, 3)
    queue.open(make_job("a"), make_job("b"), limit_ms=300)
    assert _names(link) == ["a", "b"]
