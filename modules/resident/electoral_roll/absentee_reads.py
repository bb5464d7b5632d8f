"""The requests of 不在者投票 for the screen."""

from datetime import date

from modules.resident.basic_register.facts import without_concealed
from modules.resident.electoral_roll.absentee import STATE_LABELS, STEPS
from modules.resident.electoral_roll.barcode import card_code
from modules.resident.electoral_roll.election_models import METHODS
from modules.resident.electoral_roll.protection import HIDDEN, protected_among, shut_from
from modules.resident.electoral_roll.shapes import Listing
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

_REQUESTS = """
SELECT a.id, a.version, a.entry_no, a.method, a.place, a.status, a.requested_on, a.sent_on, a.arrived_on, a.closed_on, a.note,
       v.addressee_no, v.name, v.card_no, v.district_code
  FROM absentee_vote a JOIN electoral_voter v ON v.election_no = a.election_no AND v.entry_no = a.entry_no
 WHERE a.election_no = $1 ORDER BY a.status IN ('accepted', 'refused', 'returned'), a.id DESC LIMIT 200
"""
_COUNT = "SELECT count(*) FROM absentee_vote WHERE election_no = $1"
_NAME = "SELECT name FROM election WHERE election_no = $1"


async def list_absentees(session: Reader, election_no: int, today: date) -> Listing:
    """The first 200 requests, open ones first, each with what may be done next; raises NotFound.

    Where a protected person stays is shown only to who may see it.
    """
    name = await session.fetchval(_NAME, election_no)
    if name is None:
        raise NotFound("この選挙はありません。")
    rows = await without_concealed(session, await session.fetch(_REQUESTS, election_no))
    hidden = await protected_among(session, [row["addressee_no"] for row in rows], today)
    shut = shut_from(session, hidden, "electoral_roll.absentee")
    session.audit(AuditEvent("electoral_roll.absentees", detail={"election_no": election_no, "found": len(rows)}))
    return Listing(
        q=name,
        rows=[
            {
                **dict(row),
                "card": card_code(election_no, row["card_no"]),
                "place": HIDDEN if row["addressee_no"] in shut else row["place"],
                "note": HIDDEN if row["note"] and row["addressee_no"] in shut else row["note"],
                "method": METHODS[row["method"]],
                "status": dict(zip(("label", "kind"), STATE_LABELS[row["status"]], strict=True)),
                "steps": [(act, step.label) for act, step in STEPS.items() if row["status"] in step.sources],
            }
            for row in rows
        ],
        total=await session.fetchval(_COUNT, election_no),
        initial={"election_no": election_no},
        options={"methods": list(METHODS.items())},
    )
