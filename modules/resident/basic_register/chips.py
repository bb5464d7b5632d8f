"""States of a 住民票 as the coloured words of a screen."""

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.movements.transitions import TRANSITIONS, Reason, Status


class Chip(BaseModel):
    """A state in words; `kind` is neutral, ok, info, warn or danger."""

    label: str
    kind: str = "neutral"


def status_chip(row: Mapping[str, Any]) -> Chip:
    """The state, with the reason where a 住民票 was removed."""
    match Status(row["status"]):
        case Status.MOVE_OUT_PLANNED:
            return Chip(label="転出予定", kind="warn")
        case Status.REMOVED:
            return Chip(label=f"除票（{label_of(row['removal_reason'] or '消除')}）")
        case _:
            return Chip(label="住民", kind="ok")


def label_of(reason: str) -> str:
    """The words of a reason; one of another system's data is shown as it is."""
    return TRANSITIONS[Reason(reason)].label if reason in set(Reason) else reason
