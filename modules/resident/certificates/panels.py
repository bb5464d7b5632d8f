"""What a person's page shows of the certificates: the last ones, and where to issue another."""

from modules.resident.basic_register.facts import find_certificate_stops, list_sheets
from modules.resident.certificates.kinds import KIND_LABELS
from yoriai.dates import format_wareki
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel, Status

_LAST = """
SELECT i.serial, i.kind, i.issued_on, i.status FROM certificate_person c JOIN certificate_issue i ON i.serial = c.serial
 WHERE c.addressee_no = $1 ORDER BY i.serial DESC LIMIT 3"""
_TODAY = "SELECT (now() AT TIME ZONE 'Asia/Tokyo')::date"


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """The panel; None for a number nobody of the register has."""
    if not await list_sheets(session, [addressee_no]):
        return None
    stop = await find_certificate_stops(session, [addressee_no], await session.fetchval(_TODAY))
    items = [
        {
            "label": f"第{row['serial']}号",
            "value": f"{KIND_LABELS[row['kind']]} {format_wareki(row['issued_on'])}{' 無効' if row['status'] == 'void' else ''}",
            "kind": "text",
        }
        for row in await session.fetch(_LAST, addressee_no)
    ]
    links = [{"label": "発行履歴", "href": f"/certificate/issues?addressee_no={addressee_no}&since=1967-11-10"}]
    if session.principal.may("certificate.issue"):
        links.append({"label": "本人通知", "href": f"/certificate/notices?addressee_no={addressee_no}"})
        links.insert(0, {"label": "証明書を発行", "href": f"/certificate/requests/new?addressee_no={addressee_no}"})
    return Panel(
        "証明書",
        "",
        Status("交付停止", "danger") if stop else None,
        items=items,
        alerts=["証明書の交付が停止されています。"] if stop else [],
        links=links,
    )
