"""What is shown of 振込データ, and a further file for those whose account came later."""

from datetime import date, datetime

from modules.resident.basic_register.facts import without_concealed
from modules.welfare.child_allowance.transfers.codes import RETURN_REASONS
from modules.welfare.child_allowance.transfers.making import LOCK, WAITING, is_ready, make_file
from modules.welfare.child_allowance.transfers.models import ChildAllowanceTransfer, ChildAllowanceTransferFile
from modules.welfare.child_allowance.transfers.views import (
    TransferFileRow,
    TransferList,
    TransferMade,
    TransferPlan,
    WaitingRow,
)
from yoriai.audit import AuditEvent
from yoriai.banking import Originator, encode
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, Record, WriteSession

_FILES = """
SELECT file_no, payment_month, pay_on, count, total, made_at, staff_id FROM child_allowance_transfer_file
 WHERE payment_month = $1 ORDER BY file_no DESC
"""
_NAMES = "SELECT addressee_no, name FROM fact_addressee WHERE addressee_no = ANY($1::bigint[])"
_MONTHS = "SELECT DISTINCT payment_month FROM child_allowance_payment ORDER BY payment_month DESC LIMIT 24"
_CONTENT = "SELECT pay_on, count, content FROM child_allowance_transfer_file WHERE file_no = $1"
_RETURNED = """
SELECT p.payment_month, count(*) AS count FROM child_allowance_transfer t
  JOIN child_allowance_payment p ON p.payment_no = t.payment_no
 WHERE t.returned_on IS NOT NULL AND p.payment_month <> $1
   AND NOT EXISTS (SELECT FROM child_allowance_transfer o WHERE o.payment_no = t.payment_no AND o.file_no > t.file_no)
 GROUP BY p.payment_month ORDER BY p.payment_month DESC
"""
_SHOWN = 500


async def list_transfers(session: Reader, month: date | None, today: date, *, is_sent: bool) -> TransferList:
    """The files of a month (the newest payment month) and who waits; everybody listed is audited."""
    months = [row["payment_month"] for row in await session.fetch(_MONTHS)]
    month = month or next(iter(months), today.replace(day=1))
    found = await without_concealed(session, await _waiting(session, month, today), "recipient_no")
    names = await session.fetch(_NAMES, [row["payee_no"] for row in found])
    known = {row["addressee_no"]: row["name"] for row in names}
    ready = [_waiting_row(row, known) for row in found if is_ready(row)][:_SHOWN]
    rest = [_waiting_row(row, known) for row in found if not is_ready(row)]
    without = [row for row in rest if row.returned_on is None][:_SHOWN]
    returned = [row for row in rest if row.returned_on is not None][:_SHOWN]
    for row in (*returned, *without, *ready):
        session.audit(AuditEvent("child_allowance.transfer_view", f"addressee:{row.recipient_no}"))
    return TransferList(
        month=month,
        months=months,
        files=[TransferFileRow(**dict(row)) for row in await session.fetch(_FILES, month)],
        without_account=without,
        returned=returned,
        returned_elsewhere=[(row["payment_month"], row["count"]) for row in await session.fetch(_RETURNED, month)],
        ready=ready,
        is_sent=is_sent,
        initial={"month": month.isoformat(), "pay_on": ""},
    )


async def make_transfer(
    session: WriteSession, body: TransferPlan, originator: Originator | None, now: datetime
) -> TransferMade:
    """A further file of the month for those who have an account now. Raises Invalid, or Conflict when there is nobody."""
    if originator is None:
        raise Conflict("振込依頼人が設定にありません (banking.originators)。管理者に申し出てください。")
    if body.pay_on < now.date():
        raise Invalid(fields=[FieldError("pay_on", "今日より前の日には振り込めません。", rule="order")])
    # One after the other: two clerks must not put a payment into two files.
    await session.fetchval(LOCK)
    month = body.month.replace(day=1)
    made = make_file(originator, await _waiting(session, month, now.date()), body.pay_on)
    if made is None:
        raise Conflict("振り込める支払はありません。すべて振込データに入っているか、口座が登録・訂正されていません。")
    file_no = await allocate(session, "child_allowance_transfer_file")
    login = session.principal.login
    session.add(
        ChildAllowanceTransferFile(
            file_no=file_no,
            payment_month=month,
            pay_on=body.pay_on,
            count=made.count,
            total=made.total,
            content=made.content,
            run_key=f"counter:{login}",
            made_at=now,
            staff_id=login,
        )
    )
    await session.flush()
    session.add_all(ChildAllowanceTransfer(file_no=file_no, **payment) for payment in made.payments)
    detail = {"file_no": file_no, "count": made.count, "total": made.total}
    session.audit(AuditEvent("child_allowance.transfer", f"child_allowance_transfer_file:{file_no}", detail=detail))
    await session.flush()
    return TransferMade(file_no=file_no, month=f"{month:%Y-%m}", count=made.count, total=made.total)


async def get_content(session: Reader, file_no: int) -> tuple[str, bytes]:
    """Name and bytes of a file, the same at each download; audited with its count. Raises NotFound."""
    row = await session.fetchrow(_CONTENT, file_no)
    if row is None:
        raise NotFound("この振込データはありません。")
    detail = {"file_no": file_no, "count": row["count"]}
    subject = f"child_allowance_transfer_file:{file_no}"
    session.audit(AuditEvent("child_allowance.transfer_download", subject, detail=detail))
    return f"児童手当振込_{row['pay_on']:%Y%m%d}_{file_no}.txt", encode(row["content"])


async def _waiting(session: Reader, month: date, on: date) -> list[Record]:
    return list(await session.fetch(WAITING, "child_allowance", on, "benefit", month))


def _waiting_row(row: Record, names: dict[int, str]) -> WaitingRow:
    reason = row["return_reason"]
    return WaitingRow(
        **{name: row[name] for name in ("payment_no", "case_no", "recipient_no", "amount", "returned_on")},
        name=names.get(row["payee_no"], ""),
        has_account=row["bank_code"] is not None,
        return_reason=RETURN_REASONS[reason] if reason else "",
    )
