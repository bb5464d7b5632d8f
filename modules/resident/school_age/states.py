"""The states of a case and the one table of what may happen to it; nothing else changes a state."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from modules.resident.school_age.codes import ACTS, CASE_STATES
from yoriai.errors import Conflict, FieldError, Invalid


class State(StrEnum):
    """Where a case stands."""

    APPLIED = "applied"
    CONSULTED = "consulted"
    CONSENTED = "consented"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


class Act(StrEnum):
    """What happens to a case."""

    CONSULT = "consult"
    CONSENT = "consent"
    APPROVE = "approve"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    END = "end"


@dataclass(frozen=True)
class Transition:
    """From which states, to which; whether it must be decided by a holder of `school_age.decide`, whether it needs a reason."""

    sources: frozenset[State]
    target: State
    is_decision: bool = False
    needs_reason: bool = False


_OPEN = frozenset({State.APPLIED, State.CONSULTED, State.CONSENTED})
TRANSITIONS: Mapping[Act, Transition] = {
    Act.CONSULT: Transition(frozenset({State.APPLIED}), State.CONSULTED),
    Act.CONSENT: Transition(frozenset({State.CONSULTED}), State.CONSENTED),
    Act.APPROVE: Transition(_OPEN, State.APPROVED, is_decision=True),
    Act.REFUSE: Transition(_OPEN, State.REFUSED, is_decision=True, needs_reason=True),
    Act.WITHDRAW: Transition(_OPEN, State.WITHDRAWN, needs_reason=True),
    Act.END: Transition(frozenset({State.APPROVED}), State.ENDED, is_decision=True, needs_reason=True),
}
_CONSULTED_KINDS = ("out_of_area_out", "out_of_area_in")


def possible_acts(kind: str, state: str) -> list[Act]:
    """What may be done next; only 区域外就学 is consulted about with another board."""
    return [act for act in TRANSITIONS if _is_possible(kind, State(state), act)]


def next_state(kind: str, state: str, act: Act, on: date, applied_on: date, reason: str) -> State:
    """The state after the act; raises Conflict where the state does not allow it, Invalid for what the act lacks.

    区域外就学 is approved only with the other board's consent (学校教育法施行令9条2項, 10条).
    """
    if not _is_possible(kind, State(state), act):
        if act is Act.APPROVE and kind in _CONSULTED_KINDS:
            raise Conflict("相手方の教育委員会の同意がないため、承認できません (学校教育法施行令9条2項)。")
        raise Conflict(f"「{CASE_STATES[state][0]}」の状態では「{ACTS[act]}」はできません。")
    errors = []
    if on < applied_on:
        errors.append(FieldError("on", "申請日より前の日付です。", rule="order"))
    if TRANSITIONS[act].needs_reason and not reason.strip():
        errors.append(FieldError("reason", "理由を入力してください。", rule="required"))
    if errors:
        raise Invalid(fields=errors)
    return TRANSITIONS[act].target


def _is_possible(kind: str, state: State, act: Act) -> bool:
    if state not in TRANSITIONS[act].sources:
        return False
    if kind in _CONSULTED_KINDS:
        return act is not Act.APPROVE or state is State.CONSENTED
    return act not in (Act.CONSULT, Act.CONSENT)
