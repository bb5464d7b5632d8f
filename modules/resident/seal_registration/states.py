"""The states of a registration and the one table of what may happen to it; nothing else changes a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yoriai.errors import FieldError
from yoriai.transitions import Transition, needs_reason


class State(StrEnum):
    """Where a registration stands."""

    INQUIRING = "inquiring"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    ENDED = "ended"
    REJECTED = "rejected"


class Act(StrEnum):
    """What happens to a registration."""

    REGISTER = "register"
    INQUIRE = "inquire"
    ANSWER = "answer"
    REJECT = "reject"
    SUSPEND = "suspend"
    RESUME = "resume"
    END = "end"
    END_BY_REGISTER = "end_by_register"
    REPLACE = "replace"
    RESTORE = "restore"


STATE_LABELS: Mapping[str, tuple[str, str]] = {
    State.INQUIRING: ("照会中", "info"),
    State.ACTIVE: ("登録", "ok"),
    State.SUSPENDED: ("一時停止", "warn"),
    State.ENDED: ("抹消", "neutral"),
    State.REJECTED: ("不受理", "neutral"),
}
OPEN = (State.INQUIRING, State.ACTIVE, State.SUSPENDED)
"""A person has at most one registration in these states, and one impression belongs to at most one of them."""

END_REASONS: Mapping[str, str] = {
    "application": "廃止の申請",
    "lost_card": "登録証の亡失",
    "lost_seal": "印鑑の亡失・き損",
    "replaced": "改印",
    "moved_out": "転出",
    "died": "死亡",
    "removed": "住民票の消除（職権消除・在留資格の喪失など）",
    "name_changed": "氏名などの変更で印影と合わない",
    "guardianship": "後見開始の通知",
    "wrong": "誤りによる登録",
}
AUTOMATIC = ("moved_out", "died", "removed", "name_changed")
"""Reasons that follow from the register. When the register itself is put right, such an ending may be undone."""


@dataclass(frozen=True)
class Situation:
    """What the guards look at: the day of the act and its reason, and the registration as it stands."""

    on: date
    reason: str
    today: date
    since: date
    end_reason: str = ""
    is_resident: bool = True
    fits_name: bool = True


def _in_order(now: Situation) -> FieldError | None:
    if now.on < now.since:
        return FieldError("on", "いまの状態になった日より前の日付です。", rule="order")
    if now.on > now.today:
        return FieldError("on", "今日より後の日付です。", rule="order")
    return None


def _ended_by_register(now: Situation) -> FieldError | None:
    if now.end_reason in AUTOMATIC:
        return None
    message = "申請による抹消は復活できません。新しく登録してください。"
    return FieldError("act", message, rule="final")


def _is_resident(now: Situation) -> FieldError | None:
    if now.is_resident:
        return None
    return FieldError("act", "住民票がないため復活できません。先に住民票の回復が必要です。", rule="not_resident")


def _fits_name(now: Situation) -> FieldError | None:
    if now.fits_name:
        return None
    return FieldError("act", "いまの氏名と印影が合わないため復活できません。", rule="name")


_LIVE = frozenset({State.ACTIVE, State.SUSPENDED})

TRANSITIONS: Mapping[Act, Transition[State, Situation]] = {
    Act.REGISTER: Transition("登録", frozenset(), State.ACTIVE),
    Act.INQUIRE: Transition("申請の受付・照会", frozenset(), State.INQUIRING),
    Act.ANSWER: Transition("回答による登録", frozenset({State.INQUIRING}), State.ACTIVE, (_in_order,)),
    Act.REJECT: Transition(
        "不受理・取下げ", frozenset({State.INQUIRING}), State.REJECTED, (_in_order, needs_reason), is_of_clerk=True
    ),
    Act.SUSPEND: Transition(
        "一時停止", frozenset({State.ACTIVE}), State.SUSPENDED, (_in_order, needs_reason), is_of_clerk=True
    ),
    Act.RESUME: Transition(
        "停止の解除", frozenset({State.SUSPENDED}), State.ACTIVE, (_in_order, needs_reason), is_of_clerk=True
    ),
    Act.END: Transition("抹消", _LIVE, State.ENDED, (_in_order, needs_reason), is_of_clerk=True),
    Act.END_BY_REGISTER: Transition("職権による抹消", frozenset(OPEN), State.ENDED),
    Act.REPLACE: Transition("改印による抹消", _LIVE, State.ENDED),
    Act.RESTORE: Transition(
        "復活",
        frozenset({State.ENDED}),
        State.ACTIVE,
        (_in_order, needs_reason, _ended_by_register, _is_resident, _fits_name),
        is_of_clerk=True,
    ),
}


def next_state(state: State, act: Act, situation: Situation) -> State:
    """The state after the act; raises Conflict where the state does not allow it, Invalid with all guards that refuse."""
    return TRANSITIONS[act].follow(state, STATE_LABELS, situation)


def possible_acts(state: State) -> list[Act]:
    """What a clerk may choose on the page of a registration in the state."""
    return [act for act, transition in TRANSITIONS.items() if transition.is_of_clerk and state in transition.sources]
