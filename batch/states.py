"""The states of a job and the one table of what may happen to it: no status changes but through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from yoriai.errors import Conflict


class Status(StrEnum):
    """Where a job stands."""

    PLANNED = "planned"
    WAITING = "waiting"
    READY = "ready"
    HELD = "held"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    WARNED = "warned"
    FAILED = "failed"
    CUTOFF = "cutoff"
    KILLED = "killed"
    SKIPPED = "skipped"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return _LABELS[self]


_LABELS: Mapping[Status, str] = {
    Status.PLANNED: "計画済",
    Status.WAITING: "先行待",
    Status.READY: "資源待",
    Status.HELD: "保留",
    Status.RUNNING: "実行中",
    Status.SUCCEEDED: "正常",
    Status.WARNED: "警告",
    Status.FAILED: "異常",
    Status.CUTOFF: "打切",
    Status.KILLED: "強制終了",
    Status.SKIPPED: "スキップ",
}
DONE = frozenset({Status.SUCCEEDED, Status.WARNED, Status.SKIPPED})
"""A successor may start after these."""
STOPPED = frozenset({Status.FAILED, Status.CUTOFF, Status.KILLED})
"""Ended, and successors go on waiting."""
ENDED = DONE | STOPPED


class Act(StrEnum):
    """What happens to a job."""

    OPEN = "open"
    FREE = "free"
    CLAIM = "claim"
    SUCCEED = "succeed"
    WARN = "warn"
    FAIL = "fail"
    GIVE_BACK = "give_back"
    RETRY = "retry"
    HOLD = "hold"
    RELEASE = "release"
    SKIP = "skip"
    KILL = "kill"
    CUT_OFF = "cut_off"
    RERUN = "rerun"


@dataclass(frozen=True)
class JobFacts:
    """What the guards look at."""

    status: Status
    predecessors_left: int = 0
    attempts: int = 0
    max_attempts: int = 1


Guard = Callable[[JobFacts], bool]


@dataclass(frozen=True)
class Transition:
    """An act leads from any of the sources to the target, if the guard lets it."""

    act: Act
    sources: frozenset[Status]
    target: Status
    guard: Guard


def _always(_: JobFacts) -> bool:
    return True


def _predecessors_done(facts: JobFacts) -> bool:
    return facts.predecessors_left == 0


def _predecessors_open(facts: JobFacts) -> bool:
    return facts.predecessors_left > 0


def _may_try_again(facts: JobFacts) -> bool:
    return facts.attempts < facts.max_attempts


def _gives_up(facts: JobFacts) -> bool:
    return facts.attempts >= facts.max_attempts


def _from(*sources: Status) -> frozenset[Status]:
    return frozenset(sources)


_RUNNING = _from(Status.RUNNING)
_NOT_STARTED = _from(Status.PLANNED, Status.WAITING, Status.READY, Status.HELD)
_AGAIN = STOPPED | {Status.WARNED, Status.SKIPPED}

TRANSITIONS: tuple[Transition, ...] = (
    Transition(Act.OPEN, _from(Status.PLANNED), Status.READY, _predecessors_done),
    Transition(Act.OPEN, _from(Status.PLANNED), Status.WAITING, _predecessors_open),
    Transition(Act.FREE, _from(Status.WAITING), Status.READY, _predecessors_done),
    Transition(Act.CLAIM, _from(Status.READY), Status.RUNNING, _predecessors_done),
    Transition(Act.SUCCEED, _RUNNING, Status.SUCCEEDED, _always),
    Transition(Act.WARN, _RUNNING, Status.WARNED, _always),
    Transition(Act.FAIL, _RUNNING, Status.FAILED, _always),
    Transition(Act.GIVE_BACK, _RUNNING, Status.READY, _always),
    Transition(Act.RETRY, _RUNNING, Status.READY, _may_try_again),
    Transition(Act.RETRY, _RUNNING, Status.FAILED, _gives_up),
    Transition(Act.HOLD, _from(Status.PLANNED, Status.WAITING, Status.READY), Status.HELD, _always),
    Transition(Act.RELEASE, _from(Status.HELD), Status.READY, _predecessors_done),
    Transition(Act.RELEASE, _from(Status.HELD), Status.WAITING, _predecessors_open),
    Transition(Act.SKIP, _NOT_STARTED | STOPPED, Status.SKIPPED, _always),
    Transition(Act.KILL, _RUNNING, Status.KILLED, _always),
    Transition(Act.CUT_OFF, _NOT_STARTED | _RUNNING, Status.CUTOFF, _always),
    Transition(Act.RERUN, _AGAIN, Status.READY, _predecessors_done),
    Transition(Act.RERUN, _AGAIN, Status.WAITING, _predecessors_open),
)


def next_status(act: Act, facts: JobFacts) -> Status:
    """The status after the act; raises Conflict when the table or a guard does not let it happen."""
    for transition in TRANSITIONS:
        if transition.act == act and facts.status in transition.sources and transition.guard(facts):
            return transition.target
    raise Conflict(f"状態が「{facts.status.label}」のジョブには、この操作（{act.value}）ができません。")


def sources_of(act: Act, target: Status) -> list[str]:
    """From which statuses the act may lead to the target: for statements that move many jobs at once."""
    found = [
        source.value for move in TRANSITIONS if move.act == act and move.target == target for source in move.sources
    ]
    if not found:
        raise ValueError(f"no transition {act} to {target}")
    return sorted(found)


def source_of(act: Act, target: Status) -> str:
    """The one status from which the act may lead to the target: for statements that search by an index."""
    (source,) = sources_of(act, target)
    return source
