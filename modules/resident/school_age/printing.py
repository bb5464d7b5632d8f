"""Letters and rolls as files: PDF for paper, CSV for a spreadsheet and for other systems."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import (
    HIDDEN_TEXT,
    hidden_from_reader,
    is_lifted,
    refuse_concealed,
)
from modules.resident.non_resident.facts import find_mailing
from modules.resident.school_age.codes import NOTICES
from modules.resident.school_age.roll import CHILDREN, HIDDEN
from modules.resident.school_age.views import ChildLine
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import Forbidden, NotFound
from yoriai.tenancy.session import Reader, Record

_ONE = "SELECT kind, addressee_no, case_no, content FROM school_age_notice WHERE id = $1"
_PEOPLE = f"{CHILDREN} WHERE c.addressee_no = ANY($2::bigint[])"
_BULK = """
SELECT n.id, n.addressee_no, n.content FROM school_age_notice n JOIN school_age_child c ON c.addressee_no = n.addressee_no
 WHERE n.entry_year = $1 AND n.kind = $2 AND n.superseded_at IS NULL AND NOT n.is_withheld AND ($3 = '' OR n.school_code = $3)
   AND c.state IN ('planned', 'enrolled') AND NOT c.is_missing
   AND (n.kind <> 'enrolment' OR EXISTS (
         SELECT 1 FROM school_age_placement p WHERE p.addressee_no = n.addressee_no AND p.superseded_at IS NULL
            AND p.valid_to = '9999-12-31' AND p.school_code = n.school_code))
 ORDER BY n.content::json->'to'->>'postcode' = '', n.content::json->'to'->>'postcode', n.content::json->'to'->>'address', n.id
 LIMIT $4 OFFSET $5
"""
LETTERS_AT_ONCE = 500


async def get_letter(
    session: Reader, notice_id: int, day: date, kinds: Sequence[str] = (), addressee_no: int | None = None
) -> dict[str, Any]:
    """A letter as it went out; raises NotFound, also for one of another kind, or of another child, than those allowed.

    Raises Forbidden when the child or the guardian is protected on the day it is printed, whenever it was made, but for who may
    see where they live, or while the protection is lifted: the school on it tells nearly as much as the address.
    """
    row = await session.fetchrow(_ONE, notice_id)
    if row is None or (kinds and row["kind"] not in kinds) or addressee_no not in (None, row["addressee_no"]):
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

    Withheld ones, and those to the protected, are not among them; nor are those to children who have left since, died, or are
    missing, nor a notice that names a school the child no longer is assigned to. Raises NotFound for none.
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
        shut = await hidden_from_reader(session, people, "school_age.letter")
        if not all([await is_lifted(session, number) for number in sorted(shut)]):
            raise Forbidden("支援措置の対象者への通知です。住所を表示できる責任者に印刷を引き継いでください。")
    home, place = None, dict[str, Any]()
    if content["to"]["address"] == HIDDEN_TEXT:
        # Made while the child was protected: it went out without an address.
        home = await find_mailing(session, child["guardian_no"] or child["addressee_no"], "school_age", day)
    if home:
        place = {"postcode": home.postcode or "", "address": home.address, "building": home.building or ""}
        place["is_home"] = home.is_home
    return {**content, "is_protected": child["is_hidden"], "to": {**content["to"], **place}}


def without_address(content: Mapping[str, Any]) -> dict[str, Any]:
    """The letter without the address it goes to, the one it tells of, and the school."""
    to = {**content["to"], "postcode": "", "address": HIDDEN if content["to"]["address"] else "", "building": ""}
    told = {key: HIDDEN for key in ("address", "school") if content.get(key)}
    return {**content, **told, "to": to, "is_protected": True}


def roll_rows(lines: Sequence[ChildLine]) -> list[dict[str, Any]]:
    """The lines of a printed roll."""
    return [
        {
            "school": line.school_name or line.kind_label,
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
