"""What all movements of one household begin with: the household locked, dates, members and states checked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.back_dating import check_back_dated, check_staying_back_dated
from modules.resident.basic_register.movements.inputs import HouseholdMovement, Staying
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
    is_back_dated: bool = False

    @property
    def records(self) -> list[ResidentRecord]:
        """The records of the chosen."""
        return [record for _, record in self.household.find(self.chosen)]

    @property
    def numbers(self) -> list[int]:
        """The numbers of the chosen."""
        return list(self.chosen.values())

    async def check_staying(self, session: WriteSession, event_date: date, staying: Sequence[Staying]) -> None:
        """The new 続柄 of those who stay, who may have had later movements themselves."""
        checks.check_staying(self.findings, self.household, self.numbers, staying)
        others = self.household.others(self.numbers)
        self.is_back_dated |= await check_staying_back_dated(session, self.findings, event_date, others, staying)


async def prepare(
    session: WriteSession,
    body: HouseholdMovement,
    reason: Reason,
    now: datetime,
    members: Sequence[checks.Listed],
    *,
    is_ordered: bool = True,
) -> Prepared:
    """Lock and check; `is_ordered` false leaves it to the caller to judge a date before the last movement of somebody."""
    findings = Findings()
    household = await open_household(session, body.household)
    prepared = Prepared(findings, household, checks.choose(members))
    checks.check_dates(findings, body, reason, now.date())
    checks.check_members(findings, household, prepared.chosen)
    checks.check_states(findings, reason, household.find(prepared.chosen))
    if is_ordered:
        prepared.is_back_dated = await check_back_dated(session, findings, body.event_date, prepared.records)
    return prepared
