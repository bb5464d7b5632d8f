"""What all movements of one household begin with: the household locked, dates, members and states checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.inputs import HouseholdMovement
from modules.resident.basic_register.movements.present import PresentHousehold, open_household
from modules.resident.basic_register.movements.transitions import Reason
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession


@dataclass
class Prepared:
    """A movement about to be checked further: `chosen` are the numbers by their field, `records` those found."""

    findings: Findings
    household: PresentHousehold
    chosen: dict[str, int]

    @property
    def records(self) -> list[ResidentRecord]:
        """The records of the chosen."""
        return [record for _, record in self.household.find(self.chosen)]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the chosen."""
        return list(self.chosen.values())


async def prepare(
    session: WriteSession,
    body: HouseholdMovement,
    reason: Reason,
    now: datetime,
    members: Sequence[checks.Listed],
    *,
    is_ordered: bool = True,
) -> Prepared:
    """Lock and check; `is_ordered` false lets the movement be dated before the last one of somebody."""
    findings = Findings()
    household = await open_household(session, body.household)
    prepared = Prepared(findings, household, checks.choose(members))
    checks.check_dates(findings, body, reason, now.date())
    checks.check_members(findings, household, prepared.chosen)
    checks.check_states(findings, reason, household.find(prepared.chosen))
    if is_ordered:
        checks.check_order(findings, body.event_date, prepared.records)
    return prepared
