"""文字あふれ一覧: of whom a name or an address is longer than a line of its field, before anybody prints it.

Nothing is ever cut: such a value is set smaller and goes on in the next line (`fitting.py`). The list lets staff look beforehand.
"""

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel

from modules.resident.certificates.fitting import CAPACITY, width_of
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader, Record

_PIECE = 4_000
# Whoever is concealed is in no list; whose address is hidden is in it with the name only.
_SHEETS = """
SELECT s.addressee_no, s.name, s.name_kana, s.alias, s.former_surname, s.family_register_head,
       CASE WHEN h.addressee_no IS NULL THEN concat_ws(' ', s.address, s.building) END AS full_address,
       CASE WHEN h.addressee_no IS NULL THEN s.registered_domicile END AS registered_domicile,
       CASE WHEN h.addressee_no IS NULL THEN s.previous_address END AS previous_address
  FROM fact_resident_sheet s LEFT JOIN fact_hidden_person h ON h.addressee_no = s.addressee_no
 WHERE s.valid_to = '9999-12-31' AND s.status <> 'removed' AND s.addressee_no > $1 AND NOT coalesce(h.is_concealed, false)
 ORDER BY s.addressee_no LIMIT $2"""
_FIELDS = {
    "name": ("氏名", CAPACITY["half", True]),
    "name_kana": ("フリガナ", CAPACITY["half", False]),
    "alias": ("通称", CAPACITY["half", False]),
    "former_surname": ("旧氏", CAPACITY["half", False]),
    "full_address": ("住所", CAPACITY["full", False]),
    "registered_domicile": ("本籍", CAPACITY["full", False]),
    "family_register_head": ("筆頭者", CAPACITY["full", False]),
    "previous_address": ("転入前住所", CAPACITY["full", False]),
}


class OverflowRow(BaseModel):
    """A value that is longer than its field; widths in full-width characters."""

    addressee_no: int
    name: str
    item: str
    text: str
    width: int
    room: int


async def list_overflow(session: Reader, place: str) -> list[OverflowRow]:
    """All residents' values that overflow on a certificate; `place` stands before addresses. Audited. Read in pieces."""
    found: list[OverflowRow] = []
    after = 0
    while rows := await session.fetch(_SHEETS, after, _PIECE):
        found += await asyncio.to_thread(_overflow_in, rows, place)
        after = rows[-1]["addressee_no"]
    session.audit(AuditEvent("certificate.overflow", detail={"rows": len(found)}))
    return found


def _overflow_in(rows: Sequence[Record], place: str) -> list[OverflowRow]:
    found = []
    for row in rows:
        for key, (label, room) in _FIELDS.items():
            text = row[key] or ""
            width = width_of(f"{place}{text}" if text and key == "full_address" else text)
            if width > room:
                found.append(
                    OverflowRow(
                        addressee_no=row["addressee_no"],
                        name=row["name"],
                        item=label,
                        text=text,
                        width=(width + 1) // 2,
                        room=room // 2,
                    )
                )
    return found
