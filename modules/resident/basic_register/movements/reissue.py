"""改製 (住基法施行令16条): the household's 住民票 are made anew; those before are kept 150 years as 改製原住民票 (施行令34条)."""

from datetime import datetime

from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import Reissue
from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.basic_register.movements.present import open_household
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


async def reissue(session: WriteSession, body: Reissue, now: datetime) -> MovementResult:
    """Record a 改製 of everybody in the household; raises Invalid or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    records = list(household.members.values())
    checks.check_dates(findings, body, Reason.REISSUE, now.date())
    checks.check_states(findings, Reason.REISSUE, [("household", record) for record in records])
    checks.check_order(findings, body.event_date, records)
    if not records:
        findings.refuse("household", "この世帯には今だれも住んでいません。")
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, Reason.REISSUE, household.number, now)
    for record in records:
        await writer.change(record, sheet_no=record.sheet_no + 1)
    writer.touch(household.household)
    return await writer.finish()
