"""口座 of an addressee for a business and a use, and the mergers of branches that renamed them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from modules.resident.non_resident.codes import ACCOUNT_TYPES, ACCOUNT_USES
from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, one_of, supersede_only


class BranchMerger(TenantBase):
    """店舗統廃合: from a day on a branch's accounts are those of another; account numbers stay."""

    __tablename__ = "branch_merger"
    __table_args__ = (
        CheckConstraint("(bank_code, branch_code) <> (to_bank_code, to_branch_code)", name="two"),
        {"info": {"grants": APPEND}},
    )
    merger_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    bank_code: Mapped[str]
    branch_code: Mapped[str]
    to_bank_code: Mapped[str]
    to_bank_name: Mapped[str]
    to_branch_code: Mapped[str]
    to_branch_name: Mapped[str]
    effective_on: Mapped[date]
    accounts: Mapped[int]
    """How many accounts it changed."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class BankAccount(TenantBase):
    """振替, 還付 or 給付口座 of an addressee for one business (or all) in a period."""

    __tablename__ = "bank_account"
    __table_args__ = (
        CheckConstraint(one_of("account_use", ACCOUNT_USES), name="account_use"),
        CheckConstraint(one_of("account_type", ACCOUNT_TYPES), name="account_type"),
        CheckConstraint("bank_code ~ '^[0-9]{4}$' and branch_code ~ '^[0-9]{3}$'", name="codes"),
        CheckConstraint("account_number ~ '^[0-9]{7}$'", name="account_number"),
        CheckConstraint("valid_from <= valid_to", name="period"),
        Index(None, "addressee_no", postgresql_where=KNOWN),
        Index(None, "bank_code", "branch_code", postgresql_where=KNOWN),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    business: Mapped[str]
    """The name of a business, or `all`."""
    account_use: Mapped[str]
    bank_code: Mapped[str]
    bank_name: Mapped[str]
    branch_code: Mapped[str]
    branch_name: Mapped[str]
    account_type: Mapped[str]
    account_number: Mapped[str]
    holder_kana: Mapped[str]
    """口座名義 as the bank has it: half-width kana of 全銀 form."""
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str]
    merger_no: Mapped[int | None] = mapped_column(ForeignKey("branch_merger.merger_no"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]
