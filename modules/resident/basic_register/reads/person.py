"""The person's page and the household's page."""

from collections.abc import Sequence
from datetime import date, datetime

from modules.resident.basic_register.protections.masking import Veil, find_veil
from modules.resident.basic_register.protections.reads import list_warnings
from modules.resident.basic_register.reads import rows
from modules.resident.basic_register.reads.history import list_of_household, list_of_person
from modules.resident.basic_register.reads.shapes import HouseholdView, PersonView
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

_COLUMNS = """r.id, r.addressee_no, r.household_no, h.version AS household_version, r.version, r.name, r.name_kana, r.alias,
 r.former_surname, r.birth_date, r.birth_date_unknown, r.sex, r.nationality, r.relationship, r.relationship_text, r.address,
 r.building, r.previous_address, r.registered_domicile, r.family_register_head, r.became_resident_on, r.address_since,
 r.kana_confirmed, r.residence_class, r.residence_status, r.residence_period, r.residence_until, r.residence_card_no,
 r.foreign_resident_since, r.sheet_no, r.status, r.removed_on, r.removal_reason, r.planned_removal_on, r.destination,
 r.valid_from, r.valid_to, r.recorded_at,
 r.movement_no"""
_FROM = "FROM resident_record r JOIN household h ON h.household_no = r.household_no"
_CURRENT = "r.superseded_at IS NULL AND r.valid_to = '9999-12-31'"
_PERSON = f"SELECT {_COLUMNS} {_FROM} WHERE r.addressee_no = $1 AND {_CURRENT}"
_MEMBERS = f"""SELECT {_COLUMNS} {_FROM} WHERE r.household_no = $1 AND {_CURRENT}
 ORDER BY r.status = 'removed', r.relationship <> '02', r.birth_date, r.addressee_no"""
_MATES = f"""SELECT r.addressee_no {_FROM} WHERE r.household_no = $1 AND {_CURRENT}
 ORDER BY r.addressee_no"""
_VERSIONS = f"""SELECT {_COLUMNS} {_FROM} WHERE r.addressee_no = $1 AND r.superseded_at IS NULL
 ORDER BY r.valid_from DESC"""
_HOUSEHOLD = "SELECT household_no, version, created_on FROM household WHERE household_no = $1"


async def get_person(session: Reader, addressee_no: int, now: datetime, base: str) -> PersonView:
    """All the register knows of a person; audited. `base` is the address of the business. Raises NotFound."""
    row, veil = await get_row(session, addressee_no, "person")
    session.audit(AuditEvent("person.view", f"addressee:{addressee_no}"))
    as_of = now.date()
    members = [m for m in await _members(session, row["household_no"]) if m["addressee_no"] not in veil.concealed]
    versions = await session.fetch(_VERSIONS, addressee_no)
    has_head = any(rows.is_head(member) for member in members)
    return PersonView(
        person=rows.to_card(row, as_of, base, veil),
        attention=[
            *await list_warnings(session, addressee_no, now),
            *rows.to_attention(row, has_head, base, as_of, veil),
        ],
        items=rows.to_items(row, veil),
        members=[rows.to_member(member, as_of, base, addressee_no, veil) for member in members],
        versions=[rows.to_version(version, veil) for version in versions],
        movements=await list_of_person(session, addressee_no, base),
    )


async def get_household(session: Reader, household_no: int, as_of: date, base: str) -> HouseholdView:
    """A household with its present and former members; a view of each of them is audited. Raises NotFound."""
    household = await session.fetchrow(_HOUSEHOLD, household_no)
    if household is None:
        raise NotFound("世帯が見つかりません。")
    members = await _members(session, household_no)
    veil = await find_veil(session, [member["addressee_no"] for member in members], "household")
    if veil.concealed:
        raise NotFound("世帯が見つかりません。")
    hidden = next((member["addressee_no"] for member in members if veil.covers(member["addressee_no"])), 0)
    for member in members:
        session.audit(
            AuditEvent("person.view", f"addressee:{member['addressee_no']}", detail={"household": household_no})
        )
    head = next((member for member in members if rows.is_head(member)), members[0] if members else None)
    return HouseholdView(
        household_no=household_no,
        version=household["version"],
        created_on=household["created_on"],
        head=head["name"] if head else "",
        address=veil.text(hidden, rows.address_of(head)) if head else "",
        members=[rows.to_member(member, as_of, base, veil=veil) for member in members],
        movements=await list_of_household(session, household_no, base),
    )


async def get_row(session: Reader, addressee_no: int, purpose: str) -> tuple[Record, Veil]:
    """The current record of a person, 除票 included, and what of the household is hidden from the reader.

    Raises NotFound, for who is concealed from the reader too: the answer is the same as for a number that nobody has.
    """
    row = await session.fetchrow(_PERSON, addressee_no)
    mates = [] if row is None else [m["addressee_no"] for m in await session.fetch(_MATES, row["household_no"])]
    veil = await find_veil(session, [addressee_no, *mates], purpose)
    if row is None or addressee_no in veil.concealed:
        raise NotFound("この宛名番号の人は見つかりません。")
    return row, veil


async def _members(session: Reader, household_no: int) -> Sequence[Record]:
    return await session.fetch(_MEMBERS, household_no)
