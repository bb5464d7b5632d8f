"""What a person's page shows of the addressee: 名寄せ, 送付先 and 管理人, returned mail."""

from modules.resident.non_resident.codes import DESTINATIONS, MAIL_FLAGS
from modules.resident.non_resident.facts import list_same
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel, Status

_LINKS = """
SELECT from_no, to_no FROM addressee_link WHERE superseded_at IS NULL AND (from_no = $1 OR to_no = $1) ORDER BY from_no
"""
_DESTINATIONS = """
SELECT kind, business FROM mailing_destination
 WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL AND valid_to >= CURRENT_DATE ORDER BY id
"""
_RETURNED = """
SELECT kind, item FROM returned_mail WHERE addressee_no = ANY($1::bigint[]) AND superseded_at IS NULL ORDER BY "on"
"""


async def other_numbers(session: Reader, addressee_no: int) -> list[int]:
    """The other numbers of the same person, joined by 名寄せ."""
    return sorted(number for number in await list_same(session, addressee_no) if number != addressee_no)


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """None for somebody whose letters go to the own address, under one number."""
    links = await session.fetch(_LINKS, addressee_no)
    same = await list_same(session, addressee_no) or [addressee_no]
    destinations = await session.fetch(_DESTINATIONS, same)
    returned = await session.fetch(_RETURNED, same)
    if not (links or destinations or returned):
        return None
    items = [
        {
            "label": "名寄せ",
            "value": "、".join(str(row["from_no"] if row["to_no"] == addressee_no else row["to_no"]) for row in links),
        },
        {"label": "送付先・管理人", "value": "、".join(DESTINATIONS[row["kind"]] for row in destinations)},
    ]
    alerts = [f"{MAIL_FLAGS[row['kind']]}: {row['item']}" for row in returned]
    shown = [item for item in items if item["value"]]
    status = Status("返戻あり", "warn") if returned else None
    return Panel("宛名", f"/non_resident/addressees/{addressee_no}", status, None, shown, alerts)
