"""What a person's page shows of 印鑑登録: whether a seal is registered, the card, and what should be looked at."""

from modules.resident.seal_registration.states import END_REASONS, STATE_LABELS
from yoriai.dates import format_wareki
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Panel, Status

_ONE = """
SELECT r.registration_no, r.seal_text, s.status, s.valid_from, s.end_reason, c.card_no, q.due_on,
       EXISTS (SELECT 1 FROM seal_review v WHERE v.registration_no = r.registration_no AND v.closed_at IS NULL) AS is_reviewed
  FROM seal_registration_state s JOIN seal_registration r ON r.registration_no = s.registration_no
  LEFT JOIN seal_card c ON c.registration_no = r.registration_no AND c.ended_on IS NULL
  LEFT JOIN seal_inquiry q ON q.registration_no = r.registration_no AND q.closed_on IS NULL
 WHERE s.addressee_no = $1 AND s.superseded_at IS NULL AND s.valid_to = '9999-12-31'
 ORDER BY s.status NOT IN ('inquiring', 'active', 'suspended'), r.registration_no DESC LIMIT 1
"""


async def person_panel(session: Reader, addressee_no: int) -> Panel:
    """The person's present registration, else the last one, else that there is none."""
    apply = {"label": "登録の申請", "href": f"/seal_registration/registrations/new?addressee_no={addressee_no}"}
    row = await session.fetchrow(_ONE, addressee_no)
    if row is None:
        return Panel("印鑑登録", "", Status("登録なし"), links=[apply])
    label, kind = STATE_LABELS[row["status"]]
    href = f"/seal_registration/registrations/{row['registration_no']}"
    items = [
        {"label": "登録番号", "value": row["registration_no"], "kind": "code"},
        {"label": "登録証", "value": row["card_no"], "kind": "code"},
        {"label": "印影の文字", "value": row["seal_text"], "kind": "name"},
        {"label": f"{label}の日", "value": row["valid_from"], "kind": "date"},
        {"label": "抹消の事由", "value": END_REASONS.get(row["end_reason"] or "")},
    ]
    alerts = []
    if row["status"] == "suspended":
        alerts.append("印鑑登録証明書の交付が一時停止されています。")
    if row["due_on"]:
        alerts.append(f"印鑑登録の照会中です（回答期限 {format_wareki(row['due_on'])}）。")
    if row["is_reviewed"]:
        alerts.append("氏名の変更により、登録した印鑑の判断が必要です。")
    links = [apply] if row["status"] in ("ended", "rejected") else []
    if row["status"] == "active" and row["card_no"]:
        links.append({"label": "証明書の交付", "href": f"/seal_registration/certificates/new?card_no={row['card_no']}"})
    return Panel(
        "印鑑登録", href, Status(label, kind), None, [i for i in items if i["value"] is not None], alerts, links
    )
