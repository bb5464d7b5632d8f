"""From the register's published facts to the content of certificates, for one person or for thousands at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from modules.resident.basic_register.facts import (
    SealedNumber,
    Sheet,
    find_head,
    list_household_sheets,
    list_namesakes,
    list_sealed_numbers,
    list_sheets,
)
from modules.resident.certificates.contents import Subject, build, build_absence
from modules.resident.certificates.kinds import CERTIFICATES, NUMBERS, Item, Kind
from modules.resident.certificates.rules import lives_at
from yoriai.standings import Standing, collect_standings
from yoriai.tenancy.session import Reader

_HEAD = "02"
OVERRIDE = "certificate.override"
"""Who may issue certificates that are stopped reads hidden places too; everybody else while the protection is lifted."""
_PARTIAL = "世帯員の一部を記載した写しである。"


@dataclass(frozen=True)
class Target:
    """What is asked for: the kind, the person, which members, which 除票, which items; or whose absence."""

    kind: Kind
    items: frozenset[Item] = frozenset()
    addressee_no: int | None = None
    members: tuple[int, ...] = ()
    sheet_from: date | None = None
    asked_name: str = ""
    asked_address: str = ""


@dataclass(frozen=True)
class Extras:
    """What a page says of people beside their sheets: their numbers, and how they stand with the other businesses."""

    numbers: Mapping[int, Mapping[Item, SealedNumber]] = field(default_factory=dict)
    standings: Mapping[int, Sequence[Standing]] = field(default_factory=dict)


NO_EXTRAS = Extras()


@dataclass(frozen=True)
class Snapshot:
    """The register as of a day, as far as it concerns some persons: all their sheets, and who shares their households."""

    day: date
    sheets: Mapping[int, Sequence[Sheet]]
    households: Mapping[int, Sequence[Sheet]]

    def present(self, addressee_no: int) -> Sheet | None:
        """The person's 住民票 on the day; None for who does not live here then."""
        for sheet in self.sheets.get(addressee_no, ()):
            if sheet.valid_from <= self.day < sheet.valid_to:
                return None if sheet.is_removed else sheet
        return None

    def closed(self, addressee_no: int) -> list[Sheet]:
        """The person's 除票 and 改製原住民票, the newest first: of each 改製原, how it stood at last."""
        found: list[Sheet] = []
        later: Sheet | None = None
        for sheet in self.sheets.get(addressee_no, ()):
            is_remade = later is not None and later.sheet_no > sheet.sheet_no and not sheet.is_removed
            if sheet.is_removed or is_remade:
                found.append(sheet)
            later = sheet
        return found

    def removed(self, addressee_no: int, since: date | None = None) -> Sheet | None:
        """Of these the newest, unless the beginning of another is given."""
        found = self.closed(addressee_no)
        return next((sheet for sheet in found if since is None or sheet.valid_from == since), None)

    def subject(self, sheet: Sheet, extras: Extras = NO_EXTRAS) -> Subject:
        """The sheet with those before it."""
        own = self.sheets.get(sheet.addressee_no, ())
        return Subject(
            sheet,
            [earlier for earlier in own if earlier.valid_from < sheet.valid_from],
            extras.numbers.get(sheet.addressee_no, {}),
            extras.standings.get(sheet.addressee_no, ()),
        )

    def members(self, household_no: int) -> Sequence[Sheet]:
        """The household on the day, the head first."""
        return self.households.get(household_no, ())


async def take_snapshot(session: Reader, addressee_nos: Sequence[int], day: date) -> Snapshot:
    """Read the persons and their households in three statements, however many they are."""
    sheets: dict[int, list[Sheet]] = {}
    for sheet in await list_sheets(session, addressee_nos, opened_by=OVERRIDE):
        sheets.setdefault(sheet.addressee_no, []).append(sheet)
    alone = Snapshot(day, sheets, {})
    present = [own for number in sheets if (own := alone.present(number))]
    households: dict[int, list[Sheet]] = {}
    for sheet in await list_household_sheets(
        session, sorted({own.household_no for own in present}), day, opened_by=OVERRIDE
    ):
        households.setdefault(sheet.household_no, []).append(sheet)
    others = {member.addressee_no for members in households.values() for member in members} - set(sheets)
    for sheet in await list_sheets(session, sorted(others), opened_by=OVERRIDE):
        sheets.setdefault(sheet.addressee_no, []).append(sheet)
    return Snapshot(day, sheets, households)


async def _take_extras(session: Reader, target: Target, addressee_nos: Sequence[int], on: date) -> Extras:
    numbers: dict[int, dict[Item, SealedNumber]] = {}
    if kinds := target.items & NUMBERS:
        for number in await list_sealed_numbers(session, addressee_nos, kinds, on):
            numbers.setdefault(number.addressee_no, {})[Item(number.kind)] = number
    standings: dict[int, list[Standing]] = {}
    if target.kind is Kind.DEPARTURE:
        for standing in await collect_standings(session, addressee_nos, on):
            standings.setdefault(standing.addressee_no, []).append(standing)
    return Extras(numbers, standings)


def content_of_resident(
    snapshot: Snapshot, target: Target, place: str, extras: Extras = NO_EXTRAS
) -> dict[str, Any] | None:
    """The content of a resident's certificate; None for who is no resident on the day."""
    own = snapshot.present(target.addressee_no or 0)
    if own is None:
        return None
    members = snapshot.members(own.household_no)
    head = next((member for member in members if member.relationship == _HEAD), None)
    chosen: Sequence[Sheet] = [own]
    if target.kind is Kind.HOUSEHOLD:
        chosen = [member for member in members if not target.members or member.addressee_no in target.members]
    elif target.kind is Kind.DEPARTURE:
        if own.planned_removal_on is None:
            return None
        chosen = [
            member
            for member in members
            if (member.planned_removal_on, member.destination) == (own.planned_removal_on, own.destination)
        ]
    if not chosen:
        return None
    content = build(target.kind, [snapshot.subject(sheet, extras) for sheet in chosen], head, target.items, place)
    if target.kind is Kind.HOUSEHOLD and len(chosen) < len(members):
        content["partial"] = _PARTIAL
    return content


async def find_content(session: Reader, target: Target, day: date, place: str) -> dict[str, Any] | None:
    """The content of what is asked for; None when there is no such 住民票 or 除票."""
    if target.kind is Kind.ABSENCE:
        return build_absence(target.asked_name, target.asked_address)
    number = target.addressee_no or 0
    snapshot = await take_snapshot(session, [number], day)
    is_of_resident = CERTIFICATES[target.kind].needs_resident or (
        target.kind is Kind.DEPARTURE and snapshot.present(number) is not None
    )
    if is_of_resident:
        own = snapshot.present(number)
        shown = [member.addressee_no for member in snapshot.members(own.household_no)] if own else []
        return content_of_resident(snapshot, target, place, await _take_extras(session, target, shown, day))
    return await _of_removed(session, snapshot, target, place)


async def _of_removed(session: Reader, snapshot: Snapshot, target: Target, place: str) -> dict[str, Any] | None:
    sheet = snapshot.removed(target.addressee_no or 0, target.sheet_from)
    if sheet is None or (target.kind is Kind.DEPARTURE and sheet.removal_reason != "move_out"):
        return None
    head = await find_head(session, sheet)
    last_day = sheet.valid_from - timedelta(days=1) if sheet.is_removed else sheet.valid_to - timedelta(days=1)
    extras = await _take_extras(session, target, [sheet.addressee_no], last_day)
    return build(target.kind, [snapshot.subject(sheet, extras)], head, target.items, place)


async def is_registered_at(session: Reader, name: str, address: str, place: str) -> bool:
    """Whether somebody of the name is or was registered at the address, 除票 included."""
    sheets = await list_namesakes(session, name, opened_by=OVERRIDE)
    return lives_at(address, {*(sheet.address for sheet in sheets), *(sheet.full_address for sheet in sheets)}, place)
