"""死亡: the 住民票 is removed; when the head dies, the household gets its next one (戸籍法86条; 消除は住基法8条)."""

from datetime import datetime

from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.back_dating import check_back_dated, check_staying_back_dated
from modules.resident.basic_register.movements.inputs import Death, MovementResult
from modules.resident.basic_register.movements.present import open_household
from modules.resident.basic_register.movements.transitions import Reason, Status
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


async def death(session: WriteSession, body: Death, now: datetime) -> MovementResult:
    """Record a 死亡 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    record = household.members.get(body.addressee_no)
    checks.check_dates(findings, body, Reason.DEATH, now.date())
    is_back_dated = False
    if record is None:
        findings.refuse("addressee_no", "この人はこの世帯にいないか、すでに除票になっています。")
    else:
        checks.check_states(findings, Reason.DEATH, [("addressee_no", record)])
        is_back_dated = await check_back_dated(session, findings, body.event_date, [record])
    checks.check_staying(findings, household, [body.addressee_no], body.staying)
    others = household.others([body.addressee_no])
    is_back_dated |= await check_staying_back_dated(session, findings, body.event_date, others, body.staying)
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, Reason.DEATH, household.number, now)
    writer.is_back_dated = is_back_dated
    await writer.change(
        household.members[body.addressee_no],
        status=Status.REMOVED,
        removed_on=body.event_date,
        removal_reason=Reason.DEATH,
        planned_removal_on=None,
    )
    await writer.relate(others, body.staying)
    writer.touch(household.household)
    return await writer.finish()
