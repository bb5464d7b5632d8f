"""振込不能: a transfer the bank returned. The payment is unpaid until a later file pays it into another account."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from modules.resident.basic_register.facts import refuse_concealed, without_concealed
from modules.welfare.child_allowance.transfers.codes import RETURN_REASONS
from modules.welfare.child_allowance.transfers.making import LOCK
from modules.welfare.child_allowance.transfers.models import ChildAllowanceTransfer, ChildAllowanceTransferFile
from modules.welfare.child_allowance.transfers.views import (
    ReturnBack,
    Returned,
    SentPayment,
    TransferFileRow,
    TransferFileView,
    TransferReturn,
    TransferView,
)
from yoriai.audit import AuditEvent
from yoriai.banking import find_transfer
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.findings import Findings
from yoriai.japanese import to_katakana
from yoriai.outbox import DomainEvent, publish
from yoriai.tenancy.session import Reader, Record, WriteSession

_FILE = """
SELECT file_no, payment_month, pay_on, count, total, made_at, staff_id FROM child_allowance_transfer_file WHERE file_no = $1
"""
_SENT = """
SELECT t.payment_no, t.file_no, f.pay_on, f.payment_month, p.case_no, p.recipient_no, t.payee_no, coalesce(r.name, '') AS name,
       t.amount, t.returned_on, t.return_reason, t.returned_by
  FROM child_allowance_transfer t
  JOIN child_allowance_transfer_file f ON f.file_no = t.file_no
  JOIN child_allowance_payment p ON p.payment_no = t.payment_no
  LEFT JOIN fact_addressee r ON r.addressee_no = t.payee_no
"""
_IN_FILE = f"""{_SENT}
 WHERE t.file_no = $1
   AND ($2 = '' OR t.payment_no = $3 OR t.amount = $3 OR position($2 in replace(replace(r.name, ' ', ''), '　', '')) > 0
        OR position($2 in replace(replace(r.name_kana, ' ', ''), '　', '')) > 0)
 ORDER BY t.returned_on NULLS LAST, t.payment_no LIMIT 200
"""
_OF_PAYMENT = f"{_SENT} WHERE t.payment_no = $1 ORDER BY t.file_no"
_COUNTS = """
SELECT count(*) AS count, coalesce(sum(amount), 0)::bigint AS total FROM child_allowance_transfer
 WHERE file_no = $1 AND returned_on IS NOT NULL
"""
_CONTENT = "SELECT content FROM child_allowance_transfer_file WHERE file_no = $1"
_NO_FILE, _NO_PAYMENT = "この振込データはありません。", "この振込データに、この支払はありません。"


async def get_file(session: Reader, file_no: int, query: str) -> TransferFileView:
    """A file with its payments, the returned ones first, at most 200: all, or those a name, kana, number or amount finds.

    Raises NotFound.
    """
    row = await session.fetchrow(_FILE, file_no)
    if row is None:
        raise NotFound(_NO_FILE)
    text = to_katakana(query).replace(" ", "").replace("　", "")
    digits = text.replace(",", "").removesuffix("円")
    number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 16 else -1
    found = await without_concealed(session, await session.fetch(_IN_FILE, file_no, text, number), "payee_no")
    for sent in found:
        session.audit(AuditEvent("child_allowance.transfer_view", f"addressee:{sent['recipient_no']}"))
    counts = await session.fetchrow(_COUNTS, file_no)
    return TransferFileView(
        file=TransferFileRow(**dict(row)),
        q=query,
        rows=[_sent(sent) for sent in found],
        returned_count=counts["count"] if counts else 0,
        returned_total=counts["total"] if counts else 0,
    )


async def get_transfer(session: Reader, file_no: int, payment_no: int, today: date) -> TransferView:
    """A payment of a file with the account it was sent to, and all its transfers; audited. Raises NotFound."""
    sent = await session.fetch(_OF_PAYMENT, payment_no)
    own = next((row for row in sent if row["file_no"] == file_no), None)
    if own is None:
        raise NotFound(_NO_PAYMENT)
    await refuse_concealed(session, [own["payee_no"], own["recipient_no"]], _NO_PAYMENT)
    session.audit(AuditEvent("child_allowance.transfer_view", f"addressee:{own['recipient_no']}"))
    content = await session.fetchval(_CONTENT, file_no)
    return TransferView(
        payment=_sent(own),
        account=_account(find_transfer(content, payment_no)),
        transfers=[_sent(row) for row in sent],
        reasons=list(RETURN_REASONS.items()),
        is_newest=sent[-1]["file_no"] == file_no,
        initial={"on": today.isoformat(), "return_reason": "", "reason": ""},
    )


async def record_return(
    session: WriteSession, file_no: int, payment_no: int, body: TransferReturn, now: datetime
) -> Returned:
    """Record that the bank returned the transfer. Raises NotFound, Conflict for one returned before, Invalid."""
    transfer, file = await _locked(session, file_no, payment_no)
    if transfer.returned_on is not None:
        raise Conflict("この振込は、もう振込不能として登録されています。")
    findings = Findings()
    if body.return_reason not in RETURN_REASONS:
        findings.refuse("return_reason", "理由を選んでください。", rule="choice")
    if body.on < file.pay_on:
        findings.refuse("on", "振込指定日より前の日です。", rule="order")
    if body.on > now.date():
        findings.refuse("on", "今日より後の日です。", rule="order")
    findings.settle()
    transfer.returned_on, transfer.return_reason = body.on, body.return_reason
    transfer.returned_at, transfer.returned_by = now, session.principal.login
    detail = {"file_no": file_no, "payment_no": payment_no, "amount": transfer.amount, "reason": body.return_reason}
    subject = f"addressee:{transfer.payee_no}"
    session.audit(AuditEvent("child_allowance.transfer_return", subject, detail=detail))
    publish(session, DomainEvent("child_allowance.transfer_returned", subject, body.on, detail))
    await session.flush()
    return Returned(payment_no=payment_no, month=f"{file.payment_month:%Y-%m}")


async def take_back(session: WriteSession, file_no: int, payment_no: int, body: ReturnBack, now: datetime) -> Returned:
    """A return that was recorded by mistake: the transfer counts as paid again. Raises NotFound, Invalid without a reason, or
    Conflict when it was not returned or has been sent again.
    """
    transfer, file = await _locked(session, file_no, payment_no)
    if transfer.returned_on is None:
        raise Conflict("この振込は、振込不能として登録されていません。")
    if not body.reason.strip():
        raise Invalid(fields=[FieldError("reason", "理由を入力してください。", rule="required")])
    sent = await session.fetch(_OF_PAYMENT, payment_no)
    if sent[-1]["file_no"] != file_no:
        raise Conflict("この支払は、その後の振込データに入っています。取り消すと二重に支払ったことになります。")
    transfer.returned_on = transfer.return_reason = transfer.returned_by = None
    transfer.returned_at = None
    subject, detail = f"addressee:{transfer.payee_no}", {"file_no": file_no, "payment_no": payment_no}
    session.audit(AuditEvent("child_allowance.transfer_return_cancel", subject, body.reason, detail))
    publish(session, DomainEvent("child_allowance.transfer_return_cancelled", subject, now.date(), detail))
    await session.flush()
    return Returned(payment_no=payment_no, month=f"{file.payment_month:%Y-%m}")


async def _locked(
    session: WriteSession, file_no: int, payment_no: int
) -> tuple[ChildAllowanceTransfer, ChildAllowanceTransferFile]:
    """The transfer and its file, while nobody makes another file of it. Raises NotFound."""
    await session.fetchval(LOCK)
    transfer = await session.get(ChildAllowanceTransfer, (payment_no, file_no), with_for_update=True)
    file = await session.get(ChildAllowanceTransferFile, file_no)
    if transfer is None or file is None:
        raise NotFound(_NO_PAYMENT)
    await refuse_concealed(session, [transfer.payee_no], _NO_PAYMENT)
    return transfer, file


def _sent(row: Record) -> SentPayment:
    reason = row["return_reason"]
    return SentPayment(**dict(row) | {"return_reason": RETURN_REASONS[reason] if reason else ""})


def _account(record: Mapping[str, str] | None) -> dict[str, Any]:
    """The account of the file's record."""
    names = ("bank_code", "branch_code", "account_type", "account_number", "holder_kana")
    return {name: record[name] for name in names} if record else {}
