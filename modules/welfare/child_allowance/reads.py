"""What is read for the screens. Every case that is opened is recorded."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from modules.resident.basic_register.facts import find_resident, refuse_concealed, without_concealed
from modules.resident.non_resident.facts import find_account, find_representative, list_mail_warnings
from modules.welfare.child_allowance import judging
from modules.welfare.child_allowance.letters import TITLES, list_unsent
from modules.welfare.child_allowance.models import EVENTS, PAYMENT_STATES, RECIPIENT_KINDS
from modules.welfare.child_allowance.reasons import reason_of
from modules.welfare.child_allowance.rules import CHILD_ALLOWANCE
from modules.welfare.child_allowance.service import label_of
from modules.welfare.child_allowance.states import STATE_LABELS, TRANSITIONS, State, possible_acts
from modules.welfare.child_allowance.views import (
    ActRow,
    CaseList,
    CaseRow,
    CaseView,
    ChildRow,
    Chip,
    DecisionRow,
    PaymentList,
    PaymentRow,
    PersonLine,
)
from yoriai.audit import AuditEvent
from yoriai.dates import age_at_end_of, format_wareki_month
from yoriai.documents.letters import LETTERS_AT_ONCE
from yoriai.errors import NotFound
from yoriai.rules import ParameterSet
from yoriai.tenancy.session import Reader, Record
from yoriai.web.explained import shown_steps

_SEX = {"1": "男", "2": "女", "9": "不明"}
_PAYMENT_KINDS = {"listed": "ok", "held": "warn", "overpaid": "danger"}
_RETURNED = "振込不能 (未払)"
_CASE = """
SELECT case_no, recipient_no, recipient_kind, status, version, claimed_on, event, event_on, first_month, lost_on
  FROM child_allowance_case WHERE case_no = $1
"""
_CHILDREN = """
SELECT id, case_no, child_no, name, birth_date, is_cared, is_supported, claimed_on, event_on, lost_on
  FROM child_allowance_child WHERE case_no = $1 AND superseded_at IS NULL ORDER BY birth_date, id
"""
_DECISIONS = """
SELECT month, amount, eligible_children, recorded_at, superseded_at FROM child_allowance_decision
 WHERE case_no = $1 ORDER BY month DESC, recorded_at DESC LIMIT 60
"""
_IS_RETURNED = """
EXISTS (SELECT FROM child_allowance_transfer t WHERE t.payment_no = p.payment_no)
AND NOT EXISTS (SELECT FROM child_allowance_transfer t WHERE t.payment_no = p.payment_no AND t.returned_on IS NULL)
"""
_PAYMENT = f"""
SELECT p.payment_no, p.payment_month, p.pay_on, p.case_no, p.recipient_no, coalesce(r.name, o.name, '') AS name, p.status, p.amount,
       p.first_month, p.last_month, {_IS_RETURNED} AS is_returned
  FROM child_allowance_payment p LEFT JOIN fact_resident r ON r.addressee_no = p.recipient_no
  LEFT JOIN fact_addressee o ON o.addressee_no = p.recipient_no
"""  # noqa: S608  the condition above
_PAYMENTS_OF_CASE = f"{_PAYMENT} WHERE p.case_no = $1 ORDER BY p.payment_month DESC, p.payment_no DESC LIMIT 60"
_PAID_IN = f"""
{_PAYMENT} WHERE p.payment_month = $1 AND p.status = 'listed' AND NOT ({_IS_RETURNED}) ORDER BY p.payment_no LIMIT 200
"""
_UNPAID_IN = f"""
{_PAYMENT} WHERE p.payment_month = $1 AND (p.status <> 'listed' OR {_IS_RETURNED}) ORDER BY p.payment_no LIMIT 200
"""
_RETURNED_IN = f"""
SELECT count(*) AS count, coalesce(sum(amount), 0)::bigint AS total FROM child_allowance_payment p
 WHERE p.payment_month = $1 AND {_IS_RETURNED}
"""  # noqa: S608  the condition above
_TOTAL = """
SELECT coalesce(sum(amount), 0)::bigint AS total, count(*) AS count FROM child_allowance_payment
 WHERE payment_month = $1 AND status = 'listed'
"""
_MONTHS = "SELECT DISTINCT payment_month FROM child_allowance_payment ORDER BY payment_month DESC LIMIT 24"
_HISTORY = """
SELECT id, act, "on", state_after, reason, recorded_at, staff_id FROM child_allowance_act
 WHERE case_no = $1 ORDER BY id DESC LIMIT 100
"""
_CASES = """
SELECT c.case_no, c.recipient_no, coalesce(r.name, '') AS name, c.claimed_on, c.status, c.first_month,
       (SELECT count(*) FROM child_allowance_child k
         WHERE k.case_no = c.case_no AND k.superseded_at IS NULL AND k.lost_on IS NULL) AS children,
       (SELECT d.amount FROM child_allowance_decision d WHERE d.case_no = c.case_no AND d.superseded_at IS NULL
         ORDER BY d.month DESC LIMIT 1) AS amount
  FROM child_allowance_case c LEFT JOIN fact_resident r ON r.addressee_no = c.recipient_no
 WHERE c.status = $1 ORDER BY c.claimed_on, c.case_no LIMIT 200
"""
_COUNTS = "SELECT status, count(*) AS count FROM child_allowance_case GROUP BY status"


async def list_cases(session: Reader, status: State) -> CaseList:
    """The first 200 cases of a state, the oldest claim first."""
    found = await session.fetch(_CASES, str(status))
    rows = await without_concealed(session, found, "recipient_no")
    counts = {row["status"]: row["count"] for row in await session.fetch(_COUNTS)}
    session.audit(AuditEvent("child_allowance.list", detail={"status": str(status), "found": len(rows)}))
    return CaseList(
        rows=[CaseRow(**(dict(row) | {"status": chip(row["status"])})) for row in rows],
        total=counts.get(str(status), 0),
        status=str(status),
        counts=[
            {"status": str(each), "label": STATE_LABELS[each][0], "count": counts.get(str(each), 0)} for each in State
        ],
    )


async def get_case(session: Reader, case_no: int, month: date, figures: ParameterSet, today: date) -> CaseView:
    """A case with the judgement of the month by the rules as they stand; raises NotFound."""
    case = await session.fetchrow(_CASE, case_no)
    if case is None:
        raise NotFound("この受給者番号はありません。")
    await refuse_concealed(session, [case["recipient_no"]], "この受給者番号はありません。")
    session.audit(AuditEvent("child_allowance.view", f"addressee:{case['recipient_no']}", detail={"case_no": case_no}))
    children = await session.fetch(_CHILDREN, case_no)
    judged = _judged(case, children, month, figures)
    explanation = judging.explain_case(dict(case), [dict(child) for child in children], month, figures)
    state = State(case["status"])
    representative = await find_representative(session, case["recipient_no"])
    account = await find_account(session, case["recipient_no"], "child_allowance", "benefit", today)
    return CaseView(
        case_no=case_no,
        version=case["version"],
        person=await person_line(session, case["recipient_no"], today),
        representative_no=representative.addressee_no if representative else case["recipient_no"],
        mail_warnings=await list_mail_warnings(session, case["recipient_no"], "child_allowance"),
        has_account=account is not None,
        recipient_kind=RECIPIENT_KINDS[case["recipient_kind"]],
        status=chip(state),
        claimed_on=case["claimed_on"],
        event=EVENTS[case["event"]],
        event_on=case["event_on"],
        first_month=case["first_month"],
        first_month_label=format_wareki_month(case["first_month"]) if case["first_month"] else "",
        lost_on=case["lost_on"],
        month=month,
        month_label=format_wareki_month(month),
        amount=judged["amount"],
        children=judged["children"],
        steps=shown_steps(explanation, frozenset({"amount"})),
        decisions=[DecisionRow(**dict(row)) for row in await session.fetch(_DECISIONS, case_no)],
        payments=[_payment(row) for row in await session.fetch(_PAYMENTS_OF_CASE, case_no)],
        history=[_act(row) for row in await session.fetch(_HISTORY, case_no)],
        acts=[(str(act), TRANSITIONS[act].label) for act in possible_acts(state)],
        initial={"on": today.isoformat(), "claimed_on": today.isoformat(), "is_cared": "true"},
    )


async def find_newest_month(session: Reader) -> date | None:
    """The newest month with a payment list."""
    newest: date | None = await session.fetchval("SELECT max(payment_month) FROM child_allowance_payment")
    return newest


async def get_payments(session: Reader, month: date, today: date) -> PaymentList:
    """The payment list of a month, and whom the 支払通知 does not reach as of today."""
    total = await session.fetchrow(_TOTAL, month)
    returned = await session.fetchrow(_RETURNED_IN, month)
    session.audit(AuditEvent("child_allowance.payments", detail={"month": f"{month:%Y-%m}"}))
    return PaymentList(
        month=month,
        month_label=format_wareki_month(month),
        paid=await _payments(session, _PAID_IN, month),
        unpaid=await _payments(session, _UNPAID_IN, month),
        total=total["total"] if total else 0,
        count=total["count"] if total else 0,
        returned_count=returned["count"] if returned else 0,
        returned_total=returned["total"] if returned else 0,
        months=[row["payment_month"] for row in await session.fetch(_MONTHS)],
        unsent=await list_unsent(session, month, today),
        parts=list(range(1, -(-(total["count"] if total else 0) // LETTERS_AT_ONCE) + 1)),
    )


async def person_line(session: Reader, addressee_no: int, today: date) -> PersonLine:
    """The recipient; somebody who has left is shown by number."""
    resident = await find_resident(session, addressee_no)
    return PersonLine(
        addressee_no=addressee_no,
        name=resident.name if resident else "(除票)",
        kana=resident.name_kana if resident else "",
        birth_date=resident.birth_date if resident else None,
        age=age_at_end_of(today, resident.birth_date) if resident else 0,
        sex=_SEX[resident.sex] if resident else "",
        address=" ".join(part for part in (resident.address, resident.building) if part) if resident else "",
        household_no=resident.household_no if resident else None,
        href=f"/resident/persons/{addressee_no}",
    )


def chip(status: str) -> Chip:
    """A state as a chip."""
    label, kind = STATE_LABELS[status]
    return Chip(label=label, kind=kind)


def _judged(case: Record, children: Sequence[Record], month: date, figures: ParameterSet) -> dict[str, Any]:
    frames = judging.frames_of(judging.case_frame([dict(case)]), judging.child_frame(map(dict, children)), month)
    results = CHILD_ALLOWANCE.run(frames, figures)
    judgement = results["judgement"].row(0, named=True)
    is_in_period = judgement["is_in_period"]
    rows = [
        ChildRow(
            **{name: child[name] for name in ChildRow.model_fields if name not in ("amount", "reason")},
            amount=row["monthly_amount"] if is_in_period else 0,
            reason=reason_of(row, is_in_period=is_in_period),
        )
        for child, row in zip(children, results["child"].iter_rows(named=True), strict=True)
    ]
    return {"amount": judgement["amount"], "children": rows}


async def _payments(session: Reader, query: str, month: date) -> list[PaymentRow]:
    rows = await without_concealed(session, await session.fetch(query, month), "recipient_no")
    return [_payment(row) for row in rows]


def _payment(row: Record) -> PaymentRow:
    values = dict(row)
    is_returned = values.pop("is_returned")
    status = Chip(label=PAYMENT_STATES[row["status"]], kind=_PAYMENT_KINDS[row["status"]])
    return PaymentRow(**values | {"status": Chip(label=_RETURNED, kind="danger") if is_returned else status})


def _act(row: Record) -> ActRow:
    return ActRow(
        id=row["id"],
        has_letter=row["act"] in TITLES,
        on=row["on"],
        label=label_of(row["act"]),
        status=chip(row["state_after"]),
        reason=row["reason"],
        recorded_at=row["recorded_at"],
        staff_id=row["staff_id"],
    )
