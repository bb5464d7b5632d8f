"""What the register publishes to other businesses: views in the municipality's schema, and typed ways to read them.

`fact_resident` has a row per resident (転出予定 included); `fact_resident_version` every period known now, 除票 included;
`fact_resident_name` the names a resident may go by;
`fact_resident_period` the same with names and addresses, for registers that list people as of a day, the departed included;
`fact_hidden_person`, `fact_protection`, `fact_certificate_stop` whose address is hidden, what is stopped for whom.
The views above say of hidden people that the address cannot be shown;
`fact_mailing_address` has it, for letters to that person only;
`fact_resident_entry` the movements by which a 住民票 came into being (転入, 出生 …) with the days of event, notice and recording.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl

from modules.resident.basic_register.protections.kinds import SEE
from modules.resident.basic_register.protections.masking import find_veil
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

_MAILING = "SELECT postcode, address, building, is_hidden FROM fact_mailing_address"
_PLACES = """
SELECT addressee_no, postcode, address, building FROM fact_mailing_address WHERE addressee_no = ANY($1::bigint[])"""
_PROTECTIONS = """
SELECT kind, since, until, hides_address, stops_issue, stops_movement, lifted_until FROM fact_protection
 WHERE addressee_no = $1 AND since <= $2 AND until > $2 ORDER BY protection_no"""
_NAMES = "SELECT name, name_kana, alias, former_surname, nationality, planned_removal_on FROM fact_resident_name"
_STOP = """
SELECT kind, since, until FROM fact_certificate_stop
 WHERE addressee_no = $1 AND since <= $2 AND until > $2 ORDER BY since LIMIT 1"""


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
    """The resident, or None when nobody of that number lives here now."""
    row = await session.fetchrow(_ONE, addressee_no)
    return (await _seen(session, [row]))[0] if row else None


async def list_household(session: Reader, household_no: int) -> list[Resident]:
    """The residents of a household, the head first."""
    return await _seen(session, await session.fetch(_HOUSEHOLD, household_no))


async def find_mailing_address(session: Reader, addressee_no: int) -> MailingAddress | None:
    """Where to send a letter to the person, the departed included, also while their address is hidden.

    For the print of a letter to that very person, never for a screen, a list or a letter to somebody else.
    """
    row = await session.fetchrow(f"{_MAILING} WHERE addressee_no = $1", addressee_no)
    return MailingAddress(**dict(row)) if row else None


async def list_protections(session: Reader, addressee_no: int, on: date) -> list[ProtectionFact]:
    """The suppressions of the person in force on the day: certificates stopped, address hidden, movements stopped."""
    return [ProtectionFact(**dict(row)) for row in await session.fetch(_PROTECTIONS, addressee_no, on)]


async def is_hidden_from_reader(session: Reader, addressee_no: int) -> bool:
    """Whether the address of the person is hidden from the session's principal; a permitted sight is audited."""
    return (await find_veil(session, [addressee_no], "facts")).covers(addressee_no)


async def find_names(session: Reader, addressee_no: int) -> Names | None:
    """The names of a resident, or None when nobody of that number lives here now."""
    row = await session.fetchrow(f"{_NAMES} WHERE addressee_no = $1", addressee_no)
    return Names(**dict(row)) if row else None


async def find_certificate_stop(session: Reader, addressee_no: int, on: date) -> CertificateStop | None:
    """Whether certificates of the person are stopped on the day; a 一時解除 opens them for its minutes."""
    row = await session.fetchrow(_STOP, addressee_no, on)
    return CertificateStop(**dict(row)) if row else None


def read_residents_as_of(session: BulkReadSession, day: date, lower: int = 0, upper: int = 2**62) -> pl.DataFrame:
    """Who lived here at the end of a day, for the households [lower, upper): a row per person."""
    return session.read(_AS_OF, (day, lower, upper))


async def _seen(session: Reader, rows: Sequence[Record]) -> list[Resident]:
    """The residents; the view hides protected addresses from everybody, and who holds the right gets them back here, audited."""
    found = [Resident(**dict(row)) for row in rows]
    hidden = [person.addressee_no for person in found if person.is_hidden]
    if not hidden or not session.principal.may(SEE):
        return found
    await find_veil(session, hidden, "facts")
    places = {row["addressee_no"]: row for row in await session.fetch(_PLACES, hidden)}
    return [
        replace(person, postcode=at["postcode"], address=at["address"], building=at["building"])
        if (at := places.get(person.addressee_no))
        else person
        for person in found
    ]
