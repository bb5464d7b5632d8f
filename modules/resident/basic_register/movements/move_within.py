"""転居 (住基法23条): all of a household or some of it, to a new address or into another household."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modules.resident.basic_register.labels import relationship_text
from modules.resident.basic_register.models import Household, ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.back_dating import check_back_dated, check_staying_back_dated
from modules.resident.basic_register.movements.inputs import MovementResult, MoveWithin
from modules.resident.basic_register.movements.persons import address_columns, address_of
from modules.resident.basic_register.movements.present import PresentHousehold, find_town, open_households
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import WriteSession


@dataclass(frozen=True)
class _Plan:
    """Who goes and who stays; where to is a household that exists, or a new one."""

    source: PresentHousehold
    target: PresentHousehold | None
    leaving: list[int]

    @property
    def moving(self) -> list[ResidentRecord]:
        """The records of those who go."""
        return [self.source.members[number] for number in self.leaving if number in self.source.members]

    @property
    def keeps_household(self) -> bool:
        """Everybody goes and joins nobody: it stays the same household at another address."""
        return self.target is None and not self.source.others(self.leaving)


async def move_within(session: WriteSession, body: MoveWithin, now: datetime) -> MovementResult:
    """Record a 転居 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    findings = Findings()
    plan = await _plan(session, body)
    checks.check_dates(findings, body, Reason.MOVE_WITHIN, now.date())
    chosen = checks.choose(body.members)
    checks.check_members(findings, plan.source, chosen)
    checks.check_states(findings, Reason.MOVE_WITHIN, plan.source.find(chosen))
    is_back_dated = await check_back_dated(session, findings, body.event_date, plan.moving)
    _check_relationships(findings, body, plan)
    checks.check_staying(findings, plan.source, plan.leaving, body.staying)
    others = plan.source.others(plan.leaving)
    is_back_dated |= await check_staying_back_dated(session, findings, body.event_date, others, body.staying)
    address = await _address(session, findings, body, plan)
    findings.settle(body.confirmed)
    return await _write(session, body, now, plan, address, is_back_dated=is_back_dated)


async def _plan(session: WriteSession, body: MoveWithin) -> _Plan:
    leaving = list(checks.choose(body.members).values())
    if body.to_household is None or body.to_household.household_no == body.household.household_no:
        (source,) = await open_households(session, [body.household])
        return _Plan(source, None, leaving)
    source, target = await open_households(session, [body.household, body.to_household])
    return _Plan(source, target, leaving)


def _check_relationships(findings: Findings, body: MoveWithin, plan: _Plan) -> None:
    """Known codes, and one head among those who live together afterwards."""
    codes = [record.relationship for record in plan.target.members.values()] if plan.target else []
    for index, member in enumerate(body.members):
        if member.is_chosen:
            checks.check_relationship(findings, member.relationship, f"members.{index}.relationship")
            codes.append(member.relationship)
    if plan.leaving:
        checks.check_heads(findings, codes, "members")


async def _address(session: WriteSession, findings: Findings, body: MoveWithin, plan: _Plan) -> dict[str, Any]:
    if plan.target is not None:
        if not plan.target.members:
            findings.refuse("to_household.household_no", "この世帯には今だれも住んでいません。")
            return {}
        return address_of(plan.target.head or next(iter(plan.target.members.values())))
    town = await find_town(session, body.address) if body.address else None
    checks.check_address(findings, body.address, is_known=town is not None)
    if not (town and body.address):
        return {}
    address = address_columns(town, body.address)
    # "The same as now" would tell a clerk who tries addresses where somebody protected lives.
    veil = await find_veil(session, [record.addressee_no for record in plan.moving], "move_within")
    if any(address_of(record) == address for record in plan.moving if not veil.covers(record.addressee_no)):
        findings.refuse("address.block", "今の住所と同じです。転居には新しい住所が必要です。", "住基法23条")
    return address


async def _write(
    session: WriteSession,
    body: MoveWithin,
    now: datetime,
    plan: _Plan,
    address: dict[str, Any],
    *,
    is_back_dated: bool,
) -> MovementResult:
    household = await _destination(session, body, plan)
    former = plan.moving[0].address
    begin = MovementWriter.begin(session, body, Reason.MOVE_WITHIN, household.household_no, now, former_address=former)
    writer = await begin
    writer.is_back_dated = is_back_dated
    for member in filter(lambda listed: listed.is_chosen, body.members):
        record = plan.source.members[member.addressee_no]
        await writer.change(
            record,
            **address,
            household_no=household.household_no,
            relationship=member.relationship,
            relationship_text=relationship_text(member.relationship),
            address_since=body.event_date,
        )
    await writer.relate(plan.source.others(plan.leaving), body.staying)
    writer.touch(plan.source.household)
    if plan.target is not None:
        writer.touch(plan.target.household)
    return await writer.finish()


async def _destination(session: WriteSession, body: MoveWithin, plan: _Plan) -> Household:
    if plan.target is not None:
        return plan.target.household
    if plan.keeps_household:
        return plan.source.household
    household = Household(household_no=await allocate(session, "household"), created_on=body.event_date, version=1)
    session.add(household)
    await session.flush()
    return household
