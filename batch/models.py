"""The night's tables in the installation's schema: the plan, the queue, what happened, what it used."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from batch.states import Status
from yoriai.database.metadata import APPEND, PlatformBase

_STATUSES = ", ".join(f"'{status.value}'" for status in Status)


class BatchNight(PlatformBase):
    """A run of one business date over all municipalities. Who holds the lock of its row may start a job."""

    __tablename__ = "batch_night"
    __table_args__ = (
        CheckConstraint("status in ('planned', 'running', 'ended')", name="status"),
        UniqueConstraint("business_date", "rerun_no"),
        Index("uq_batch_night_one_running", "status", unique=True, postgresql_where=text("status = 'running'")),
    )
    night_key: Mapped[str] = mapped_column(primary_key=True)
    business_date: Mapped[date]
    rerun_no: Mapped[int]
    status: Mapped[str]
    is_staggered: Mapped[bool] = mapped_column(Boolean)
    cpu: Mapped[int]
    io: Mapped[int]
    connections: Mapped[int]
    counter_limit_ms: Mapped[int | None]
    """Above this 95th percentile at the counters the batch slows down; NULL: never."""
    origin: Mapped[datetime]
    """Moment 0 of the plan."""
    plan: Mapped[dict[str, Any]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    reaped_at: Mapped[datetime | None]


class BatchJob(PlatformBase):
    """One job of one municipality in one night. `fence` grows with every claim; an older holder counts no more."""

    __tablename__ = "batch_job"
    __table_args__ = (
        CheckConstraint(f"status in ({_STATUSES})", name="status"),
        UniqueConstraint("night_key", "municipality_code", "job_name"),
        Index(None, "night_key", "status", "planned_start", "priority", "id"),
        Index(None, "lease_until", postgresql_where=text("status = 'running'")),
        Index(None, "job_name", "ended_at", postgresql_where=text("status in ('succeeded', 'warned')")),
    )
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    night_key: Mapped[str] = mapped_column(ForeignKey("batch_night.night_key"))
    municipality_code: Mapped[str]
    net: Mapped[str]
    job_name: Mapped[str]
    label: Mapped[str]
    run_key: Mapped[str]
    status: Mapped[str]
    priority: Mapped[int]
    cpu: Mapped[int]
    io: Mapped[int]
    connections: Mapped[int]
    size: Mapped[int]
    estimate_ms: Mapped[int]
    planned_start: Mapped[datetime]
    planned_end: Mapped[datetime]
    not_before: Mapped[datetime]
    deadline_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    max_attempts: Mapped[int]
    fence: Mapped[int] = mapped_column(server_default=text("0"))
    worker: Mapped[str | None]
    lease_until: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    chunks_total: Mapped[int | None]
    chunks_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_in: Mapped[int | None]
    rows_out: Mapped[int | None]
    rows_error: Mapped[int | None]
    control_total: Mapped[int | None]
    message: Mapped[str] = mapped_column(server_default=text("''"))


class BatchJobPredecessor(PlatformBase):
    """先行: the job may start when the predecessor is done."""

    __tablename__ = "batch_job_predecessor"
    __table_args__ = (Index(None, "predecessor_id"),)
    job_id: Mapped[int] = mapped_column(ForeignKey("batch_job.id"), primary_key=True)
    predecessor_id: Mapped[int] = mapped_column(ForeignKey("batch_job.id"), primary_key=True)


class BatchEvent(PlatformBase):
    """The log of a night: every change of a job's status, by whom and why."""

    __tablename__ = "batch_event"
    __table_args__ = (Index(None, "night_key", "at"), Index(None, "job_id", "at"), {"info": {"grants": APPEND}})
    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    night_key: Mapped[str]
    job_id: Mapped[int]
    act: Mapped[str]
    from_status: Mapped[str]
    to_status: Mapped[str]
    actor: Mapped[str]
    message: Mapped[str] = mapped_column(server_default=text("''"))


class BatchUse(PlatformBase):
    """A sample of what the running jobs have reserved, and of what their processes and the database really burn."""

    __tablename__ = "batch_use"
    __table_args__ = ({"info": {"grants": APPEND}},)
    night_key: Mapped[str] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(primary_key=True)
    running: Mapped[int]
    reserved_cpu: Mapped[int]
    reserved_io: Mapped[int]
    reserved_connections: Mapped[int]
    worker_cpu_millicores: Mapped[int]
    database_cpu_millicores: Mapped[int]
    database_connections: Mapped[int]
