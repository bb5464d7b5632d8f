"""The register of children as it is read: one statement for screens, letters and jobs, and the person behind each row."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import hidden_from_reader
from modules.resident.school_age.settings import SchoolSettings
from yoriai.tenancy.session import Reader

CHILDREN = """
SELECT c.addressee_no, c.entry_year, c.state, c.wish, c.name_choice, c.is_missing, c.held_years, c.remark, c.version,
       k.name, k.name_kana, n.alias, k.birth_date, k.sex, k.nationality, k.household_no, k.address, k.building,
       coalesce(d.address, k.address) AS place,
       m.postcode, coalesce(m.address, k.address) AS mail_address, m.building AS mail_building,
       coalesce(k.is_hidden, false) OR coalesce(g.is_hidden, false) AS is_hidden,
       p.id AS placement_id, coalesce(p.kind, 'unassigned') AS kind, coalesce(p.grade, 0)::bigint AS grade, p.school_code,
       coalesce(p.school_name, '') AS school_name, coalesce(p.basis, '') AS basis, p.valid_from,
       g.addressee_no AS guardian_no, coalesce(g.name, '') AS guardian_name, coalesce(w.address, '') AS guardian_place,
       w.building AS guardian_place_building, w.postcode AS guardian_postcode
  FROM school_age_child c
  LEFT JOIN LATERAL (
    SELECT name, name_kana, birth_date, sex, nationality, household_no, address, building, is_hidden FROM fact_resident_period
     WHERE addressee_no = c.addressee_no ORDER BY valid_from DESC LIMIT 1
  ) AS k ON true
  LEFT JOIN sealed_mailing_address d ON d.addressee_no = c.addressee_no
  LEFT JOIN fact_mailing_address m ON m.addressee_no = c.addressee_no
  LEFT JOIN fact_resident_name n ON n.addressee_no = c.addressee_no
  LEFT JOIN LATERAL (
    SELECT id, kind, grade, school_code, school_name, basis, valid_from FROM school_age_placement
     WHERE addressee_no = c.addressee_no AND superseded_at IS NULL AND valid_to >= $1 ORDER BY valid_from LIMIT 1
  ) AS p ON true
  LEFT JOIN fact_resident r ON r.addressee_no = c.addressee_no
  LEFT JOIN LATERAL (
    SELECT addressee_no, name, is_hidden FROM fact_resident
     WHERE addressee_no = c.guardian_no
        OR (c.guardian_no IS NULL AND household_no = r.household_no AND addressee_no <> c.addressee_no AND (
            is_head OR relationship = left(r.relationship, greatest(length(r.relationship) - 2, 0))))
     ORDER BY (relationship = left(r.relationship, greatest(length(r.relationship) - 2, 0)) AND NOT is_head) DESC, is_head DESC,
              birth_date LIMIT 1
  ) AS g ON true
  LEFT JOIN fact_mailing_address w ON w.addressee_no = g.addressee_no
"""
"""`place` is the address of protected people too: to find their district by, never to be shown, sorted by or kept. Where a letter
goes (`mail_…`, `guardian_…`) says of them that it cannot be shown.

`$1` is the day; a WHERE and an ORDER BY follow. A 続柄 less its last slot is the parent's: 子の子 belongs to 子.
"""

HIDDEN = "(支援措置により非表示)"


@dataclass(frozen=True)
class Shown:
    """How a child may be shown: `is_protected` warns, `is_left_out` keeps it off rolls and out of bulk letters."""

    address: str
    building: str
    is_protected: bool
    is_left_out: bool


async def veil(session: Reader, rows: Sequence[Mapping[str, Any]], purpose: str) -> list[dict[str, Any]]:
    """The rows as their reader may see them: of a protected child, or one with a protected guardian, without the school.

    A school's district narrows the address as a 町字 does. Who may see the address sees the school too, audited. `is_masked` tells
    the rows apart.
    """
    people = {
        number
        for row in rows
        if row["is_hidden"]
        for number in (row["addressee_no"], row["guardian_no"])
        if number is not None
    }
    shut = await hidden_from_reader(session, people, purpose) if people else frozenset()
    return [
        {**row, "school_name": HIDDEN if row["school_name"] else "", "school_code": None, "is_masked": True}
        if row["is_hidden"] and shut & {row["addressee_no"], row["guardian_no"]}
        else {**row, "is_masked": False}
        for row in rows
    ]


def shown(row: Mapping[str, Any], settings: SchoolSettings) -> Shown:
    """A row's address as lists may print it, by the municipality's setting for 支援措置."""
    if row["is_hidden"]:
        return Shown(HIDDEN, "", True, settings.document.get("protected", "mask") == "omit")
    return Shown(row["address"] or "", row["building"] or "", False, False)


def printed_name(row: Mapping[str, Any]) -> str:
    """The name a letter carries: the 通称 where it was chosen and there is one."""
    return row["alias"] if row["name_choice"] == "alias" and row["alias"] else row["name"] or ""


def is_foreign(row: Mapping[str, Any]) -> bool:
    """Whether 就学義務 does not bind the child: it is listed alike and attends by its wish."""
    return bool(row["nationality"] != "JPN")


def entry_day(entry_year: int) -> date:
    """The day of 入学."""
    return date(entry_year, 4, 1)
