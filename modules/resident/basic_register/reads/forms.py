"""What the movements' forms start from: the household as it stands, the 町字, the 続柄 to choose from."""

from datetime import date
from typing import Any
from uuid import uuid4

from pydantic import BaseModel

from modules.resident.basic_register.labels import relationship_text, relationships
from modules.resident.basic_register.movements.suggesting import suggest_relations
from modules.resident.basic_register.movements.transitions import Status
from modules.resident.basic_register.reads.form_shapes import FOREIGN_FIELDS, FormShape, ItemField
from modules.resident.basic_register.reads.person import get_household, get_row
from modules.resident.basic_register.reads.shapes import HouseholdView, Member
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_TOWNS = """
SELECT town_code, name, kana, postcode, count(*) OVER (PARTITION BY name) = 1 AS is_unique FROM town ORDER BY kana, town_code"""
_COMPOUND = ("2011", "2012", "2020", "1220", "1120", "1151", "1152", "1251", "1252", "6120", "6220")
"""Relations of two steps that are common enough to stand in the list."""


class TownOption(BaseModel):
    """A 町字 to choose; `value` is its name, or its code where two are called the same."""

    value: str
    label: str


class MoveInForm(BaseModel):
    """A 転入 to be filled in; `joined` is the household the people move into, if it exists."""

    towns: list[TownOption]
    relationships: list[tuple[str, str]]
    joined: HouseholdView | None
    initial: dict[str, Any]
    is_ex_officio: bool = False
    held_by: str = ""
    """Who else is changing the household that would be joined, in words; the form is read-only then."""
    foreign_fields: list[ItemField] = FOREIGN_FIELDS


class HouseholdForm(BaseModel):
    """A movement of a household's members to be filled in; `members` are those who live here."""

    household: HouseholdView
    members: list[Member]
    towns: list[TownOption]
    relationships: list[tuple[str, str]]
    chosen: int | None
    initial: dict[str, Any]
    held_by: str = ""
    """Who else is changing the household at the moment, in words; the form is read-only then."""
    shape: FormShape | None = None
    """What the form asks, for those that one template draws."""

    def fill(self, message: dict[str, Any]) -> None:
        """Fill in a received notification: its items, and who of the household it names."""
        chosen = message.pop("_chosen", [])
        members = [
            {**member, **({"is_chosen": "true"} if member["addressee_no"] in chosen else {})}
            for member in self.initial["members"]
        ]
        self.initial = {**self.initial, **message, "members": members}


async def get_move_in_form(
    session: Reader, today: date, base: str, household_no: int | None = None, addressee_no: int | None = None
) -> MoveInForm:
    """The form of a 転入. `base` is the address of the business. Raises NotFound."""
    joined = await get_household(session, household_no, today, base) if household_no else None
    member = await _returning(session, addressee_no) if addressee_no else {"relationship": "" if joined else "02"}
    initial: dict[str, Any] = {**_common(today), "members": [member]}
    if joined:
        initial["household"] = {"household_no": joined.household_no, "version": joined.version}
    return MoveInForm(
        towns=await list_towns(session), relationships=_relationship_options(), joined=joined, initial=initial
    )


async def get_household_form(
    session: Reader,
    household_no: int,
    today: date,
    base: str,
    addressee_no: int | None = None,
    shape: FormShape | None = None,
) -> HouseholdForm:
    """The form of a movement out of or inside a household. Raises NotFound, also when there is nobody it could be about."""
    household = await get_household(session, household_no, today, base)
    members = [member for member in household.members if _is_asked(member, shape)]
    if not members and shape is not None and shape.subjects == "foreign":
        # Somebody who is entered as a Japanese by mistake is found here, and told so when the form is sent.
        members = [member for member in household.members if not member.is_ended]
    if not members:
        raise NotFound("この世帯に、この異動の対象になる人はいません。")
    listed: list[dict[str, Any]] = [
        {"addressee_no": m.addressee_no, "relationship": m.relationship_code} for m in members
    ]
    if len(members) == 1:
        # Nobody else can be meant.
        addressee_no = addressee_no or members[0].addressee_no
        listed[0]["is_chosen"] = "true"
    present = [(member.addressee_no, member.relationship_code) for member in members]
    suggested = suggest_relations(present, addressee_no) if addressee_no else {}
    return HouseholdForm(
        household=household,
        members=members,
        towns=await list_towns(session),
        relationships=_relationship_options(*(code for _, code in present), *suggested.values()),
        chosen=addressee_no,
        initial={
            **_common(today),
            "household": {"household_no": household.household_no, "version": household.version},
            "members": listed,
            "staying": [
                {"addressee_no": number} | ({"relationship": suggested[number]} if number in suggested else {})
                for number, _ in present
            ],
            "addressee_no": addressee_no,
            **({"movement_class": "ex_officio"} if shape and shape.is_ex_officio else {}),
        },
        shape=shape,
    )


def _is_asked(member: Member, shape: FormShape | None) -> bool:
    """Whether the form is about the person: who lives here, or who has left or announced to."""
    if shape is not None and shape.subjects == "departed":
        return member.is_ended or member.status_code == Status.MOVE_OUT_PLANNED
    if shape is not None and shape.subjects == "foreign" and not member.is_foreign:
        return False
    return not member.is_ended


def _common(today: date) -> dict[str, Any]:
    return {"notified_on": today.isoformat(), "movement_class": "notified", "request_key": str(uuid4())}


async def _returning(session: Reader, addressee_no: int) -> dict[str, Any]:
    """The items of an earlier 住民票, so that a returning resident is not typed again."""
    row, veil = await get_row(session, addressee_no, "form")
    if row["status"] != Status.REMOVED:
        raise NotFound("この人は今も住民として登録されています。")
    kept = ("addressee_no", "name", "name_kana", "sex", "alias", "former_surname", "nationality")
    further = ("registered_domicile", "family_register_head")
    shown = kept if veil.covers(addressee_no) else (*kept, *further)
    values = {name: row[name] or "" for name in shown}
    return {**values, "birth_date": row["birth_date"].isoformat(), "relationship": "02"}


def _relationship_options(*further: str) -> list[tuple[str, str]]:
    """The usual 続柄, and those that members have already or would have."""
    codes = dict.fromkeys([*relationships(), *_COMPOUND, *further])
    return [(code, relationship_text(code)) for code in codes]


async def list_towns(session: Reader) -> list[TownOption]:
    """The 町字 to choose from."""
    return [
        TownOption(
            value=row["name"] if row["is_unique"] else row["town_code"],
            label=f"{row['name']} {row['kana']} {row['postcode'] or ''}".strip(),
        )
        for row in await session.fetch(_TOWNS)
    ]
