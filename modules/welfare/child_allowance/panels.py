"""What a person's page shows of 児童手当: as recipient, as child, or what should be claimed."""

from modules.welfare.child_allowance.states import STATE_LABELS
from modules.welfare.child_allowance.transfers.codes import RETURN_REASONS
from yoriai.dates import format_wareki_month
from yoriai.tenancy.session import Reader
from yoriai.web.panels import Amount, Panel, Status

_AS_RECIPIENT = """
SELECT c.case_no, c.status, c.first_month, c.claimed_on, d.month, d.amount, d.eligible_children
  FROM child_allowance_case c
  LEFT JOIN LATERAL (
    SELECT month, amount, eligible_children FROM child_allowance_decision
     WHERE case_no = c.case_no AND superseded_at IS NULL ORDER BY month DESC LIMIT 1
  ) AS d ON true
 WHERE c.recipient_no = $1 ORDER BY c.case_no DESC LIMIT 1
"""
_AS_CHILD = """
SELECT c.case_no, c.status, r.name FROM child_allowance_child k
  JOIN child_allowance_case c ON c.case_no = k.case_no LEFT JOIN fact_resident r ON r.addressee_no = c.recipient_no
 WHERE k.child_no = $1 AND k.superseded_at IS NULL AND k.lost_on IS NULL
   AND c.status IN ('claimed', 'approved', 'paying', 'held') ORDER BY c.case_no DESC LIMIT 1
"""
_PROPOSED = """
SELECT kind, household_no, due_on FROM child_allowance_proposal WHERE person_no = $1 AND closed_at IS NULL ORDER BY due_on LIMIT 1
"""
_RETURNED = """
SELECT t.amount, t.return_reason FROM child_allowance_transfer t JOIN child_allowance_payment p ON p.payment_no = t.payment_no
 WHERE p.case_no = $1 AND t.returned_on IS NOT NULL
   AND NOT EXISTS (SELECT FROM child_allowance_transfer o WHERE o.payment_no = t.payment_no AND o.returned_on IS NULL)
 ORDER BY t.returned_on DESC LIMIT 1
"""
_ASKED = {"claim": "認定請求", "add_child": "額改定請求", "lose_child": "額改定 (減額)", "end": "消滅届"}


async def person_panel(session: Reader, addressee_no: int) -> Panel | None:
    """The recipient's amount and state, or whose child the person is; None where 児童手当 has nothing to say."""
    alerts, links = await _proposed(session, addressee_no)
    row = await session.fetchrow(_AS_RECIPIENT, addressee_no)
    if row is not None:
        label, kind = STATE_LABELS[row["status"]]
        href = f"/child_allowance/cases/{row['case_no']}"
        if (returned := await session.fetchrow(_RETURNED, row["case_no"])) is not None:
            reason = RETURN_REASONS[returned["return_reason"]]
            alerts = [
                *alerts,
                f"児童手当{returned['amount']:,}円が振込不能で未払いです ({reason})。口座を確かめてください。",
            ]
        amount = Amount(f"{format_wareki_month(row['month'])}分 月額", row["amount"], href) if row["month"] else None
        items = [
            {"label": "受給者番号", "value": row["case_no"], "kind": "code"},
            {"label": "支給開始年月", "value": row["first_month"] and format_wareki_month(row["first_month"])},
            {"label": "支給要件児童", "value": row["eligible_children"], "kind": "number"},
        ]
        shown = [item for item in items if item["value"] is not None]
        return Panel("児童手当", href, Status(label, kind), amount, shown, alerts, links)
    child = await session.fetchrow(_AS_CHILD, addressee_no)
    if child is not None:
        label, kind = STATE_LABELS[child["status"]]
        items = [{"label": "受給者", "value": child["name"], "kind": "name"}]
        href = f"/child_allowance/cases/{child['case_no']}"
        return Panel("児童手当 (児童)", href, Status(label, kind), None, items, alerts, links)
    return Panel("児童手当", "", Status("請求なし", "warn"), None, [], alerts, links) if alerts else None


async def _proposed(session: Reader, addressee_no: int) -> tuple[list[str], list[dict[str, str]]]:
    row = await session.fetchrow(_PROPOSED, addressee_no)
    if row is None:
        return [], []
    due = f"{row['due_on'].month}月{row['due_on'].day}日"
    alerts = [f"児童手当の{_ASKED[row['kind']]}が必要です (15日特例の期限 {due})。"]
    href = f"/child_allowance/claims/new?household_no={row['household_no']}"
    return alerts, [{"label": "認定請求の入力", "href": href}] if row["kind"] == "claim" else []
