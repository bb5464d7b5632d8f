"""Letters and rolls as files: PDF for paper, CSV for a spreadsheet and for other systems."""

import json
from collections.abc import Sequence
from typing import Any

from modules.resident.school_age.codes import NOTICES
from modules.resident.school_age.views import ChildLine
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_ONE = "SELECT kind, addressee_no, case_no, content FROM school_age_notice WHERE id = $1"
_BULK = """
SELECT id, addressee_no, content FROM school_age_notice
 WHERE entry_year = $1 AND kind = $2 AND superseded_at IS NULL AND NOT is_withheld AND ($3 = '' OR school_code = $3)
 ORDER BY content::json->'to'->>'postcode' = '', content::json->'to'->>'postcode', content::json->'to'->>'address', id
 LIMIT $4 OFFSET $5
"""
LETTERS_AT_ONCE = 500


async def get_letter(session: Reader, notice_id: int, kinds: Sequence[str] = ()) -> dict[str, Any]:
    """A letter as it went out; raises NotFound, also for one of another kind than those allowed."""
    row = await session.fetchrow(_ONE, notice_id)
    if row is None or (kinds and row["kind"] not in kinds):
        raise NotFound("この通知書はありません。")
    subject = f"addressee:{row['addressee_no']}" if row["addressee_no"] else f"school_age_case:{row['case_no']}"
    session.audit(AuditEvent("school_age.print", subject, detail={"notice_id": notice_id, "kind": row["kind"]}))
    content: dict[str, Any] = json.loads(row["content"])
    return content


async def list_letters(session: Reader, entry_year: int, kind: str, school: str, part: int) -> list[dict[str, Any]]:
    """The letters of a year that go out in bulk, 500 a part, in the post's order, those to one address together.

    Withheld ones are not among them. Raises NotFound for none.
    """
    rows = await session.fetch(_BULK, entry_year, kind, school, LETTERS_AT_ONCE, (part - 1) * LETTERS_AT_ONCE)
    if not rows:
        raise NotFound(f"印刷する{NOTICES.get(kind, '通知書')}がありません。")
    detail = {"entry_year": entry_year, "kind": kind, "school": school, "part": part, "letters": len(rows)}
    session.audit(AuditEvent("school_age.print_bulk", detail=detail))
    return [json.loads(row["content"]) for row in rows]


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
