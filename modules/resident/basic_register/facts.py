"""What the register publishes to other businesses: views in the municipality's schema, and typed ways to read them.

`fact_resident` has a row per resident (転出予定 included); `fact_resident_version` every period known now, 除票 included;
`fact_resident_name` the names a resident may go by;
`fact_resident_sheet` the items of the 住民票 in each of these periods, for certificates, after `find_certificate_stops`;
`fact_resident_period` the same with names and addresses, for registers that list people as of a day, the departed included;
`fact_hidden_person`, `fact_protection`, `fact_certificate_stop` whose address is hidden, what is stopped for whom.
`list_sealed_numbers` gives 個人番号 and 住民票コード, sealed, to who prints them;
`fact_mailing_address` where a letter goes. All views above say of hidden people that the address cannot be shown (no 町字
either), but for sheets and letters while the protection is lifted; `sealed_resident_sheet` and `sealed_mailing_address` say it
all: a lint names the few files that may read them, and only the functions here decide for whom;
`fact_resident_entry` the movements by which a 住民票 came into being (転入, 出生 …) with the days of event, notice and recording.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import polars as pl

from modules.resident.basic_register.labels import country_name as country_name
from modules.resident.basic_register.numbers.published import SealedNumber as SealedNumber
from modules.resident.basic_register.numbers.published import list_sealed_numbers as list_sealed_numbers
from modules.resident.basic_register.protections.kinds import SEE as SEE
from modules.resident.basic_register.protections.masking import HIDDEN_TEXT as HIDDEN_TEXT
from modules.resident.basic_register.protections.masking import find_veil
from yoriai.audit import AuditEvent
from yoriai.dates import OPEN_END
from yoriai.errors import NotFound
from yoriai.japanese import fold_name, query_grams
from yoriai.tenancy.bulk import BulkReadSession
from yoriai.tenancy.session import Reader, Record

_RESIDENT = """
SELECT addressee_no, household_no, name, name_kana, birth_date, sex, is_head, relationship, relationship_text, town_code,
       postcode, address, building, nationality, became_resident_on, status, is_hidden FROM fact_resident"""
_ONE = f"{_RESIDENT} WHERE addressee_no = $1"
_HOUSEHOLD = f"{_RESIDENT} WHERE household_no = $1 ORDER BY NOT is_head, birth_date, addressee_no"
_AS_OF = """
SELECT addressee_no, household_no, birth_date, sex, is_head, relationship, town_code, nationality, became_resident_on
  FROM fact_resident_version
 WHERE valid_from <= $1 AND valid_to > $1 AND status <> 'removed' AND household_no >= $2 AND household_no < $3
 ORDER BY household_no, addressee_no"""

_MAILING = "SELECT postcode, address, building, is_hidden FROM fact_mailing_address WHERE addressee_no = $1"
_SEALED_MAILING = """
SELECT addressee_no, postcode, address, building, is_hidden FROM sealed_mailing_address
 WHERE addressee_no = ANY($1::bigint[])"""
_PROTECTIONS = """
SELECT kind, since, until, hides_address, stops_issue, stops_movement, lifted_until FROM fact_protection
 WHERE addressee_no = $1 AND since <= $2 AND until > $2 ORDER BY protection_no"""
_NAMES = "SELECT name, name_kana, alias, former_surname, nationality, planned_removal_on FROM fact_resident_name"
_STOP = """
SELECT kind, since, until FROM fact_certificate_stop
 WHERE addressee_no = $1 AND since <= $2 AND until > $2 ORDER BY since LIMIT 1"""
# Whose address is hidden is stopped too, also as a member of the household: the paper would show it. A 一時解除 opens both.
_STOPS = """
SELECT DISTINCT ON (addressee_no) addressee_no, kind, since, until FROM (
  SELECT addressee_no, kind, since, until FROM fact_certificate_stop WHERE since <= $2 AND until > $2
   UNION ALL
  SELECT addressee_no, '支援措置', DATE '0001-01-01', DATE '9999-12-31' FROM fact_hidden_person WHERE NOT is_lifted) stop
 WHERE addressee_no = ANY($1::bigint[]) ORDER BY addressee_no, since DESC"""
_NUMBER_HOLDERS = "SELECT addressee_no FROM fact_person_number WHERE kind = $1 AND fingerprint = ANY($2::text[])"
_FINGERPRINT = "SELECT fingerprint FROM fact_person_number WHERE kind = $1 AND addressee_no = $2 AND is_current"
_HIDDEN = "SELECT addressee_no FROM fact_hidden_person WHERE addressee_no = ANY($1::bigint[])"
_LIFTED = "SELECT is_lifted FROM fact_hidden_person"
_CONCEALED = "SELECT addressee_no FROM fact_hidden_person WHERE is_concealed AND addressee_no = ANY($1::bigint[])"
_SHEET = """
SELECT addressee_no, household_no, name, name_kana, alias, former_surname, birth_date, birth_date_unknown, sex, nationality,
       relationship, relationship_text, postcode, address, building, previous_address, registered_domicile,
       family_register_head, became_resident_on, address_since, status, removed_on, removal_reason, planned_removal_on,
       destination, valid_from, valid_to, movement_no, movement_reason, event_date, notified_on, sheet_no, residence_class,
       residence_status, residence_period, residence_until, residence_card_no, foreign_resident_since FROM"""
_SHEETS = "WHERE addressee_no = ANY($1::bigint[]) ORDER BY addressee_no, valid_from DESC"
_HOUSEHOLD_SHEETS = """WHERE household_no = ANY($1::bigint[]) AND valid_from <= $2 AND valid_to > $2
 AND status <> 'removed' ORDER BY household_no, relationship <> '02', birth_date, addressee_no"""
_NAMESAKES = "WHERE gram @> $1::text[] AND name_fold = $2 ORDER BY addressee_no, valid_from DESC"


@dataclass(frozen=True)
class Sheet:
    """What a person's 住民票 says from `valid_from` until the day before `valid_to`; of a 除票, `status` is `removed`."""

    addressee_no: int
    household_no: int
    name: str
    name_kana: str
    alias: str | None
    former_surname: str | None
    birth_date: date
    birth_date_unknown: bool
    sex: str
    nationality: str
    relationship: str
    relationship_text: str
    postcode: str | None
    address: str
    building: str | None
    previous_address: str | None
    registered_domicile: str | None
    family_register_head: str | None
    became_resident_on: date
    address_since: date
    status: str
    removed_on: date | None
    removal_reason: str | None
    planned_removal_on: date | None
    destination: str | None
    valid_from: date
    valid_to: date
    movement_no: int
    movement_reason: str | None
    event_date: date | None
    notified_on: date | None
    sheet_no: int
    residence_class: str | None
    residence_status: str | None
    residence_period: str | None
    residence_until: date | None
    residence_card_no: str | None
    foreign_resident_since: date | None

    @property
    def is_removed(self) -> bool:
        """Whether it is a 除票."""
        return self.status == "removed"

    @property
    def is_current(self) -> bool:
        """Whether it is the last known period."""
        return self.valid_to == OPEN_END

    @property
    def full_address(self) -> str:
        """住所 and 方書."""
        return " ".join(part for part in (self.address, self.building) if part)


@dataclass(frozen=True)
class MailingAddress:
    """Where a letter to the person reaches them. `is_hidden`: it may stand on that letter and nowhere else."""

    postcode: str | None
    address: str
    building: str | None
    is_hidden: bool


@dataclass(frozen=True)
class ProtectionFact:
    """A suppression in force: what it stops; `lifted_until` is the end of a 一時解除."""

    kind: str
    since: date
    until: date
    hides_address: bool
    stops_issue: bool
    stops_movement: bool
    lifted_until: datetime | None


@dataclass(frozen=True)
class Names:
    """What a resident may be called on paper: 氏名, フリガナ, 通称, 旧氏; and the day of a planned 転出."""

    name: str
    name_kana: str
    alias: str | None
    former_surname: str | None
    nationality: str
    planned_removal_on: date | None


@dataclass(frozen=True)
class CertificateStop:
    """No certificate of this person may be issued: `kind` says why (支援措置, for example); `until` is the first day after."""

    kind: str
    since: date
    until: date


@dataclass(frozen=True)
class Resident:
    """A resident as other businesses see one."""

    addressee_no: int
    household_no: int
    name: str
    name_kana: str
    birth_date: date
    sex: str
    is_head: bool
    relationship: str
    relationship_text: str
    town_code: str | None
    postcode: str | None
    address: str
    building: str | None
    nationality: str
    became_resident_on: date
    status: str
    is_hidden: bool = False
    """支援措置: the address is hidden, here too unless the reader holds the right."""


async def find_resident(session: Reader, addressee_no: int) -> Resident | None:
    """The resident, or None when nobody of that number lives here now, or nobody who exists for the session's principal."""
    row = await session.fetchrow(_ONE, addressee_no)
    return next(iter(await _seen(session, [row] if row else [])), None)


async def list_household(session: Reader, household_no: int) -> list[Resident]:
    """The residents of a household, the head first."""
    return await _seen(session, await session.fetch(_HOUSEHOLD, household_no))


async def find_mailing_address(session: Reader, addressee_no: int) -> MailingAddress | None:
    """Where to send a letter to the person, the departed included.

    Of hidden people only for who holds the right (audited) or while the protection is lifted; else the text says that it cannot
    be shown. For the print of a letter to that very person, never for a screen, a list or a letter to somebody else.
    """
    row = await session.fetchrow(_MAILING, addressee_no)
    if row is None:
        return None
    if row["is_hidden"] and session.principal.may(SEE):
        await find_veil(session, [addressee_no], "letter")
        row = (await _sealed_places(session, [addressee_no]))[addressee_no]
    return MailingAddress(row["postcode"], row["address"], row["building"], row["is_hidden"])


async def find_district_place(session: Reader, addressee_no: int) -> str:
    """住所 of the person, hidden or not, to find a 通学区域 or the like by; never to be shown or kept. Empty for nobody."""
    row = (await _sealed_places(session, [addressee_no])).get(addressee_no)
    return row["address"] if row else ""


async def list_protections(session: Reader, addressee_no: int, on: date) -> list[ProtectionFact]:
    """The suppressions of the person in force on the day: certificates stopped, address hidden, movements stopped."""
    return [ProtectionFact(**dict(row)) for row in await session.fetch(_PROTECTIONS, addressee_no, on)]


async def is_hidden_from_reader(session: Reader, addressee_no: int) -> bool:
    """Whether the address of the person is hidden from the session's principal; a permitted sight is audited."""
    return (await find_veil(session, [addressee_no], "facts")).covers(addressee_no)


async def hidden_from_reader(session: Reader, addressee_nos: Iterable[int], purpose: str) -> frozenset[int]:
    """Of these persons those whose places are hidden from the session's principal; permitted sights are audited as `purpose`."""
    return (await find_veil(session, addressee_nos, purpose)).hidden


async def is_lifted(session: Reader, addressee_no: int) -> bool:
    """Whether a named supervisor has lifted, for a while that is not over, every protection that hides the person's address."""
    return bool(await session.fetchval(f"{_LIFTED} WHERE addressee_no = $1", addressee_no))


async def find_names(session: Reader, addressee_no: int) -> Names | None:
    """The names of a resident, or None when nobody of that number lives here now."""
    row = await session.fetchrow(f"{_NAMES} WHERE addressee_no = $1", addressee_no)
    return Names(**dict(row)) if row else None


async def find_certificate_stop(session: Reader, addressee_no: int, on: date) -> CertificateStop | None:
    """Whether certificates of the person are stopped on the day; a 一時解除 opens them for its minutes."""
    row = await session.fetchrow(_STOP, addressee_no, on)
    return CertificateStop(**dict(row)) if row else None


async def find_certificate_stops(session: Reader, addressee_nos: Sequence[int], on: date) -> dict[int, CertificateStop]:
    """Of these persons, those whose certificates are stopped on the day, or whose address no paper may show."""
    rows = await session.fetch(_STOPS, list(addressee_nos), on)
    return {row["addressee_no"]: CertificateStop(row["kind"], row["since"], row["until"]) for row in rows}


async def find_concealed(session: Reader, addressee_nos: Sequence[int]) -> set[int]:
    """Of these persons, those who do not exist for the session's principal."""
    if session.principal.may(SEE):
        return set()
    return {row["addressee_no"] for row in await session.fetch(_CONCEALED, list(addressee_nos))}


async def find_number_holders(session: Reader, kind: str, prints: Sequence[str]) -> set[int]:
    """Whose 住民票 bears the number with one of these fingerprints (`Sealer.fingerprints`), or bore it."""
    return {row["addressee_no"] for row in await session.fetch(_NUMBER_HOLDERS, kind, list(prints))}


async def find_fingerprint(session: Reader, kind: str, addressee_no: int) -> str | None:
    """The fingerprint of the number of that kind on the person's 住民票 or 除票; None where none is recorded."""
    found: str | None = await session.fetchval(_FINGERPRINT, kind, addressee_no)
    return found


async def without_concealed(session: Reader, rows: Sequence[Record], key: str = "addressee_no") -> list[Record]:
    """The rows without those of people who do not exist for the session's principal; for every list of another business."""
    numbers = sorted({row[key] for row in rows if row[key] is not None})
    gone = await find_concealed(session, numbers) if numbers else set()
    return [row for row in rows if row[key] not in gone]


async def refuse_concealed(session: Reader, addressee_nos: Iterable[int | None], message: str) -> None:
    """Answer as if there were nobody (NotFound with the message) when one of them does not exist for the session's principal."""
    if await find_concealed(session, [number for number in addressee_nos if number is not None]):
        raise NotFound(message)


async def list_sheets(session: Reader, addressee_nos: Sequence[int], *, opened_by: str = SEE) -> list[Sheet]:
    """All periods of these persons' 住民票 and 除票, by person, the newest first.

    Hidden people's places are in them while the protection is lifted, or for who holds the right or the permission `opened_by`
    (audited); else they say that they cannot be shown.
    """
    return await _sheets(session, opened_by, _SHEETS, list(addressee_nos))


async def list_household_sheets(
    session: Reader, household_nos: Sequence[int], day: date, *, opened_by: str = SEE
) -> list[Sheet]:
    """Who lived in these households at the end of the day, by household, the head first; places as in `list_sheets`."""
    return await _sheets(session, opened_by, _HOUSEHOLD_SHEETS, list(household_nos), day)


async def find_head(session: Reader, sheet: Sheet) -> Sheet | None:
    """The 世帯主 of the household at the time of the sheet; of a 除票, on the last day before the removal."""
    if sheet.relationship == "02":
        return sheet
    day = sheet.valid_from - timedelta(days=1) if sheet.is_removed else sheet.valid_from
    members = await list_household_sheets(session, [sheet.household_no], day)
    return next((member for member in members if member.relationship == "02"), None)


async def list_namesakes(session: Reader, name: str, *, opened_by: str = SEE) -> list[Sheet]:
    """All periods in which somebody bore the name, variants of its characters included; places as in `list_sheets`."""
    folded = fold_name(name)
    return await _sheets(session, opened_by, _NAMESAKES, query_grams(folded), folded)


def read_residents_as_of(session: BulkReadSession, day: date, lower: int = 0, upper: int = 2**62) -> pl.DataFrame:
    """Who lived here at the end of a day, for the households [lower, upper): a row per person."""
    return session.read(_AS_OF, (day, lower, upper))


async def _seen(session: Reader, rows: Sequence[Record]) -> list[Resident]:
    """The residents; the view hides protected addresses from everybody, and who holds the right gets them back here, audited."""
    found = [Resident(**dict(row)) for row in rows]
    if any(person.is_hidden for person in found):
        gone = await find_concealed(session, [person.addressee_no for person in found])
        found = [person for person in found if person.addressee_no not in gone]
    hidden = [person.addressee_no for person in found if person.is_hidden]
    if not hidden or not session.principal.may(SEE):
        return found
    await find_veil(session, hidden, "facts")
    places = await _sealed_places(session, hidden)
    return [
        replace(person, postcode=at["postcode"], address=at["address"], building=at["building"])
        if (at := places.get(person.addressee_no))
        else person
        for person in found
    ]


async def _sheets(session: Reader, opened_by: str, condition: str, *arguments: object) -> list[Sheet]:
    is_open = session.principal.may(SEE) or session.principal.may(opened_by)
    view = "sealed_resident_sheet" if is_open else "fact_resident_sheet"
    found = [Sheet(**dict(row)) for row in await session.fetch(f"{_SHEET} {view} {condition}", *arguments)]
    if is_open and found:
        for number in await _hidden_among(session, {sheet.addressee_no for sheet in found}):
            session.audit(AuditEvent("protected.view", f"addressee:{number}", detail={"as": "sheet"}))
    return found


async def _hidden_among(session: Reader, addressee_nos: Iterable[int]) -> list[int]:
    return [row["addressee_no"] for row in await session.fetch(_HIDDEN, sorted(addressee_nos))]


async def _sealed_places(session: Reader, addressee_nos: Sequence[int]) -> dict[int, Record]:
    return {row["addressee_no"]: row for row in await session.fetch(_SEALED_MAILING, list(addressee_nos))}
