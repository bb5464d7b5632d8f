"""The acts of the office that may be set for a day ahead, with their form and their use case."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.ahead import MAY_BE_PLANNED
from modules.resident.basic_register.movements.change_inputs import ExOfficioCorrection, ExOfficioRemoval, Reissue
from modules.resident.basic_register.movements.inputs import HouseholdMovement, MovementResult
from modules.resident.basic_register.movements.transitions import Reason
from yoriai.tenancy.session import WriteSession


@dataclass(frozen=True)
class Kind:
    """A form whose act may be planned. `subjects` are the people it changes; `reason` is the 異動事由 it will have."""

    model: type[Any]
    record: Callable[[WriteSession, Any, datetime], Awaitable[MovementResult]]
    reason: Callable[[Any], Reason]
    subjects: Callable[[Any], list[int]]


KINDS: Mapping[str, Kind] = {
    "correction": Kind(
        ExOfficioCorrection,
        service.record_ex_officio_correction,
        lambda body: Reason.EX_OFFICIO_CORRECTION,
        lambda body: [body.addressee_no],
    ),
    "removal": Kind(
        ExOfficioRemoval,
        service.record_ex_officio_removal,
        lambda body: Reason(body.reason),
        lambda body: [member.addressee_no for member in body.members if member.is_chosen],
    ),
    "reissue": Kind(Reissue, service.record_reissue, lambda body: Reason.REISSUE, lambda body: []),
}


def may_be_planned(kind: str, body: HouseholdMovement) -> bool:
    """Whether what the form says may have a day ahead: the form allows it, and the 異動事由 chosen in it."""
    return kind in KINDS and KINDS[kind].reason(body) in MAY_BE_PLANNED
