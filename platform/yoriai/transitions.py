"""A state machine as one table: acts, from which states they are allowed, where they lead, and what guards them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, Protocol, TypeVar

from yoriai.errors import Conflict, FieldError, Invalid

StateT = TypeVar("StateT", bound=StrEnum)
SituationT = TypeVar("SituationT")


class WithReason(Protocol):
    """A situation that has the reason of the act."""

    @property
    def reason(self) -> str:
        """The reason as typed."""


@dataclass(frozen=True)
class Transition(Generic[StateT, SituationT]):
    """An act: from which states (none: it begins something new), to which (none: the same), under which conditions."""

    label: str
    sources: frozenset[StateT]
    target: StateT | None
    guards: tuple[Callable[[SituationT], FieldError | None], ...] = ()
    article: str = ""
    is_of_clerk: bool = False
    """A clerk chooses it on the page of the thing; the others have forms or a job of their own."""

    def follow(self, state: StateT, labels: Mapping[str, tuple[str, str]], situation: SituationT) -> StateT:
        """The state after the act; raises Conflict where the state does not allow it, Invalid with all guards that refuse."""
        if state not in self.sources:
            raise Conflict(f"「{labels[state][0]}」の状態では「{self.label}」はできません。")
        if errors := [error for guard in self.guards if (error := guard(situation))]:
            raise Invalid(fields=errors)
        return self.target or state


def needs_reason(now: WithReason) -> FieldError | None:
    """The guard of an act that must say why."""
    return None if now.reason.strip() else FieldError("reason", "理由を入力してください。", rule="required")
