"""The states of a job and the one table of what may happen to it: no status changes but through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
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
NOT_STARTED = frozenset({Status.PLANNED, Status.WAITING, Status.READY, Status.HELD})
"""It may still be moved, changed, skipped."""


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
    SKIP_WARNED = "skip_warned"
    SKIP_FAILED = "skip_failed"
    KILL = "kill"
    CUT_OFF = "cut_off"
    RERUN = "rerun"
    WAIT_AGAIN = "wait_again"
    FORCE = "force"
    START_NOW = "start_now"
    CHANGE = "change"

    @property
    def label(self) -> str:
        """The word on the screen."""
        return _ACT_LABELS[self]


_ACT_LABELS: Mapping[Act, str] = {
    Act.OPEN: "開始",
    Act.FREE: "先行終了",
    Act.CLAIM: "実行開始",
    Act.SUCCEED: "正常終了",
    Act.WARN: "警告終了",
    Act.FAIL: "異常終了",
    Act.GIVE_BACK: "返却",
    Act.RETRY: "再試行",
    Act.HOLD: "保留",
    Act.RELEASE: "保留解除",
    Act.SKIP: "スキップ(正常扱い)",
    Act.SKIP_WARNED: "スキップ(警告扱い)",
    Act.SKIP_FAILED: "スキップ(異常扱い)",
    Act.KILL: "強制終了",
    Act.CUT_OFF: "打切",
    Act.RERUN: "リラン",
    Act.WAIT_AGAIN: "先行リラン",
    Act.FORCE: "強制正常",
    Act.START_NOW: "即時開始",
    Act.CHANGE: "今夜限りの変更",
}


class Rerun(StrEnum):
    """The ways to run again."""

    TOP = "top"
    FAILED = "failed"
    AFTER = "after"
    ONLY = "only"
    WARNED = "warned"

    @property
    def label(self) -> str:
        """The words on the screen."""
        return _RERUN_LABELS[self]


_RERUN_LABELS: Mapping[Rerun, str] = {
    Rerun.TOP: "先頭から(ネットの全ジョブ)",
    Rerun.FAILED: "異常ジョブから",
    Rerun.AFTER: "異常ジョブの次から",
    Rerun.ONLY: "このジョブのみ",
    Rerun.WARNED: "警告ジョブのみ",
}


@dataclass(frozen=True)
class JobFacts:
    """What the guards look at."""

    status: Status
    predecessors_left: int = 0
    attempts: int = 0
    max_attempts: int = 1

    def with_predecessors(self, left: int) -> "JobFacts":
        """The same job with another number of predecessors that are not done."""
        return replace(self, predecessors_left=left)


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
_OPENED = _from(Status.WAITING, Status.READY, Status.HELD)

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
    Transition(Act.SKIP, NOT_STARTED | STOPPED, Status.SKIPPED, _always),
    Transition(Act.SKIP_WARNED, NOT_STARTED | STOPPED, Status.WARNED, _always),
    Transition(Act.SKIP_FAILED, NOT_STARTED, Status.FAILED, _always),
    Transition(Act.KILL, _RUNNING, Status.KILLED, _always),
    Transition(Act.CUT_OFF, NOT_STARTED | _RUNNING, Status.CUTOFF, _always),
    Transition(Act.RERUN, ENDED, Status.READY, _predecessors_done),
    Transition(Act.RERUN, ENDED, Status.WAITING, _predecessors_open),
    Transition(Act.WAIT_AGAIN, _from(Status.READY), Status.WAITING, _predecessors_open),
    Transition(Act.FORCE, STOPPED, Status.SUCCEEDED, _always),
    # What changes a job's time or order leaves its status as it is.
    *(Transition(Act.START_NOW, _from(status), status, _always) for status in sorted(_OPENED)),
    *(Transition(Act.CHANGE, _from(status), status, _always) for status in sorted(NOT_STARTED)),
)


def next_status(act: Act, facts: JobFacts) -> Status:
    """The status after the act; raises Conflict when the table or a guard does not let it happen."""
    for transition in TRANSITIONS:
        if transition.act == act and facts.status in transition.sources and transition.guard(facts):
            return transition.target
    raise Conflict(f"状態が「{facts.status.label}」のジョブには、「{act.label}」の操作ができません。")


def may(act: Act, facts: JobFacts) -> bool:
    """Whether the table lets the act happen."""
    return any(move.act == act and facts.status in move.sources and move.guard(facts) for move in TRANSITIONS)


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
