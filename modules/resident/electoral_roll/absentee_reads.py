"""The requests of 不在者投票 for the screen."""

from datetime import date

from modules.resident.basic_register.facts import without_concealed
from modules.resident.electoral_roll.absentee import STATE_LABELS, STEPS, UNDONE
from modules.resident.electoral_roll.barcode import card_code, card_number
from modules.resident.electoral_roll.election_models import METHODS
from modules.resident.electoral_roll.protection import HIDDEN, protected_among, shut_from
from modules.resident.electoral_roll.reads import LIMIT, patterns
from modules.resident.electoral_roll.shapes import Absentees
from modules.resident.electoral_roll.statistics import get_absentee_daily
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader, Record

_REQUESTS = """
SELECT a.id, a.version, a.entry_no, a.method, a.place, a.status, a.requested_on, a.sent_on, a.arrived_on, a.closed_on, a.note,
       v.addressee_no, v.name, v.card_no
  FROM absentee_vote a JOIN electoral_voter v ON v.election_no = a.election_no AND v.entry_no = a.entry_no
 WHERE a.election_no = $1 AND ($2 = '' OR a.status = $2) AND ($3::bigint IS NULL OR v.card_no = $3)
   AND ($4 = '' OR v.name_fold LIKE $4 OR v.kana_fold LIKE ANY($5::text[]))
 ORDER BY a.status IN ('accepted', 'refused', 'returned'), a.id DESC LIMIT $6
"""
_NAME = "SELECT name FROM election WHERE election_no = $1"


async def list_absentees(
    session: Reader, election_no: int, today: date, *, q: str = "", status: str = "", day: date | None = None
) -> Absentees:
    """The first 200 requests found by card or name and state, open ones first, each with what may be done next; raises NotFound.

    With them the register of a day. Where a protected person stays is shown only to who may see it.
    """
    name = await session.fetchval(_NAME, election_no)
    if name is None:
        raise NotFound("この選挙はありません。")
    card = card_number(q, election_no)
    folded, kana = patterns(q) if card is None else ("", [])
    found = await session.fetch(_REQUESTS, election_no, status, card, folded, kana, LIMIT + 1)
    rows = await without_concealed(session, found[:LIMIT])
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    shut = shut_from(session, hidden, "electoral_roll.absentee")
    session.audit(AuditEvent("electoral_roll.absentees", detail={"election_no": election_no, "found": len(rows)}))
    shown = day or today
    return Absentees(
        election_no=election_no,
        name=name,
        day=shown,
        daily=await get_absentee_daily(session, election_no, shown),
        q=q,
        rows=[
            {
                **dict(row),
                "card": card_code(election_no, row["card_no"]),
                "place": _place(row, is_shut=row["addressee_no"] in shut),
                "note": HIDDEN if row["note"] and row["addressee_no"] in shut else row["note"],
                "method": METHODS[row["method"]],
                "status": dict(zip(("label", "kind"), STATE_LABELS[row["status"]], strict=True)),
                "undo": UNDONE.get(row["status"], ""),
                "steps": [(act, step.label) for act, step in STEPS.items() if row["status"] in step.sources],
            }
            for row in rows
        ],
        total=len(found),
        initial={"q": q, "status": status, "day": format_wareki(shown), "requested_on": format_wareki(today)},
        options={
            "methods": list(METHODS.items()),
            "statuses": [(code, label) for code, (label, _) in STATE_LABELS.items()],
        },
    )


def _place(row: Record, *, is_shut: bool) -> str:
    """Where the voter votes; nothing where the method says it already."""
    return HIDDEN if is_shut else "" if row["place"] == METHODS[row["method"]] else str(row["place"])


async def election_of_absentee(session: Reader, absentee_id: int) -> int:
    """The election a request belongs to; raises NotFound."""
    number: int | None = await session.fetchval("SELECT election_no FROM absentee_vote WHERE id = $1", absentee_id)
    if number is None:
        raise NotFound("この不在者投票の請求はありません。")
    return number
