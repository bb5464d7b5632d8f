"""What has changed of what other systems may have, who may have it, the files sent and received, and rows that were set aside."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase, supersede_only


class ExchangeSet(TenantBase):
    """When a data set was last compared with what is published, and its highest change number."""

    __tablename__ = "exchange_set"
    __table_args__ = ({"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},)
    data_set: Mapped[str] = mapped_column(primary_key=True)
    refreshed_at: Mapped[datetime]
    change_no: Mapped[int]


class ExchangeChange(TenantBase):
    """The last change of each row of a data set. What the row says is not kept: only its digest, so that a change is noticed."""

    __tablename__ = "exchange_change"
    __table_args__ = (
        Index(None, "data_set", "change_no", unique=True),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    data_set: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int]
    """The first part of the key: whom the row is about."""
    digest: Mapped[str]
    change_no: Mapped[int]
    is_gone: Mapped[bool]
    changed_at: Mapped[datetime]


class ExchangeScope(TenantBase):
    """A data set that a system account may pull, and for what; revoked, never deleted."""

    __tablename__ = "exchange_scope"
    __table_args__ = (
        Index(
            "uq_exchange_scope_valid",
            "login",
            "data_set",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
        {"info": {"grants": supersede_only("revoked_at", "revoked_by")}},
    )
    scope_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    login: Mapped[str]
    data_set: Mapped[str]
    purpose: Mapped[str]
    granted_at: Mapped[datetime]
    granted_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]


class ExchangeFile(TenantBase):
    """A file that was laid into the exchange area, or taken from it."""

    __tablename__ = "exchange_file"
    __table_args__ = (
        CheckConstraint("kind in ('full', 'difference', 'received')", name="kind"),
        Index(None, "data_set", "file_no"),
        Index(
            "uq_exchange_file_received", "data_set", "sha256", unique=True, postgresql_where=text("kind = 'received'")
        ),
        {"info": {"grants": APPEND}},
    )
    file_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    data_set: Mapped[str]
    path: Mapped[str]
    charset: Mapped[str]
    size: Mapped[int]
    rows: Mapped[int]
    gone: Mapped[int]
    """Of a difference, the rows that are no more; of a received file, those that were set aside at first."""
    sha256: Mapped[str]
    from_change: Mapped[int]
    to_change: Mapped[int]
    made_at: Mapped[datetime]
    staff_id: Mapped[str]


class ExchangeRow(TenantBase):
    """A received row that could not be recorded: kept with its reasons until it is corrected or given up."""

    __tablename__ = "exchange_row"
    __table_args__ = (
        CheckConstraint("status in ('waiting', 'done', 'discarded')", name="status"),
        CheckConstraint("(status = 'waiting') = (closed_at IS NULL)", name="closed"),
        Index(None, "status", "row_no"),
        {
            "info": {
                "grants": supersede_only("status", "version", "values", "reasons", "closed_at", "closed_by", "note")
            }
        },
    )
    row_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    file_no: Mapped[int] = mapped_column(ForeignKey("exchange_file.file_no"))
    receiver: Mapped[str]
    line: Mapped[int]
    received: Mapped[str]
    """The row as it came, JSON by heading."""
    values: Mapped[str]
    """The row as it stands after corrections, JSON by heading."""
    reasons: Mapped[str]
    """JSON: what is wrong with it, each with the heading."""
    status: Mapped[str]
    version: Mapped[int] = mapped_column(server_default=text("1"))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    note: Mapped[str] = mapped_column(server_default=text("''"))
