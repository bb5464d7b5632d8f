"""The people a member of staff opened last, read from the audit trail: nothing else has to remember them."""

from typing import Any

from modules.resident.basic_register.protections.masking import find_veil
from modules.resident.basic_register.reads.rows import address_of, birth_of
from yoriai.clock import JAPAN
from yoriai.tenancy.session import Reader

_LOOKED_AT = 300
_SHOWN = 10
_RECENT = """
SELECT r.addressee_no, r.name, r.name_kana, r.birth_date, r.birth_date_unknown, r.address, r.building, v.at
  FROM (SELECT subject, max(seq) AS seq, max(at) AS at
          FROM (SELECT subject, seq, at, action, detail FROM audit_event WHERE staff = $1 ORDER BY seq DESC LIMIT $2) e
         WHERE action = 'person.view' AND NOT detail ? 'household' GROUP BY subject) v
  JOIN resident_record r ON r.addressee_no = substr(v.subject, 11)::bigint
   AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31'
 ORDER BY v.seq DESC LIMIT $3
"""


async def list_recent(session: Reader, login: str) -> list[dict[str, Any]]:
    """The last people opened, newest first; addresses are below the municipality."""
    rows = await session.fetch(_RECENT, login, _LOOKED_AT, _SHOWN)
    veil = await find_veil(session, [row["addressee_no"] for row in rows], "recent")
    return [
        {
            "href": f"/resident/persons/{row['addressee_no']}",
            "name": row["name"],
            "kana": row["name_kana"],
            "birth_date": birth_of(row),
            "address": veil.text(row["addressee_no"], address_of(row)),
            "addressee_no": row["addressee_no"],
            "opened_at": f"{row['at'].astimezone(JAPAN):%m月%d日 %H:%M}",
        }
        for row in rows
        if row["addressee_no"] not in veil.concealed
    ]
