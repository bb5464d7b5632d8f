"""振込データ作成 of a payment month: all listed payments with an account that are in no file yet, by night or at the counter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from modules.resident.non_resident.facts import ACCOUNT, ACCOUNT_COLUMNS
from modules.welfare.child_allowance.batch.plan import plan_whole
from modules.welfare.child_allowance.judging import figures_of
from modules.welfare.child_allowance.payments import is_payment_month
from yoriai.banking import CHANGED, FIRST, OTHER, Entry, Originator, count_control, find_originators, transfer_file
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.numbering import allocate_in_bulk
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

WAITING = f"""
SELECT a.payment_no, a.case_no, a.addressee_no AS recipient_no, a.pay_on, a.amount,
       own.no AS payee_no, account.id AS account_id, back.returned_on, back.return_reason,
       back.returned_on IS NOT NULL AND back.account_id = account.id AS is_same,
       {ACCOUNT_COLUMNS},
       CASE WHEN last.payee_no IS NULL THEN '{FIRST}' WHEN last.account_id <> account.id THEN '{CHANGED}' ELSE '{OTHER}' END
         AS novelty
  FROM (SELECT p.payment_no, p.case_no, p.recipient_no AS addressee_no, p.pay_on, p.amount FROM child_allowance_payment p
         WHERE p.payment_month = $4 AND p.status = 'listed'
           AND NOT EXISTS (SELECT FROM child_allowance_case c WHERE c.case_no = p.case_no AND c.status = 'held')
           AND NOT EXISTS (SELECT FROM child_allowance_transfer t WHERE t.payment_no = p.payment_no AND t.returned_on IS NULL)
       ) AS a
  {ACCOUNT}
  LEFT JOIN LATERAL (SELECT t.returned_on, t.return_reason, t.account_id FROM child_allowance_transfer t
                      WHERE t.payment_no = a.payment_no ORDER BY t.file_no DESC LIMIT 1) AS back ON true
  LEFT JOIN LATERAL (SELECT t.payee_no, t.account_id FROM child_allowance_transfer t
                      WHERE t.payee_no = own.no ORDER BY t.file_no DESC LIMIT 1) AS last ON true
 ORDER BY account.bank_code, account.branch_code, a.payment_no
"""  # noqa: S608  the join of 宛名
"""What is listed and in no file, or was returned by the bank: `$1` the business, `$2` the day of the accounts, `$3` the use, `$4`
the month. Without an account the bank's columns are NULL; `is_same`: it is the account the bank returned it from. Who has been held
(差止) since the list was made waits until that ends.
"""
LOCK = "SELECT pg_advisory_xact_lock(hashtextextended(current_schema() || ':child-allowance-transfer', 0)) IS NULL AS locked"
"""Held while a file is made and while a return is recorded: a payment must not get into two files."""
NO_ACCOUNT = "給付用の口座が登録されていません。口座を登録して、追加の振込データを作ってください。"
SAME_ACCOUNT = "振込不能だった口座のままです。口座を訂正して、追加の振込データを作ってください。"


@dataclass(frozen=True)
class Made:
    """A file and the payments in it."""

    content: str
    count: int
    total: int
    payments: list[dict[str, Any]]


def is_ready(row: Mapping[str, Any]) -> bool:
    """Whether a row of `WAITING` can be paid: there is an account, and not the one the bank returned it from."""
    return row["bank_code"] is not None and not row["is_same"]


def make_file(originator: Originator, rows: Sequence[Mapping[str, Any]], pay_on: date) -> Made | None:
    """The file of the rows of `WAITING` that can be paid; None when none can."""
    ready = [row for row in rows if is_ready(row)]
    if not ready:
        return None
    entries = [Entry.of(row["payment_no"], row) for row in ready]
    count, total = count_control(entries)
    payments = [{name: row[name] for name in ("payment_no", "payee_no", "account_id", "amount")} for row in ready]
    return Made(transfer_file(originator, pay_on, entries), count, total, payments)


def plan_transfers(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Nothing in a month without payment, or where the municipality sends no files."""
    figures = figures_of(context.config, context.business_date)
    is_due = is_payment_month(context.business_date, figures)
    return plan_whole(session, context) if is_due and _originators(context) else []


def run_transfers(session: BulkWriteSession, context: JobContext, _chunk: Chunk) -> ChunkResult:
    """The month's file; yen are the control total, and who has no account is an error."""
    month = context.business_date.replace(day=1)
    session.read(LOCK)
    rows = list(
        session.read(WAITING, ("child_allowance", context.business_date, "benefit", month)).iter_rows(named=True)
    )
    errors = tuple(
        RowError(f"child_allowance_case:{row['case_no']}", SAME_ACCOUNT if row["is_same"] else NO_ACCOUNT)
        for row in rows
        if not is_ready(row)
    )
    made = make_file(_originators(context)[0], rows, rows[0]["pay_on"]) if rows else None
    if made is None:
        return ChunkResult(len(rows), 0, len(errors), 0, errors)
    file_no = allocate_in_bulk(session, "child_allowance_transfer_file")
    head = {
        "file_no": file_no,
        "payment_month": month,
        "pay_on": rows[0]["pay_on"],
        "count": made.count,
        "total": made.total,
        "content": made.content,
        "run_key": context.run_key,
    }
    session.append("child_allowance_transfer_file", pl.DataFrame([head]))
    session.append("child_allowance_transfer", pl.DataFrame(made.payments).with_columns(file_no=pl.lit(file_no)))
    return ChunkResult(len(rows), made.count, len(errors), made.total, errors)


def _originators(context: JobContext) -> tuple[Originator, ...]:
    return find_originators(context.config, "child_allowance", "benefit")
