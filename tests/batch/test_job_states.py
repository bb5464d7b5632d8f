"""The table of transitions: what may happen to a job, and nothing else."""

import itertools

import pytest

from batch.states import DONE, ENDED, STOPPED, TRANSITIONS, Act, JobFacts, Status, may, next_status, sources_of
from yoriai.errors import Conflict


def test_each_act_has_one_outcome_for_each_state_and_facts() -> None:
    for act, status, left, attempts in itertools.product(Act, Status, (0, 1), (0, 3)):
        facts = JobFacts(status, predecessors_left=left, attempts=attempts, max_attempts=3)
        fitting = [move for move in TRANSITIONS if move.act == act and status in move.sources and move.guard(facts)]
        assert len(fitting) <= 1


def test_a_job_starts_only_from_ready() -> None:
    assert sources_of(Act.CLAIM, Status.RUNNING) == [Status.READY]
    assert {move.act for move in TRANSITIONS if move.target is Status.RUNNING} == {Act.CLAIM}


def test_a_job_that_ended_well_stays_so_unless_an_operator_runs_it_again() -> None:
    leaving = {(move.act, source) for move in TRANSITIONS for source in move.sources if source in DONE}
    assert leaving == {(Act.RERUN, source) for source in DONE}


def test_only_a_stopped_job_can_be_declared_done() -> None:
    assert {source for source in Status if may(Act.FORCE, JobFacts(source))} == STOPPED


def test_a_job_whose_worker_died_is_tried_again_until_the_last_attempt() -> None:
    assert next_status(Act.RETRY, JobFacts(Status.RUNNING, attempts=2, max_attempts=3)) is Status.READY
    assert next_status(Act.RETRY, JobFacts(Status.RUNNING, attempts=3, max_attempts=3)) is Status.FAILED


@pytest.mark.parametrize("act", [Act.OPEN, Act.RELEASE, Act.RERUN])
def test_a_job_with_open_predecessors_waits(act: Act) -> None:
    source = next(source for move in TRANSITIONS if move.act is act for source in sorted(move.sources))
    assert next_status(act, JobFacts(source, predecessors_left=1)) is Status.WAITING
    assert next_status(act, JobFacts(source, predecessors_left=0)) is Status.READY


def test_a_refused_act_says_why_in_japanese() -> None:
    with pytest.raises(Conflict, match="正常"):
        next_status(Act.HOLD, JobFacts(Status.SUCCEEDED))


def test_every_state_has_a_word_and_ends_are_either_good_or_bad() -> None:
    assert len({status.label for status in Status}) == len(Status)
    assert ENDED == DONE | STOPPED
    assert not DONE & STOPPED
