"""Which payment went into which file."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from modules.welfare.child_allowance.transfers.codes import RETURN_REASONS
from yoriai.database.metadata import APPEND, CLOCK, TenantBase, one_of, supersede_only


class ChildAllowanceTransferFile(TenantBase):
    """振込データ: a file for the bank. Its text is kept: the bank gets the same at every download."""

    __tablename__ = "child_allowance_transfer_file"
    __table_args__ = (
        CheckConstraint("count > 0 AND total > 0", name="control"),
        Index(None, "payment_month"),
        {"info": {"grants": APPEND}},
    )
    file_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    payment_month: Mapped[date]
    pay_on: Mapped[date]
    """振込指定日."""
    count: Mapped[int]
    total: Mapped[int]
    """Yen."""
    content: Mapped[str]
    run_key: Mapped[str]
    made_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))


class ChildAllowanceTransfer(TenantBase):
    """A payment in a file. In another one only after the bank has returned it, so that nobody is paid twice."""

    __tablename__ = "child_allowance_transfer"
    __table_args__ = (
        CheckConstraint(one_of("return_reason", RETURN_REASONS), name="return_reason"),
        CheckConstraint(
            "(returned_on IS NULL) = (return_reason IS NULL) AND (returned_on IS NULL) = (returned_by IS NULL)",
            name="returned",
        ),
        Index(
            "uq_child_allowance_transfer_open", "payment_no", unique=True, postgresql_where=text("returned_on IS NULL")
        ),
        Index(None, "file_no"),
        Index(None, "payee_no", "file_no"),
        {"info": {"grants": supersede_only("returned_on", "return_reason", "returned_at", "returned_by")}},
    )
    payment_no: Mapped[int] = mapped_column(
        ForeignKey("child_allowance_payment.payment_no", name="fk_child_allowance_transfer_payment"),
        primary_key=True,
        autoincrement=False,
    )
    file_no: Mapped[int] = mapped_column(
        ForeignKey("child_allowance_transfer_file.file_no", name="fk_child_allowance_transfer_file"),
        primary_key=True,
        autoincrement=False,
    )
    payee_no: Mapped[int]
    """The recipient's number; where it was joined with another, that of the 代表 (名寄せ)."""
    amount: Mapped[int]
    """Yen."""
    account_id: Mapped[int | None]
    """The account it was sent to; unknown for what was sent before this was kept."""
    returned_on: Mapped[date | None]
    """振込不能: the day the bank returned it."""
    return_reason: Mapped[str | None]
    returned_at: Mapped[datetime | None]
    returned_by: Mapped[str | None]
