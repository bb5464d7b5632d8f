"""Changes of items: by the family register, of 在留情報, by the office itself. Dated before a later movement, they keep it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from modules.resident.basic_register.labels import NATIONALITY_JAPAN
from modules.resident.basic_register.models import ResidentRecord
from modules.resident.basic_register.movements import checks
from modules.resident.basic_register.movements.change_inputs import (
    ChangedPerson,
    ChangedResidence,
    CorrectedItems,
    ExOfficioCorrection,
    FamilyRegisterChange,
    PersonItems,
    ResidenceChange,
)
from modules.resident.basic_register.movements.inputs import HouseholdMovement, MovementResult, PersonRef
from modules.resident.basic_register.movements.persons import FOREIGN_ITEMS, address_columns, folded_changes
from modules.resident.basic_register.movements.preparing import Prepared, prepare
from modules.resident.basic_register.movements.present import find_town
from modules.resident.basic_register.movements.transitions import Reason
from modules.resident.basic_register.movements.writer import MovementWriter
from yoriai.dates import OPEN_END, format_wareki
from yoriai.findings import Findings
from yoriai.tenancy.session import WriteSession

_ITEMS = tuple(name for name in PersonItems.model_fields if name != "removed_items")
_CORRECTED = ("birth_date", "sex", "became_resident_on", "address_since", "previous_address")
_NEEDED: Mapping[Reason, tuple[str, ...]] = {
    Reason.NAME_CHANGE: ("name", "name_kana"),
    Reason.DOMICILE_CHANGE: ("registered_domicile",),
    Reason.NATURALIZATION: ("registered_domicile", "family_register_head"),
}
"""What a change of that kind cannot be without."""


async def change_family_register(session: WriteSession, body: FamilyRegisterChange, now: datetime) -> MovementResult:
    """Record a 戸籍の届出等による修正 of one or several people; raises Invalid, NeedsConfirmation or Conflict."""
    reason = Reason(body.reason)
    prepared = await prepare(session, body, reason, now, body.members, is_ordered=False)
    changes: dict[int, dict[str, Any]] = {}
    for index, member in enumerate(body.members):
        record = prepared.household.members.get(member.addressee_no)
        if member.is_chosen and record is not None:
            place = f"members.{index}."
            changes[member.addressee_no] = _family_changes(prepared.findings, reason, record, member, place)
            checks.check_foreign_items(
                prepared.findings, member.nationality or record.nationality, member, body.event_date, place
            )
    return await _write(session, body, reason, now, prepared, changes)


async def change_residence(session: WriteSession, body: ResidenceChange, now: datetime) -> MovementResult:
    """Record new 在留情報 of foreign residents; raises Invalid, NeedsConfirmation or Conflict."""
    prepared = await prepare(session, body, Reason.RESIDENCE_CHANGE, now, body.members, is_ordered=False)
    changes = {}
    for index, member in enumerate(body.members):
        record = prepared.household.members.get(member.addressee_no)
        if member.is_chosen and record is not None:
            _check_residence(prepared.findings, record, member, body.event_date, f"members.{index}.")
            changes[member.addressee_no] = _given(record, member, FOREIGN_ITEMS)
    return await _write(session, body, Reason.RESIDENCE_CHANGE, now, prepared, changes)


async def correct_ex_officio(session: WriteSession, body: ExOfficioCorrection, now: datetime) -> MovementResult:
    """Record a 職権修正 of one person; raises Invalid, NeedsConfirmation or Conflict."""
    reason = Reason.EX_OFFICIO_CORRECTION
    chosen = [PersonRef(addressee_no=body.addressee_no)]
    prepared = await prepare(session, body, reason, now, chosen, is_ordered=False)
    record = prepared.household.members.get(body.addressee_no)
    changes = {}
    if record is not None:
        changes[record.addressee_no] = await corrected_columns(session, prepared.findings, record, body)
    return await _write(session, body, reason, now, prepared, changes)


async def corrected_columns(
    session: WriteSession, findings: Findings, record: ResidentRecord, items: CorrectedItems
) -> dict[str, Any]:
    """The columns a correction changes, checked like those of a newly entered person."""
    checks.check_present_names(findings, record, items, "")
    nationality = items.nationality or record.nationality
    checks.check_foreign_items(findings, nationality, items, record.valid_from, "")
    if items.birth_date is not None:
        checks.check_birth(findings, items.birth_date, record.became_resident_on, "birth_date")
    became = items.became_resident_on or record.became_resident_on
    since = items.address_since or record.address_since
    if since < became:
        findings.refuse("address_since", "住所を定めた日が、住民となった日より前です。", "住基法7条")
    given = _given(record, items, (*_ITEMS, *_CORRECTED))
    if items.address is not None:
        town = await find_town(session, items.address)
        checks.check_address(findings, items.address, is_known=town is not None)
        if town is not None:
            new = address_columns(town, items.address)
            given |= {name: value for name, value in new.items() if getattr(record, name) != value}
    return given | _taken_off(record, items)


def _family_changes(
    findings: Findings, reason: Reason, record: ResidentRecord, member: ChangedPerson, place: str
) -> dict[str, Any]:
    checks.check_present_names(findings, record, member, place)
    for name in _NEEDED.get(reason, ()):
        if not getattr(member, name):
            title = PersonItems.model_fields[name].title
            findings.refuse(f"{place}{name}", f"{record.name}さんの新しい{title}を入力してください。")
    if reason is Reason.FORMER_SURNAME and record.nationality != NATIONALITY_JAPAN:
        findings.refuse(
            f"{place}former_surname", "旧氏は日本の国籍の人だけに記載します。外国人は通称です。", "住基法施行令30条の14"
        )
    if reason is Reason.ALIAS and record.nationality == NATIONALITY_JAPAN:
        findings.refuse(f"{place}alias", "通称は外国人住民だけに記載します。日本人は旧氏です。", "住基法施行令30条の16")
    changes = _given(record, member, _ITEMS) | _taken_off(record, member)
    if reason is Reason.NATURALIZATION:
        if record.nationality == NATIONALITY_JAPAN:
            findings.refuse(f"{place}addressee_no", f"{record.name}さんはすでに日本の国籍です。")
        # Who became Japanese has no 在留情報 any more (住基法30条の45).
        changes |= {"nationality": NATIONALITY_JAPAN, **dict.fromkeys(FOREIGN_ITEMS)}
    if reason is Reason.KANA_CONFIRMED and not record.kana_confirmed:
        changes["kana_confirmed"] = True
    return changes


def _check_residence(
    findings: Findings, record: ResidentRecord, member: ChangedResidence, event_date: date, place: str
) -> None:
    checks.check_foreign_items(findings, record.nationality, member, event_date, place)
    if record.nationality == NATIONALITY_JAPAN:
        findings.refuse(
            f"{place}addressee_no", f"{record.name}さんは日本の国籍なので在留情報がありません。", "住基法30条の45"
        )


def _given(record: ResidentRecord, items: Any, names: Sequence[str]) -> dict[str, Any]:
    """What was entered and differs from what stands there."""
    entered = {name: getattr(items, name) for name in names if getattr(items, name) not in (None, "")}
    stored = folded_changes(record, entered)
    return {name: value for name, value in stored.items() if getattr(record, name) != value}


def _taken_off(record: ResidentRecord, items: PersonItems) -> dict[str, Any]:
    emptied: dict[str, Any] = {name: None for name in items.removed_items if getattr(record, name) is not None}
    return folded_changes(record, emptied) if emptied else {}


async def _write(
    session: WriteSession,
    body: HouseholdMovement,
    reason: Reason,
    now: datetime,
    prepared: Prepared,
    changes: Mapping[int, Mapping[str, Any]],
) -> MovementResult:
    findings = prepared.findings
    rows = {record.addressee_no: record for record in prepared.records}
    for number, record in rows.items():
        place = next(field for field, chosen in prepared.chosen.items() if chosen == number)
        if not changes.get(number):
            findings.refuse(place, f"{record.name}さんの変わる項目がありません。新しい内容を入力してください。")
        elif body.event_date < record.became_resident_on:
            since = format_wareki(record.became_resident_on)
            findings.refuse("event_date", f"{record.name}さんが住民となった日（{since}）より前の日付です。")
        elif body.event_date < record.valid_from and record.valid_to == OPEN_END:
            since = format_wareki(record.valid_from)
            message = (
                f"{record.name}さんにはその後（{since}）の異動があります。その異動で変わった項目はそのまま残ります。"
            )
            findings.warn_at("back_dated", "event_date", message)
    findings.settle(body.confirmed)
    writer = await MovementWriter.begin(session, body, reason, prepared.household.number, now)
    for number in rows:
        await writer.change_since(number, body.event_date, changes[number])
    writer.touch(prepared.household.household)
    return await writer.finish()
