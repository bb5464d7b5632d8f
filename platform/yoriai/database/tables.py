"""The kernel's own tables."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import CLOCK, EDIT, NOTHING, READ, PlatformBase, TenantBase


class Tenant(PlatformBase):
    """A municipality the installation serves."""

    __tablename__ = "tenant"
    __table_args__ = ({"info": {"grants": READ, "probe": ("SELECT (code, is_active)",)}},)
    code: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """The applied tenant file, complete."""
    config_digest: Mapped[str]
    applied_at: Mapped[datetime]
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    closed_why: Mapped[str | None]
    """Why neither its staff nor its jobs may enter at present, see `yoriai.tenancy.closing`."""


class TenantConfigHistory(PlatformBase):
    """Every configuration that was ever applied; kept for the explanation of old results."""

    __tablename__ = "tenant_config_history"
    __table_args__ = ({"info": {"grants": READ}},)
    code: Mapped[str] = mapped_column(primary_key=True)
    config_digest: Mapped[str] = mapped_column(primary_key=True)
    config: Mapped[dict[str, Any]] = mapped_column(JSONB)
    applied_at: Mapped[datetime] = mapped_column(primary_key=True)


class TenantMigration(PlatformBase):
    """Where each municipality's schema stands; a run that was cut off leaves `running`."""

    __tablename__ = "tenant_migration"
    __table_args__ = (
        CheckConstraint("status in ('running', 'done', 'failed')", name="status"),
        {"info": {"grants": READ}},
    )
    code: Mapped[str] = mapped_column(primary_key=True)
    heads: Mapped[str]
    """The revisions the schema is at, sorted and joined by commas."""
    status: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None]


class CounterLoad(PlatformBase):
    """How quickly the counters are answered: written by the web processes, read by the batch's admission."""

    __tablename__ = "counter_load"
    process: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    p95_us: Mapped[int]
    """The 95th percentile of the last seconds' answers, in microseconds."""
    requests: Mapped[int]
    quiet_us: Mapped[int | None]
    """The median of these percentiles while nothing worked in the background; NULL until that is known."""


class BackgroundLoad(PlatformBase):
    """What works beside the counters: written by the batch, read by the web processes, which then know what is their own doing."""

    __tablename__ = "background_load"
    kind: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    running: Mapped[int]


class _AuditEvent:
    """One act: who did what to whom, when, from where and why. Each row's hash covers the row before it."""

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[datetime]
    staff: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    terminal: Mapped[str]
    request_id: Mapped[str]
    previous_hash: Mapped[bytes] = mapped_column(LargeBinary)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class _AuditHead:
    """The end of the chain: a single row, locked while the chain grows."""

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class PlatformAuditEvent(_AuditEvent, PlatformBase):
    """Acts that belong to no municipality: unknown addresses, refused crossings, operators."""

    __tablename__ = "audit_event"
    __table_args__ = (Index(None, "at"), {"info": {"grants": READ}})


class PlatformAuditHead(_AuditHead, PlatformBase):
    """The end of the installation's chain."""

    __tablename__ = "audit_head"
    __table_args__ = ({"info": {"grants": NOTHING}},)


class AuditEventRow(_AuditEvent, TenantBase):
    """Acts inside one municipality."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index(None, "subject", "seq"),
        Index(None, "staff", "seq"),
        # Events only ever follow each other in time: a few pages of index find the days of a report among years.
        Index(None, "at", postgresql_using="brin"),
        {"info": {"grants": READ}},
    )


class AuditHead(_AuditHead, TenantBase):
    """The end of the municipality's chain."""

    __tablename__ = "audit_head"
    __table_args__ = ({"info": {"grants": NOTHING}},)


class _Account:
    """Somebody who logs in; `external_subject` links the account to an OpenID provider."""

    login: Mapped[str] = mapped_column(primary_key=True)
    display_name: Mapped[str]
    section: Mapped[str]
    password_hash: Mapped[str | None]
    external_subject: Mapped[str | None] = mapped_column(unique=True)
    is_active: Mapped[bool] = mapped_column(server_default=text("true"))
    failed_logins: Mapped[int] = mapped_column(server_default=text("0"))
    locked_until: Mapped[datetime | None]
    session_epoch: Mapped[int] = mapped_column(server_default=text("0"))
    """Raised to end every session of the account."""
    failed_factors: Mapped[int] = mapped_column(server_default=text("0"))
    """Second factors that failed one after the other; a right password does not take them back."""


class Staff(_Account, TenantBase):
    """An account of a municipality's member of staff."""

    __tablename__ = "staff"
    __table_args__ = ({"info": {"grants": EDIT}},)


class Operator(_Account, PlatformBase):
    """An account of the shared centre, which runs the installation and can read no municipality's data."""

    __tablename__ = "operator"
    __table_args__ = ({"info": {"grants": EDIT}},)


class OperatorRole(PlatformBase):
    """Which roles of the deployment file's centre an account has."""

    __tablename__ = "operator_role"
    login: Mapped[str] = mapped_column(ForeignKey("operator.login", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class StaffRole(TenantBase):
    """Which roles of the tenant file an account has."""

    __tablename__ = "staff_role"
    login: Mapped[str] = mapped_column(ForeignKey("staff.login", ondelete="CASCADE"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class NumberCounter(TenantBase):
    """The next number of each kind: 宛名番号, 世帯番号, 異動番号."""

    __tablename__ = "number_counter"
    kind: Mapped[str] = mapped_column(primary_key=True)
    next: Mapped[int]


class OutboxEvent(TenantBase):
    """A domain event, written in the transaction that caused it; other businesses propose procedures from it."""

    __tablename__ = "outbox_event"
    __table_args__ = (Index(None, "topic", "id"), Index(None, "key"), {"info": {"grants": ("SELECT", "INSERT")}})
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    topic: Mapped[str]
    key: Mapped[str]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    effective_on: Mapped[date]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
