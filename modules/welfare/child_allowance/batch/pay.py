"""支払一覧: in even months, what is due for the months before; the yen listed are the control total.

What a month is due is its decision less what was listed for it. So a lifted hold is paid back by itself, a raised amount is
paid after, and a lowered one shows as money to be returned.
"""

import polars as pl

from modules.welfare.child_allowance.batch.plan import plan_by_case
from modules.welfare.child_allowance.judging import figures_of
from modules.welfare.child_allowance.payments import is_payment_month, pay_day
from yoriai.dates import add_months
from yoriai.jobs import Chunk, ChunkResult, JobContext, RowError
from yoriai.numbering import allocate_in_bulk
from yoriai.rules import Use
from yoriai.tenancy.bulk import BulkReadSession, BulkWriteSession

_DUE = """
SELECT c.case_no, c.recipient_no, c.status = 'held' AS is_held, due.month, due.amount
  FROM (
    SELECT case_no, month, sum(amount)::bigint AS amount
      FROM (
        SELECT case_no, month, amount FROM child_allowance_decision WHERE superseded_at IS NULL
        UNION ALL
        SELECT case_no, month, -amount FROM child_allowance_payment_month
      ) AS entry
     WHERE case_no >= $1 AND case_no < $2 AND month >= $3 AND month < $4
     GROUP BY case_no, month HAVING sum(amount) <> 0
  ) AS due JOIN child_allowance_case c ON c.case_no = due.case_no
 ORDER BY c.case_no, due.month
"""
_LISTED = """
SELECT case_no, status FROM child_allowance_payment
 WHERE payment_month = $1 AND case_no >= $2 AND case_no < $3 AND status <> 'listed'
"""


def plan_payments(session: BulkReadSession, context: JobContext) -> list[Chunk]:
    """Nothing in a month without payment, else ranges of cases."""
    figures = figures_of(context.config, context.business_date)
    return plan_by_case(session, context) if is_payment_month(context.business_date, figures) else []


def run_payments(session: BulkWriteSession, context: JobContext, chunk: Chunk) -> ChunkResult:
    """List what the chunk's cases are due. Held cases stand on the list unpaid; money to be returned counts as an error."""
    month = context.business_date.replace(day=1)
    figures = figures_of(context.config, month)
    since = add_months(month, -Use(figures).count("claim.lapse_months"))
    due = session.read(_DUE, (chunk.lower, chunk.upper, since, month))
    payments = _payments(due).join(
        session.read(_LISTED, (month, chunk.lower, chunk.upper)), on=["case_no", "status"], how="anti"
    )
    pay_on = pay_day(month, figures, context.config.section("calendar"))
    payments = _numbered(session, payments).with_columns(
        payment_month=pl.lit(month), pay_on=pl.lit(pay_on), run_key=pl.lit(context.run_key)
    )
    session.append("child_allowance_payment", payments)
    listed = payments.filter(pl.col("status") == "listed")
    session.append("child_allowance_payment_month", _lines(due, listed))
    total = int(listed["amount"].sum())
    overpaid = payments.filter(pl.col("status") == "overpaid").select("case_no", "amount").rows()
    errors = tuple(
        RowError(f"child_allowance_case:{case}", f"過払い{-amount:,}円の返還が必要です。") for case, amount in overpaid
    )
    return ChunkResult(due["case_no"].n_unique(), listed.height, len(errors), total, errors)


def _payments(due: pl.DataFrame) -> pl.DataFrame:
    """One payment a case: listed, held or to be returned."""
    status = (pl.when(pl.col("amount") < 0).then(pl.lit("overpaid")).when("is_held").then(pl.lit("held"))).otherwise(
        pl.lit("listed")
    )
    return (
        due.group_by("case_no", "recipient_no", "is_held", maintain_order=True)
        .agg(pl.col("amount").sum(), first_month=pl.col("month").min(), last_month=pl.col("month").max())
        .filter(pl.col("amount") != 0)
        .with_columns(status=status)
        .drop("is_held")
    )


def _numbered(session: BulkWriteSession, payments: pl.DataFrame) -> pl.DataFrame:
    if payments.is_empty():
        return payments.with_columns(payment_no=pl.lit(0, pl.Int64))
    first = allocate_in_bulk(session, "child_allowance_payment", payments.height)
    return payments.with_columns(payment_no=pl.int_range(first, first + payments.height, dtype=pl.Int64))


def _lines(due: pl.DataFrame, listed: pl.DataFrame) -> pl.DataFrame:
    """The months each listed payment pays."""
    return due.join(listed.select("case_no", "payment_no"), on="case_no").select(
        "payment_no", "month", "case_no", "amount"
    )
