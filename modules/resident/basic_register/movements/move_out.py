"""転出 (住基法24条): announced before leaving, certain when the day has come. The 住民票 then becomes a 除票."""

from datetime import date, datetime
from typing import Any

from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.back_dating import check_back_dated, check_staying_back_dated
from modules.resident.basic_register.movements.inputs import MovementResult, MoveOut
from modules.resident.basic_register.movements.present import open_household
from modules.resident.basic_register.movements.transitions import Reason, Status
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


async def move_out(session: WriteSession, body: MoveOut, now: datetime) -> MovementResult:
    """Record a 転出 after all its checks; raises Invalid, NeedsConfirmation or Conflict.

    Those who stay get their new 続柄 when the 転出 is certain; of a plan it is kept for the day it becomes so.
    """
    findings = Findings()
    reason = reason_for(body, now.date())
    household = await open_household(session, body.household)
    chosen = checks.choose(body.members)
    leaving = list(chosen.values())
    records = [record for _, record in household.find(chosen)]
    checks.check_dates(findings, body, reason, now.date())
    checks.check_members(findings, household, chosen)
    checks.check_states(findings, reason, household.find(chosen))
    checks.check_staying(findings, household, leaving, body.staying)
    others, is_back_dated = household.others(leaving), False
    if reason is Reason.MOVE_OUT_PLANNED:
        checks.check_order(findings, body.event_date, records)
    else:
        is_back_dated = await check_back_dated(session, findings, body.event_date, records)
        is_back_dated |= await check_staying_back_dated(session, findings, body.event_date, others, body.staying)
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, reason, household.number, now)
    writer.is_back_dated = is_back_dated
    for record in records:
        await writer.change(record, **_leave(body, reason))
    if reason is Reason.MOVE_OUT_PLANNED:
        writer.plan_relations(body.staying)
    else:
        await writer.relate(others, body.staying)
    writer.touch(household.household)
    return await writer.finish()


def reason_for(body: MoveOut, today: date) -> Reason:
    """Certain when the clerk says so or the day is over; else planned."""
    return Reason.MOVE_OUT if body.is_certain or body.event_date < today else Reason.MOVE_OUT_PLANNED


def _leave(body: MoveOut, reason: Reason) -> dict[str, Any]:
    if reason is Reason.MOVE_OUT_PLANNED:
        return {
            "status": Status.MOVE_OUT_PLANNED,
            "planned_removal_on": body.event_date,
            "destination": body.destination,
        }
    return {
        "status": Status.REMOVED,
        "removed_on": body.event_date,
        "removal_reason": Reason.MOVE_OUT,
        "planned_removal_on": None,
        "destination": body.destination,
    }
