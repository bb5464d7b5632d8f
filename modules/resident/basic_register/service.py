"""The use cases of the register: one function is one transaction, and the same request recorded twice is recorded once."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from modules.resident.basic_register.movements.birth import birth
from modules.resident.basic_register.movements.change_inputs import (
    ExOfficioCorrection,
    ExOfficioRemoval,
    FamilyRegisterChange,
    HouseholdMerge,
    HouseholdSplit,
    MoveOutCancel,
    MoveOutNotice,
    Reissue,
    Relations,
    ResidenceChange,
    Restoration,
)
from modules.resident.basic_register.movements.death import death
from modules.resident.basic_register.movements.departure import cancel_move_out, receive_notice
from modules.resident.basic_register.movements.household_change import (
    change_relations,
    household_merge,
    household_split,
)
from modules.resident.basic_register.movements.inputs import (
    Birth,
    Death,
    MoveIn,
    MovementInput,
    MovementResult,
    MoveOut,
    MoveWithin,
)
from modules.resident.basic_register.movements.item_change import (
    change_family_register,
    change_residence,
    correct_ex_officio,
)
from modules.resident.basic_register.movements.move_in import move_in
from modules.resident.basic_register.movements.move_out import move_out
from modules.resident.basic_register.movements.move_within import move_within
from modules.resident.basic_register.movements.reissue import reissue
from modules.resident.basic_register.movements.removal import remove_ex_officio, restore
from yoriai.tenancy.session import WriteSession

Input = TypeVar("Input", bound=MovementInput)
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || $1, 0))"
_RECORDED = """
SELECT m.movement_no, m.reason, m.household_no, array_agg(p.addressee_no ORDER BY p.after_record_id) AS persons
  FROM movement m JOIN movement_person p ON p.movement_no = m.movement_no
 WHERE m.request_key = $1 GROUP BY m.movement_no, m.reason, m.household_no
"""


async def record_move_in(session: WriteSession, body: MoveIn, now: datetime) -> MovementResult:
    """転入 or 職権記載; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, move_in)


async def record_move_within(session: WriteSession, body: MoveWithin, now: datetime) -> MovementResult:
    """転居; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, move_within)


async def record_move_out(session: WriteSession, body: MoveOut, now: datetime) -> MovementResult:
    """転出, planned or certain; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, move_out)


async def record_birth(session: WriteSession, body: Birth, now: datetime) -> MovementResult:
    """出生; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, birth)


async def record_death(session: WriteSession, body: Death, now: datetime) -> MovementResult:
    """死亡; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, death)


async def record_household_split(session: WriteSession, body: HouseholdSplit, now: datetime) -> MovementResult:
    """世帯分離; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, household_split)


async def record_household_merge(session: WriteSession, body: HouseholdMerge, now: datetime) -> MovementResult:
    """世帯合併; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, household_merge)


async def record_relations(session: WriteSession, body: Relations, now: datetime) -> MovementResult:
    """世帯主変更, 世帯構成変更; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, change_relations)


async def record_family_register_change(
    session: WriteSession, body: FamilyRegisterChange, now: datetime
) -> MovementResult:
    """戸籍の届出等による修正, 旧氏, 通称, 振り仮名; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, change_family_register)


async def record_residence_change(session: WriteSession, body: ResidenceChange, now: datetime) -> MovementResult:
    """在留情報の変更; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, change_residence)


async def record_ex_officio_removal(session: WriteSession, body: ExOfficioRemoval, now: datetime) -> MovementResult:
    """職権消除, 失踪宣告, 国籍喪失; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, remove_ex_officio)


async def record_ex_officio_correction(
    session: WriteSession, body: ExOfficioCorrection, now: datetime
) -> MovementResult:
    """職権修正; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, correct_ex_officio)


async def record_restoration(session: WriteSession, body: Restoration, now: datetime) -> MovementResult:
    """職権回復; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, restore)


async def record_move_out_cancel(session: WriteSession, body: MoveOutCancel, now: datetime) -> MovementResult:
    """転出取消; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, cancel_move_out)


async def record_move_out_notice(session: WriteSession, body: MoveOutNotice, now: datetime) -> MovementResult:
    """転入通知の受理; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, receive_notice)


async def record_reissue(session: WriteSession, body: Reissue, now: datetime) -> MovementResult:
    """改製; raises Invalid, NeedsConfirmation or Conflict."""
    return await _once(session, body, now, reissue)


async def _once(
    session: WriteSession,
    body: Input,
    now: datetime,
    record: Callable[[WriteSession, Input, datetime], Awaitable[MovementResult]],
) -> MovementResult:
    """Answer a repeated request with what was recorded the first time; a simultaneous one waits for the first."""
    if body.request_key is not None:
        await session.fetchval(_LOCK, str(body.request_key))
        if repeated := await _find_recorded(session, body.request_key):
            return repeated
    return await record(session, body, now)


async def _find_recorded(session: WriteSession, request_key: UUID) -> MovementResult | None:
    row = await session.fetchrow(_RECORDED, request_key)
    if row is None:
        return None
    return MovementResult(
        movement_no=row["movement_no"],
        reason=row["reason"],
        household_no=row["household_no"],
        addressee_no=row["persons"][0],
        addressee_nos=list(row["persons"]),
        is_repeat=True,
    )
