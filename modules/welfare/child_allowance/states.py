"""The states of a case and the one table of what may happen to it; nothing else changes a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from yoriai.errors import FieldError
from yoriai.transitions import Transition, needs_reason


class State(StrEnum):
    """Where a case stands."""

    CLAIMED = "claimed"
    APPROVED = "approved"
    PAYING = "paying"
    HELD = "held"
    REJECTED = "rejected"
    ENDED = "ended"


class Act(StrEnum):
    """What happens to a case."""

    APPROVE = "approve"
    REJECT = "reject"
    START = "start"
    HOLD = "hold"
    RESUME = "resume"
    END = "end"


STATE_LABELS: Mapping[str, tuple[str, str]] = {
    State.CLAIMED: ("請求", "info"),
    State.APPROVED: ("認定", "ok"),
    State.PAYING: ("支給中", "ok"),
    State.HELD: ("差止", "warn"),
    State.REJECTED: ("却下", "neutral"),
    State.ENDED: ("消滅", "neutral"),
}
OPEN = (State.CLAIMED, State.APPROVED, State.PAYING, State.HELD)
"""A recipient has at most one case in these states."""
JUDGED = (State.APPROVED, State.PAYING, State.HELD, State.ENDED)
"""Cases whose months are judged: an ended one still has the months before its end."""


@dataclass(frozen=True)
class Situation:
    """What the guards look at: the day of the act, its reason, and the case as it stands."""

    on: date
    reason: str
    claimed_on: date
    first_month: date | None
    eligible_children: int


def _after_claim(now: Situation) -> FieldError | None:
    if now.on >= now.claimed_on:
        return None
    return FieldError("on", "請求日より前の日付です。", rule="order")


def _has_child(now: Situation) -> FieldError | None:
    if now.eligible_children:
        return None
    message = "支給要件児童がいないため、認定できません。"
    return FieldError("act", message, rule="no_child", article="児童手当法4条")


def _has_begun(now: Situation) -> FieldError | None:
    if now.first_month and now.on >= now.first_month:
        return None
    return FieldError("on", "支給の始まる月になっていません。", rule="not_begun", article="児童手当法8条2項")


TRANSITIONS: Mapping[Act, Transition[State, Situation]] = {
    Act.APPROVE: Transition(
        "認定", frozenset({State.CLAIMED}), State.APPROVED, (_after_claim, _has_child), article="児童手当法7条"
    ),
    Act.REJECT: Transition(
        "却下", frozenset({State.CLAIMED}), State.REJECTED, (_after_claim, needs_reason), article="児童手当法7条"
    ),
    Act.START: Transition(
        "支給開始", frozenset({State.APPROVED}), State.PAYING, (_has_begun,), article="児童手当法8条2項"
    ),
    Act.HOLD: Transition(
        "差止",
        frozenset({State.APPROVED, State.PAYING}),
        State.HELD,
        (_after_claim, needs_reason),
        article="児童手当法10条、11条",
    ),
    Act.RESUME: Transition(
        "差止の解除",
        frozenset({State.HELD}),
        State.PAYING,
        (_after_claim, needs_reason, _has_begun),
        article="児童手当法11条",
    ),
    Act.END: Transition(
        "消滅",
        frozenset({State.APPROVED, State.PAYING, State.HELD}),
        State.ENDED,
        (_after_claim, needs_reason),
        article="児童手当法8条2項",
    ),
}


def next_state(state: State, act: Act, situation: Situation) -> State:
    """The state after the act; raises Conflict where the state does not allow it, Invalid with all guards that refuse."""
    return TRANSITIONS[act].follow(state, STATE_LABELS, situation)


def possible_acts(state: State) -> list[Act]:
    """What a clerk may do in the state; the start of payment comes by itself."""
    return [act for act, transition in TRANSITIONS.items() if state in transition.sources and act is not Act.START]
