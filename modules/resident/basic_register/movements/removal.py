"""職権消除 and its like, and 職権回復, which brings a 住民票 back as if it had never been removed (住基法施行令12条)."""

from datetime import datetime

from modules.resident.basic_register.labels import relationship_text
from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import ExOfficioRemoval, Restoration
from modules.resident.basic_register.movements.inputs import MovementResult
from modules.resident.basic_register.movements.persons import NOBODY_LEAVES
from modules.resident.basic_register.movements.preparing import prepare
from modules.resident.basic_register.movements.present import find_record, open_household, status_of
from modules.resident.basic_register.movements.transitions import Reason, Status, refusal
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.dates import format_wareki
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession

_ARTICLE = "住基法施行令12条"


async def remove_ex_officio(session: WriteSession, body: ExOfficioRemoval, now: datetime) -> MovementResult:
    """Record a 職権消除, 失踪宣告 or 国籍喪失 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    reason = Reason(body.reason)
    prepared = await prepare(session, body, reason, now, body.members)
    await prepared.check_staying(session, body.event_date, body.staying)
    prepared.findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, reason, prepared.household.number, now)
    writer.is_back_dated = prepared.is_back_dated
    for record in prepared.records:
        await writer.change(
            record,
            status=Status.REMOVED,
            removed_on=body.event_date,
            removal_reason=reason,
            planned_removal_on=None,
        )
    await writer.relate(prepared.household.others(prepared.numbers), body.staying)
    writer.touch(prepared.household.household)
    return await writer.finish()


async def restore(session: WriteSession, body: Restoration, now: datetime) -> MovementResult:
    """Record a 職権回復: 住民となった日 and 住定日 stay as they were; raises Invalid, NeedsConfirmation or Conflict."""
    findings = Findings()
    household = await open_household(session, body.household)
    checks.check_dates(findings, body, Reason.RESTORATION, now.date())
    chosen = checks.choose(body.members)
    if not chosen:
        findings.refuse("members", "回復する人を1人以上選んでください。")
    found: dict[int, ResidentRecord] = {}
    for place, number in chosen.items():
        record = await find_record(session, number)
        if record is None or record.household_no != household.number:
            findings.refuse(place, f"宛名番号{number}の人はこの世帯の除票にありません。", _ARTICLE)
        elif problem := refusal(Reason.RESTORATION, status_of(record)):
            findings.refuse(place, f"{record.name}さんは{problem}", _ARTICLE)
        else:
            found[number] = record
            _check_day(findings, body, record)
    codes = {member.addressee_no: member.relationship for member in body.members if member.is_chosen}
    for index, member in enumerate(body.members):
        if member.is_chosen:
            checks.check_relationship(findings, member.relationship, f"members.{index}.relationship")
    present = [record.relationship for record in household.members.values()]
    if chosen:
        checks.check_heads(findings, [*present, *codes.values()], "members")
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, Reason.RESTORATION, household.number, now)
    for number, record in found.items():
        code = codes[number]
        await writer.change(record, **NOBODY_LEAVES, relationship=code, relationship_text=relationship_text(code))
    writer.touch(household.household)
    return await writer.finish()


def _check_day(findings: Findings, body: Restoration, record: ResidentRecord) -> None:
    """Residence goes on from the day of the removal, or from a later one, but not from before it."""
    if record.removed_on is not None and body.event_date < record.removed_on:
        day = format_wareki(record.removed_on)
        findings.refuse("event_date", f"{record.name}さんが消除された日（{day}）より前の日付です。", _ARTICLE)
