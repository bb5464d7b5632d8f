"""The one table of 異動事由: from which state a person comes, which state follows, and what the law says of the notice."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from yoriai.rules.parameters import BusinessParameters, load_definitions


class Status(StrEnum):
    """Where a person stands in the register."""

    ABSENT = "absent"
    RESIDENT = "resident"
    MOVE_OUT_PLANNED = "move_out_planned"
    REMOVED = "removed"


class Reason(StrEnum):
    """異動事由."""

    CONVERSION = "conversion"
    MOVE_IN = "move_in"
    MOVE_WITHIN = "move_within"
    MOVE_OUT_PLANNED = "move_out_planned"
    MOVE_OUT = "move_out"
    BIRTH = "birth"
    DEATH = "death"
    MARRIAGE = "marriage"


@dataclass(frozen=True)
class Transition:
    """What a reason does. `notice` names the parameter of its notice period."""

    label: str
    article: str
    sources: frozenset[Status]
    target: Status
    topic: str
    notice: str = ""
    is_announced_before: bool = False
    """The notice may come before the event."""
    is_plan: bool = False
    """The event lies in the future: until then only the plan is true."""


_LIVING_HERE = frozenset({Status.RESIDENT, Status.MOVE_OUT_PLANNED})

TRANSITIONS: Mapping[Reason, Transition] = {
    Reason.CONVERSION: Transition("移行", "", frozenset({Status.ABSENT}), Status.RESIDENT, "resident.converted"),
    Reason.MOVE_IN: Transition(
        "転入",
        "住基法22条",
        frozenset({Status.ABSENT, Status.REMOVED}),
        Status.RESIDENT,
        "resident.moved_in",
        "notice_days.move_in",
    ),
    Reason.MOVE_WITHIN: Transition(
        "転居",
        "住基法23条",
        frozenset({Status.RESIDENT}),
        Status.RESIDENT,
        "resident.moved_within",
        "notice_days.move_within",
    ),
    Reason.MOVE_OUT_PLANNED: Transition(
        "転出予定",
        "住基法24条",
        frozenset({Status.RESIDENT}),
        Status.MOVE_OUT_PLANNED,
        "resident.move_out_planned",
        is_announced_before=True,
        is_plan=True,
    ),
    Reason.MOVE_OUT: Transition(
        "転出", "住基法24条", _LIVING_HERE, Status.REMOVED, "resident.moved_out", is_announced_before=True
    ),
    Reason.BIRTH: Transition(
        "出生", "戸籍法49条", frozenset({Status.ABSENT}), Status.RESIDENT, "resident.born", "notice_days.birth"
    ),
    Reason.DEATH: Transition("死亡", "戸籍法86条", _LIVING_HERE, Status.REMOVED, "resident.died", "notice_days.death"),
    # Told by the family register; so far it comes with converted histories only.
    Reason.MARRIAGE: Transition(
        "婚姻", "住基法施行令12条", _LIVING_HERE, Status.RESIDENT, "resident.family_register_changed"
    ),
}

_REFUSALS: Mapping[Status, str] = {
    Status.ABSENT: "住民票がありません",
    Status.RESIDENT: "すでに住民として登録されています",
    Status.MOVE_OUT_PLANNED: "転出予定です。先に転出の取消か確定をしてください",
    Status.REMOVED: "すでに除票になっています",
}


def refusal(reason: Reason, status: Status) -> str:
    """Why a person in that state cannot make the movement, in words for the clerk; empty when it is allowed."""
    transition = TRANSITIONS[reason]
    return "" if status in transition.sources else f"{transition.label}できません。{_REFUSALS[status]}。"


def parameters() -> BusinessParameters:
    """The statutory figures of the register."""
    return load_definitions("resident", Path(__file__).parents[1] / "parameters")
