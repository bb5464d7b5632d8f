"""Which payment went into which file."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, CLOCK, TenantBase


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
    """A payment in a file: once, so that nobody is paid twice."""

    __tablename__ = "child_allowance_transfer"
    __table_args__ = (Index(None, "file_no"), {"info": {"grants": APPEND}})
    payment_no: Mapped[int] = mapped_column(
        ForeignKey("child_allowance_payment.payment_no", name="fk_child_allowance_transfer_payment"),
        primary_key=True,
        autoincrement=False,
    )
    file_no: Mapped[int] = mapped_column(
        ForeignKey("child_allowance_transfer_file.file_no", name="fk_child_allowance_transfer_file")
    )
    payee_no: Mapped[int]
    """The recipient's number; where it was joined with another, that of the 代表 (名寄せ)."""
    amount: Mapped[int]
    """Yen."""
