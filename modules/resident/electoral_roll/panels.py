"""What a person's page shows of 選挙人名簿."""

from modules.resident.electoral_roll.protection import HIDDEN, protected_among, shut_from
from modules.resident.electoral_roll.states import STATE_LABELS
from yoriai.clock import today
from yoriai.dates import format_wareki
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel, Status

_ENTRY = """
SELECT entry_no, district_code, serial_no, status, registered_on, remove_on FROM electoral_entry
 WHERE addressee_no = $1 ORDER BY status = 'removed', entry_no DESC LIMIT 1
"""
_SUSPENDED = """
SELECT until_on FROM electoral_suspension
 WHERE addressee_no = $1 AND superseded_at IS NULL AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
 ORDER BY until_on DESC NULLS FIRST LIMIT 1
"""


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """The registration and its mark; None for who was never on the roll."""
    row = await session.fetchrow(_ENTRY, addressee_no)
    if row is None:
        return None
    label, kind = STATE_LABELS[row["status"]]
    # The page of a person tells its businesses no day; the server's own would be that of its time zone.
    day = today()
    shut = shut_from(session, await protected_among(session, [addressee_no], day), "electoral_roll.district")
    items = [
        {"label": "投票区", "value": HIDDEN if shut else row["district_code"], "kind": "" if shut else "code"},
        {"label": "登録日", "value": row["registered_on"], "kind": "date"},
    ]
    if row["remove_on"] and row["status"] == "moved_out":
        items.append({"label": "抹消予定日", "value": row["remove_on"], "kind": "date"})
    suspended = await session.fetchrow(_SUSPENDED, addressee_no, day)
    alerts = []
    if suspended:
        until = f" ({format_wareki(suspended['until_on'])}まで)" if suspended["until_on"] else ""
        alerts.append(f"公民権が停止されています{until}。")
    links = [{"label": "被登録資格の判定", "href": f"/electoral_roll/people/{addressee_no}"}]
    href = f"/electoral_roll/entries/{row['entry_no']}"
    return Panel("選挙人名簿", href, Status(label, kind), None, items, alerts, links)
