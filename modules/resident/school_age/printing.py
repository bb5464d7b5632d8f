"""Letters and rolls as files: PDF for paper, CSV for a spreadsheet and for other systems."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import (
    HIDDEN_TEXT,
    is_hidden_from_reader,
    refuse_concealed,
)
from modules.resident.non_resident.facts import find_mailing
from modules.resident.school_age.codes import NOTICES
from modules.resident.school_age.roll import CHILDREN, HIDDEN
from modules.resident.school_age.views import ChildLine
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

_ONE = "SELECT kind, addressee_no, case_no, content FROM school_age_notice WHERE id = $1"
_PEOPLE = f"{CHILDREN} WHERE c.addressee_no = ANY($2::bigint[])"
_BULK = """
SELECT id, addressee_no, content FROM school_age_notice
 WHERE entry_year = $1 AND kind = $2 AND superseded_at IS NULL AND NOT is_withheld AND ($3 = '' OR school_code = $3)
 ORDER BY content::json->'to'->>'postcode' = '', content::json->'to'->>'postcode', content::json->'to'->>'address', id
 LIMIT $4 OFFSET $5
"""
LETTERS_AT_ONCE = 500


async def get_letter(session: Reader, notice_id: int, day: date, kinds: Sequence[str] = ()) -> dict[str, Any]:
    """A letter as it went out; raises NotFound, also for one of another kind than those allowed.

    Of who is protected on the day it is printed no address stands on it but for who may see it, whenever it was made: others hand
    it over in person.
    """
    row = await session.fetchrow(_ONE, notice_id)
    if row is None or (kinds and row["kind"] not in kinds):
        raise NotFound("この通知書はありません。")
    await refuse_concealed(session, [row["addressee_no"]], "この通知書はありません。")
    subject = f"addressee:{row['addressee_no']}" if row["addressee_no"] else f"school_age_case:{row['case_no']}"
    session.audit(AuditEvent("school_age.print", subject, detail={"notice_id": notice_id, "kind": row["kind"]}))
    content: dict[str, Any] = json.loads(row["content"])
    if row["addressee_no"] is None:
        return content
    child = await session.fetchrow(_PEOPLE, day, [row["addressee_no"]])
    return await _addressed(session, content, child, day) if child else without_address(content)


async def list_letters(
    session: Reader, entry_year: int, kind: str, school: str, part: int, day: date
) -> list[dict[str, Any]]:
    """The letters of a year that go out in bulk, 500 a part, in the post's order, those to one address together.

    Withheld ones, and those to the protected, are not among them. Raises NotFound for none.
    """
    rows = await session.fetch(_BULK, entry_year, kind, school, LETTERS_AT_ONCE, (part - 1) * LETTERS_AT_ONCE)
    hidden = await _hidden_children(session, [row["addressee_no"] for row in rows], day)
    rows = [row for row in rows if row["addressee_no"] not in hidden]
    if not rows:
        raise NotFound(f"印刷する{NOTICES.get(kind, '通知書')}がありません。")
    detail = {"entry_year": entry_year, "kind": kind, "school": school, "part": part, "letters": len(rows)}
    session.audit(AuditEvent("school_age.print_bulk", detail=detail))
    return [json.loads(row["content"]) for row in rows]


async def _hidden_children(session: Reader, numbers: Sequence[int], day: date) -> set[int]:
    """Of the children those who are protected now, or whose guardian is."""
    rows = await session.fetch(_PEOPLE, day, list(numbers))
    return {row["addressee_no"] for row in rows if row["is_hidden"]}


async def _addressed(session: Reader, content: Mapping[str, Any], child: Record, day: date) -> dict[str, Any]:
    """The letter as it went out; of a protected child with the address only for who may see it, and the present one."""
    if child["is_hidden"]:
        people = {child["addressee_no"], child["guardian_no"] or child["addressee_no"]}
        if any([await is_hidden_from_reader(session, number) for number in sorted(people)]):
            return without_address(content)
    home, place = None, dict[str, Any]()
    if content["to"]["address"] == HIDDEN_TEXT:
        # Made while the child was protected: it went out without an address.
        home = await find_mailing(session, child["guardian_no"] or child["addressee_no"], "school_age", day)
    if home:
        place = {"postcode": home.postcode or "", "address": home.address, "building": home.building or ""}
        place["is_home"] = home.is_home
    return {**content, "is_protected": child["is_hidden"], "to": {**content["to"], **place}}


def without_address(content: Mapping[str, Any]) -> dict[str, Any]:
    """The letter without the address it goes to and the one it tells of."""
    to = {**content["to"], "postcode": "", "address": HIDDEN if content["to"]["address"] else "", "building": ""}
    told = {"address": HIDDEN} if content.get("address") else {}
    return {**content, **told, "to": to, "is_protected": True}


def roll_rows(lines: Sequence[ChildLine]) -> list[dict[str, Any]]:
    """The lines of a printed roll."""
    return [
        {
            "grade": line.grade_label,
            "number": line.addressee_no or "-",
            "name": line.name,
            "kana": line.kana,
            "sex": line.sex,
            "birth_date": format_wareki(line.birth_date) if line.birth_date else "",
            "address": line.address,
            "guardian": line.guardian_name,
            "note": _note_of(line),
        }
        for line in lines
    ]


def _note_of(line: ChildLine) -> str:
    basis = "" if line.basis in ("指定", "進級") else line.basis
    return "、".join(text for text in ("支援措置" if line.is_protected else "", basis) if text)
