"""Letters of 児童手当: what was decided on a case, and 支払通知 of a payment month. They go where 宛名 says."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.facts import HIDDEN_TEXT, refuse_concealed, without_concealed
from modules.resident.non_resident.facts import LETTER, find_mailing, hidden_among
from modules.welfare.child_allowance.models import RECIPIENT_KINDS
from modules.welfare.child_allowance.states import TRANSITIONS, Act
from yoriai.audit import AuditEvent
from yoriai.dates import format_wareki, format_wareki_month
from yoriai.documents.letters import LETTERS_AT_ONCE, Letter, full_address, sender_of
from yoriai.errors import Forbidden, NotFound
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.session import Reader, Record

TITLES = {
    Act.APPROVE: "児童手当 認定通知書",
    Act.REJECT: "児童手当 認定請求却下通知書",
    Act.HOLD: "児童手当 支払差止通知書",
    Act.RESUME: "児童手当 支払差止解除通知書",
    Act.END: "児童手当 支給事由消滅通知書",
    "add_child": "児童手当 額改定通知書",
    "lose_child": "児童手当 額改定通知書",
}
"""The acts of a case that a letter tells of."""
_ACT = """
SELECT a.id, a.act, a."on", a.reason, c.case_no, c.recipient_no, c.recipient_kind, c.first_month, c.lost_on,
       (SELECT d.amount FROM child_allowance_decision d WHERE d.case_no = c.case_no AND d.superseded_at IS NULL
         ORDER BY d.month DESC LIMIT 1) AS amount
  FROM child_allowance_act a JOIN child_allowance_case c ON c.case_no = a.case_no WHERE c.case_no = $1 AND a.id = $2
"""
_PAID = f"""
SELECT a.payment_no, a.case_no, a.addressee_no AS recipient_no, a.amount, a.pay_on, a.first_month, a.last_month,
       letter.no, letter.name, letter.postcode, letter.address, letter.building, letter.principal, letter.role, letter.is_home,
       coalesce(letter.problem, '支援措置のため、一括の印刷に入りません。') AS problem
  FROM (SELECT p.payment_no, p.case_no, p.recipient_no AS addressee_no, p.amount, p.pay_on, p.first_month, p.last_month
          FROM child_allowance_payment p WHERE p.payment_month = $3 AND p.status = 'listed') AS a
  {LETTER}
 WHERE CASE WHEN $4 THEN letter.problem IS NULL
            ELSE letter.problem IS NOT NULL
              OR EXISTS (SELECT FROM fact_hidden_person h WHERE h.addressee_no IN (a.addressee_no, letter.no)) END
 ORDER BY letter.postcode NULLS LAST, letter.address, a.payment_no LIMIT $5 OFFSET $6
"""  # noqa: S608  the join of 宛名


class Unsent(BaseModel):
    """A recipient whose 支払通知 does not go out in bulk, and why."""

    payment_no: int
    case_no: int
    recipient_no: int
    name: str
    problem: str


async def decision_letter(session: Reader, config: TenantConfig, case_no: int, act_id: int, today: date) -> Letter:
    """What was decided, to the recipient; audited. Raises NotFound, or Forbidden when the reader may not see the address."""
    row = await session.fetchrow(_ACT, case_no, act_id)
    if row is None or row["act"] not in TITLES:
        raise NotFound("この通知書はありません。")
    await refuse_concealed(session, [row["recipient_no"]], "この通知書はありません。")
    session.audit(
        AuditEvent(
            "child_allowance.print", f"addressee:{row['recipient_no']}", detail={"case_no": case_no, "act": act_id}
        )
    )
    to = await find_mailing(session, row["recipient_no"], "child_allowance", today)
    if to is None:
        raise NotFound("受給者の宛名がありません。")
    if to.address == HIDDEN_TEXT:
        raise Forbidden("支援措置の対象者への通知です。住所を表示できる責任者に作成を引き継いでください。")
    first = format_wareki_month(row["first_month"]) if row["first_month"] else ""
    fields = [
        ("受給者番号", str(case_no)),
        ("区分", RECIPIENT_KINDS[row["recipient_kind"]]),
        ("決定日・事由の日", format_wareki(row["on"])),
        ("支給開始年月", first),
        ("月額", f"{row['amount']:,}円" if row["amount"] is not None else ""),
        ("消滅日", format_wareki(row["lost_on"]) if row["lost_on"] else ""),
        ("理由", row["reason"]),
    ]
    article = TRANSITIONS[Act(row["act"])].article if row["act"] in list(Act) else "児童手当法9条"
    return Letter(
        title=TITLES[row["act"]],
        name=to.name,
        postcode=to.postcode,
        address=full_address(config, to.address, is_home=to.is_home),
        building=to.building,
        principal=f"{to.principal} 様の{to.role}" if to.principal else "",
        body="次のとおり決定しましたので、通知します。",
        issued_on=format_wareki(today),
        fields=tuple((label, value) for label, value in fields if value),
        article=article,
        **sender_of(config, today),
    )


async def payment_letters(session: Reader, config: TenantConfig, month: date, part: int, today: date) -> list[Letter]:
    """支払通知 of a file, 500 each, by postcode; none to protected people but for who may see where they live. Raises NotFound."""
    rows = await without_concealed(
        session,
        await session.fetch(
            _PAID, "child_allowance", today, month, True, LETTERS_AT_ONCE, (part - 1) * LETTERS_AT_ONCE
        ),
        "recipient_no",
    )
    hidden = await hidden_among(session, [row["recipient_no"] for row in rows], "child_allowance.letters")
    rows = [row for row in rows if row["recipient_no"] not in hidden]
    if not rows:
        raise NotFound("印刷する支払通知がありません。")
    detail = {"month": f"{month:%Y-%m}", "part": part, "letters": len(rows)}
    session.audit(AuditEvent("child_allowance.print", detail=detail))
    sender = sender_of(config, today)
    return [_paid(row, config, today, sender) for row in rows]


async def list_unsent(session: Reader, month: date, today: date) -> list[Unsent]:
    """To whom no 支払通知 goes in bulk: returned mail, 公示送達, no address, 支援措置. Everybody is audited."""
    found = await session.fetch(_PAID, "child_allowance", today, month, False, LETTERS_AT_ONCE, 0)
    rows = await without_concealed(session, found, "recipient_no")
    for row in rows:
        session.audit(AuditEvent("child_allowance.view", f"addressee:{row['recipient_no']}"))
    names = ("payment_no", "case_no", "recipient_no", "problem")
    return [Unsent(**{name: row[name] for name in names}, name=row["name"] or "") for row in rows]


def _paid(row: Record, config: TenantConfig, today: date, sender: dict[str, Any]) -> Letter:
    first, last = format_wareki_month(row["first_month"]), format_wareki_month(row["last_month"])
    return Letter(
        title="児童手当 支払通知書",
        name=row["name"] or "",
        postcode=row["postcode"] or "",
        address=full_address(config, row["address"] or "", is_home=row["is_home"]),
        building=row["building"] or "",
        principal=f"{row['principal']} 様の{row['role']}" if row["principal"] else "",
        body="児童手当を次のとおり支払いますので、お知らせします。",
        issued_on=format_wareki(today),
        fields=(
            ("受給者番号", str(row["case_no"])),
            ("支払日", format_wareki(row["pay_on"])),
            ("対象の月", f"{first}分" if first == last else f"{first}分から{last}分まで"),
            ("支払額", f"{row['amount']:,}円"),
        ),
        **sender,
    )
