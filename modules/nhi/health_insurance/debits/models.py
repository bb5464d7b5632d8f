"""What was asked of which bank for which instalment, and what the bank answered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.nhi.health_insurance.debits.codes import HANDLINGS, KINDS
from yoriai.banking import RESULT_CODES
from yoriai.database.metadata import APPEND, CLOCK, TenantBase, one_of, supersede_only

_OPEN = text("file_no IS NOT NULL AND result IS NULL")


class NhiDebitFile(TenantBase):
    """振替請求ファイル: one for each debit day and collecting bank. Its text is kept: the bank gets the same at every download."""

    __tablename__ = "nhi_debit_file"
    __table_args__ = (
        CheckConstraint("(result_at IS NULL) = (paid_count IS NULL)", name="result"),
        CheckConstraint("paid_count + unpaid_count = count AND paid_total + unpaid_total = total", name="control"),
        Index("uq_nhi_debit_file_day", "debit_on", "originator_code", "bank_code", unique=True),
        {
            "info": {
                "grants": supersede_only(
                    "result_at", "result_by", "paid_count", "paid_total", "unpaid_count", "unpaid_total"
                )
            }
        },
    )
    file_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    debit_on: Mapped[date]
    """引落日."""
    originator_code: Mapped[str]
    bank_code: Mapped[str]
    bank_name: Mapped[str]
    count: Mapped[int]
    total: Mapped[int]
    """Yen."""
    content: Mapped[str]
    run_key: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    result_at: Mapped[datetime | None]
    """When the result was taken in: once."""
    result_by: Mapped[str | None]
    paid_count: Mapped[int | None]
    paid_total: Mapped[int | None]
    unpaid_count: Mapped[int | None]
    unpaid_total: Mapped[int | None]


class NhiDebit(TenantBase):
    """An instalment asked for from an account; with `problem` it could be put into no file and says why."""

    __tablename__ = "nhi_debit"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("(file_no IS NULL) = (problem IS NOT NULL)", name="problem"),
        CheckConstraint(one_of("result", RESULT_CODES), name="result"),
        CheckConstraint("(collected_on IS NOT NULL) = (result IS NOT NULL AND result = '0')", name="collected"),
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        # An instalment has one open request at most, and one of its due date: two would take the money twice.
        Index("uq_nhi_debit_open", "household_no", "fiscal_year", "instalment_no", unique=True, postgresql_where=_OPEN),
        Index("uq_nhi_debit_day", "household_no", "fiscal_year", "instalment_no", "debit_on", unique=True),
        Index(None, "file_no", "result"),
        Index(None, "payer_no", "id"),
        Index(None, "due_date", postgresql_where=text("problem IS NOT NULL")),
        {"info": {"grants": supersede_only("result", "collected_on")}},
    )
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """顧客番号 of the record."""
    file_no: Mapped[int | None] = mapped_column(ForeignKey("nhi_debit_file.file_no"))
    household_no: Mapped[int]
    fiscal_year: Mapped[int]
    instalment_no: Mapped[int]
    due_date: Mapped[date]
    """納期限 when it was asked for."""
    debit_on: Mapped[date]
    """引落日: the due date, or that of a 再振替 or 追加."""
    kind: Mapped[str] = mapped_column(server_default=text("'regular'"))
    amount: Mapped[int]
    """Yen."""
    payer_no: Mapped[int]
    """The payer's number; where it was joined with another, that of the 代表 (名寄せ)."""
    account: Mapped[str | None]
    """金融機関コード-支店コード-預金種目-口座番号 it was asked from; NULL of requests from before it was kept."""
    assessment_id: Mapped[int]
    result: Mapped[str | None]
    """振替結果コード."""
    collected_on: Mapped[date | None]
    problem: Mapped[str | None]


class NhiDebitHandling(TenantBase):
    """What a clerk did about a difference between what is owed and what was asked for: it is off the list until it changes."""

    __tablename__ = "nhi_debit_handling"
    __table_args__ = (
        CheckConstraint(one_of("handling", HANDLINGS), name="handling"),
        Index(None, "household_no", "fiscal_year", "instalment_no"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    household_no: Mapped[int]
    fiscal_year: Mapped[int]
    instalment_no: Mapped[int]
    handling: Mapped[str]
    amount: Mapped[int]
    """Yen of the difference as it was."""
    note: Mapped[str]
    staff_id: Mapped[str]
    recorded_at: Mapped[datetime]
