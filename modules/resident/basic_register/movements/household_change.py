"""世帯変更 (住基法25条): 世帯分離, 世帯合併, 世帯主変更, 世帯構成変更. Nobody's address changes."""

from collections.abc import Sequence
from datetime import datetime

from modules.resident.basic_register.labels import HEAD, relationship_text
from modules.resident.basic_register.models import Household
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import HouseholdMerge, HouseholdSplit, Relations
from modules.resident.basic_register.movements.inputs import MovementResult, Related
from modules.resident.basic_register.movements.persons import address_of
from modules.resident.basic_register.movements.preparing import Prepared, prepare
from modules.resident.basic_register.movements.present import PresentHousehold, open_households
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.findings import Findings
from yoriai.numbering import allocate
from yoriai.tenancy.session import WriteSession

_ARTICLE = "住基法25条"


async def household_split(session: WriteSession, body: HouseholdSplit, now: datetime) -> MovementResult:
    """Record a 世帯分離 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    prepared = await prepare(session, body, Reason.HOUSEHOLD_SPLIT, now, body.members)
    findings = prepared.findings
    if prepared.chosen and not prepared.household.others(prepared.numbers):
        findings.refuse("members", "全員を分けることはできません。残る人を1人以上にしてください。", _ARTICLE)
    _check_codes(findings, body.members, [])
    await prepared.check_staying(session, body.event_date, body.staying)
    findings.settle(body.confirmed)
    household = Household(household_no=await allocate(session, "household"), created_on=body.event_date, version=1)
    session.add(household)
    await session.flush()
    return await _move(session, body, now, Reason.HOUSEHOLD_SPLIT, prepared, household)


async def household_merge(session: WriteSession, body: HouseholdMerge, now: datetime) -> MovementResult:
    """Record a 世帯合併 after all its checks; raises Invalid, NeedsConfirmation or Conflict."""
    if body.to_household.household_no == body.household.household_no:
        findings = Findings()
        findings.refuse("to_household.household_no", "合併する先に同じ世帯が指定されています。", _ARTICLE)
        findings.settle()
    # Both are locked in the order of their numbers first: two clerks merging crosswise would else wait for each other.
    _, target = await open_households(session, [body.household, body.to_household])
    prepared = await prepare(session, body, Reason.HOUSEHOLD_MERGE, now, body.members)
    await _check_target(session, prepared, target)
    _check_codes(prepared.findings, body.members, [record.relationship for record in target.members.values()])
    await prepared.check_staying(session, body.event_date, body.staying)
    prepared.findings.settle(body.confirmed)
    return await _move(session, body, now, Reason.HOUSEHOLD_MERGE, prepared, target.household)


async def change_relations(session: WriteSession, body: Relations, now: datetime) -> MovementResult:
    """Record a 世帯主変更, or a 世帯構成変更 when the head stays; raises Invalid, NeedsConfirmation or Conflict."""
    named = {member.addressee_no: member.relationship for member in body.members if member.is_chosen}
    reason = Reason.HOUSEHOLD_CHANGE
    prepared = await prepare(session, body, reason, now, body.members)
    findings, household = prepared.findings, prepared.household
    if household.head is None or named.get(household.head.addressee_no, HEAD) != HEAD:
        reason = Reason.HEAD_CHANGE
        for record in household.members.values():
            if record.addressee_no not in named:
                findings.refuse("members", f"世帯主が変わるため、{record.name}さんの新しい続柄が必要です。", _ARTICLE)
    after = [named.get(number, record.relationship) for number, record in household.members.items()]
    for index, member in enumerate(body.members):
        checks.check_relationship(findings, member.relationship, f"members.{index}.relationship")
    checks.check_heads(findings, after, "members")
    changed = [record for record in prepared.records if named[record.addressee_no] != record.relationship]
    if prepared.chosen and not changed and not findings.errors:
        findings.refuse("members", "続柄がどれも今と同じです。変わる人の続柄を選んでください。")
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, reason, household.number, now)
    writer.is_back_dated = prepared.is_back_dated
    for record in changed:
        code = named[record.addressee_no]
        await writer.change(record, relationship=code, relationship_text=relationship_text(code))
    writer.touch(household.household)
    return await writer.finish()


def _check_codes(findings: Findings, members: Sequence[Related], present: Sequence[str]) -> None:
    codes = list(present)
    for index, member in enumerate(members):
        if member.is_chosen:
            checks.check_relationship(findings, member.relationship, f"members.{index}.relationship")
            codes.append(member.relationship)
    if len(codes) > len(present):
        checks.check_heads(findings, codes, "members")


async def _check_target(session: WriteSession, prepared: Prepared, target: PresentHousehold) -> None:
    """Households are merged where people live together already; else it is a 転居."""
    place = "to_household.household_no"
    if not target.members:
        prepared.findings.refuse(place, "この世帯には今だれも住んでいません。", _ARTICLE)
        return
    people = [*prepared.records, *target.members.values()]
    if (await find_veil(session, [record.addressee_no for record in people], "merge")).hidden:
        # Told that the addresses are the same, or not, a clerk would know where somebody protected lives.
        message = "支援措置の対象者を含む世帯の合併は、住所を確かめられる責任者に引き継いでください。"
        prepared.findings.refuse(place, message, "住民基本台帳事務処理要領 第5の10", rule="protected")
        return
    there = address_of(target.head or next(iter(target.members.values())))
    if any(address_of(record) != there for record in prepared.records):
        message = "合併する先の世帯と住所が違います。住所が変わるときは転居の届出にしてください。"
        prepared.findings.refuse(place, message, "住基法23条")


async def _move(
    session: WriteSession,
    body: HouseholdSplit,
    now: datetime,
    reason: Reason,
    prepared: Prepared,
    household: Household,
) -> MovementResult:
    writer = await MovementWriter.begin(session, body, reason, household.household_no, now)
    writer.is_back_dated = prepared.is_back_dated
    codes = {member.addressee_no: member.relationship for member in body.members}
    for record in prepared.records:
        code = codes[record.addressee_no]
        await writer.change(
            record,
            household_no=household.household_no,
            relationship=code,
            relationship_text=relationship_text(code),
        )
    await writer.relate(prepared.household.others(prepared.numbers), body.staying)
    writer.touch(prepared.household.household)
    if reason is Reason.HOUSEHOLD_MERGE:
        writer.touch(household)
    return await writer.finish()
