"""The one table of a run's states: what may follow what."""

from collections.abc import Mapping
from enum import StrEnum

from yoriai.errors import Conflict


class RunState(StrEnum):
    """Where an extraction stands."""

    APPROVAL = "approval"
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LABELS: Mapping[RunState, tuple[str, str]] = {
    RunState.APPROVAL: ("承認待ち", "warn"),
    RunState.WAITING: ("実行待ち", "info"),
    RunState.RUNNING: ("抽出中", "info"),
    RunState.DONE: ("受取可", "ok"),
    RunState.FAILED: ("失敗", "danger"),
    RunState.REFUSED: ("却下", "danger"),
    RunState.CANCELLED: ("取消", "neutral"),
    RunState.EXPIRED: ("期限切れ", "neutral"),
}
_FOLLOWS: Mapping[RunState, frozenset[RunState]] = {
    RunState.APPROVAL: frozenset({RunState.WAITING, RunState.REFUSED, RunState.CANCELLED}),
    RunState.WAITING: frozenset({RunState.RUNNING, RunState.CANCELLED, RunState.FAILED}),
    RunState.RUNNING: frozenset({RunState.RUNNING, RunState.DONE, RunState.FAILED, RunState.CANCELLED}),
    RunState.DONE: frozenset({RunState.EXPIRED}),
    RunState.FAILED: frozenset(),
    RunState.REFUSED: frozenset(),
    RunState.CANCELLED: frozenset(),
    RunState.EXPIRED: frozenset(),
}


def change(before: RunState, after: RunState) -> RunState:
    """The state after; raises Conflict in words when it cannot follow."""
    if after not in _FOLLOWS[before]:
        raise Conflict(f"この抽出は「{LABELS[before][0]}」です。「{LABELS[after][0]}」にはできません。")
    return after
