"""The 住民票 as it stood: what was true on a day, as it was known at a moment. 除票 and 改製原 are read the same way.

Certificates are made from this: the items asked for, of one person (個人票) or of the household (世帯連記式).
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Literal

from pydantic import BaseModel

from modules.resident.basic_register.chips import Chip, status_chip
from modules.resident.basic_register.labels import NATIONALITY_JAPAN, SEX_LABELS, country_name
from modules.resident.basic_register.protections.masking import Veil, find_veil
from modules.resident.basic_register.reads.form_shapes import RESIDENCE_CLASSES
from modules.resident.basic_register.reads.rows import address_of, birth_of
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

Item = Literal["relationship", "domicile", "former_address", "foreign", "names"]
ALL_ITEMS: frozenset[Item] = frozenset({"relationship", "domicile", "former_address", "foreign", "names"})
_COLUMNS = """
SELECT addressee_no, household_no, name, name_kana, kana_confirmed, alias, former_surname, birth_date, birth_date_unknown, sex,
       nationality, relationship, relationship_text, postcode, address, building, previous_address, registered_domicile,
       family_register_head, residence_class, residence_status, residence_period, residence_until, residence_card_no,
       foreign_resident_since, became_resident_on, address_since, status, removed_on, removal_reason, destination, sheet_no,
       valid_from, valid_to, recorded_at, superseded_at
  FROM resident_record"""
_KNOWN = "valid_from <= $2 AND valid_to > $2 AND recorded_at <= $3 AND (superseded_at IS NULL OR superseded_at > $3)"
_PERSON = f"{_COLUMNS} WHERE addressee_no = $1 AND {_KNOWN} ORDER BY id DESC LIMIT 1"
_HOUSEHOLD = f"{_COLUMNS} WHERE household_no = $1 AND {_KNOWN} ORDER BY relationship <> '02', birth_date, addressee_no"


class Sheet(BaseModel):
    """One 住民票 as it stood; `items` are the further ones that were asked for, in the order of print."""

    addressee_no: int
    household_no: int
    name: str
    kana: str
    birth_date: date | None
    sex: str
    address: str
    became_resident_on: date
    address_since: date
    status: Chip
    status_code: str
    sheet_no: int
    items: list[dict[str, Any]]


class Stood(BaseModel):
    """The 住民票 of a person or a household as it stood on `on`, as known at `known_at`."""

    on: date
    known_at: datetime
    sheets: list[Sheet]


async def get_person_as_of(
    session: Reader, addressee_no: int, on: date, known_at: datetime, items: Collection[Item] = ALL_ITEMS
) -> Stood:
    """One person's 住民票 or 除票 (個人票); audited. Raises NotFound when nothing was known of the day."""
    row = await session.fetchrow(_PERSON, addressee_no, on, known_at)
    return await _stood(session, [row] if row else [], on, known_at, items)


async def get_household_as_of(
    session: Reader, household_no: int, on: date, known_at: datetime, items: Collection[Item] = ALL_ITEMS
) -> Stood:
    """A household's members as they stood (世帯連記式), those removed by then left out; audited. Raises NotFound."""
    rows = await session.fetch(_HOUSEHOLD, household_no, on, known_at)
    return await _stood(session, [row for row in rows if row["status"] != "removed"], on, known_at, items)


async def _stood(
    session: Reader, rows: Sequence[Record], on: date, known_at: datetime, items: Collection[Item]
) -> Stood:
    veil = await find_veil(session, [row["addressee_no"] for row in rows], "as_of")
    if not rows or any(row["addressee_no"] in veil.concealed for row in rows):
        raise NotFound("その日の住民票の記載は見つかりません。")
    for row in rows:
        detail = {"as_of": on, "known_at": known_at}
        session.audit(AuditEvent("person.view", f"addressee:{row['addressee_no']}", detail=detail))
    return Stood(on=on, known_at=known_at, sheets=[_sheet(row, veil, items) for row in rows])


def _sheet(row: Record, veil: Veil, items: Collection[Item]) -> Sheet:
    number = row["addressee_no"]
    return Sheet(
        addressee_no=number,
        household_no=row["household_no"],
        name=row["name"],
        kana=row["name_kana"],
        birth_date=birth_of(row),
        sex=SEX_LABELS[row["sex"]],
        address=veil.text(number, address_of(row)),
        became_resident_on=row["became_resident_on"],
        address_since=row["address_since"],
        status=status_chip(row),
        status_code=row["status"],
        sheet_no=row["sheet_no"],
        items=[item for item in _items(row, veil, items) if item["value"]],
    )


def _items(row: Record, veil: Veil, asked: Collection[Item]) -> list[dict[str, Any]]:
    number = row["addressee_no"]
    groups: dict[Item, list[tuple[str, Any, str]]] = {
        "names": [("旧氏", row["former_surname"], "name"), ("通称", row["alias"], "name")],
        "relationship": [("続柄", row["relationship_text"], "text")],
        "domicile": [
            ("本籍", veil.text(number, row["registered_domicile"]), "text"),
            ("筆頭者", row["family_register_head"], "name"),
        ],
        "former_address": [("転入前住所", veil.text(number, row["previous_address"]), "text")],
        "foreign": []
        if row["nationality"] == NATIONALITY_JAPAN
        else [
            ("国籍・地域", country_name(row["nationality"]), "text"),
            ("30条の45の区分", RESIDENCE_CLASSES.get(row["residence_class"] or ""), "text"),
            ("在留資格", row["residence_status"], "text"),
            ("在留期間", row["residence_period"], "text"),
            ("在留期間の満了の日", row["residence_until"], "date"),
            ("在留カード等の番号", row["residence_card_no"], "code"),
            ("外国人住民となった日", row["foreign_resident_since"], "date"),
        ],
    }
    end = [
        ("消除の日", row["removed_on"], "date"),
        ("転出先", veil.text(number, row["destination"]), "text"),
        ("改製", f"{row['sheet_no']}枚目" if row["sheet_no"] > 1 else "", "text"),
    ]
    shown = [entry for name, entries in groups.items() if name in asked for entry in entries]
    return [{"label": label, "value": value, "kind": kind} for label, value, kind in (*shown, *end)]
