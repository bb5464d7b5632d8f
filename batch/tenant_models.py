"""Marks in the municipality's own schema: they commit in the transaction of the results they stand for."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase


class JobRun(TenantBase):
    """A run of a job. Only the holder of the highest `fence` can mark a chunk as done."""

    __tablename__ = "job_run"
    __table_args__ = (
        CheckConstraint("status in ('running', 'done')", name="status"),
        Index(None, "job_name", "business_date"),
    )
    run_key: Mapped[str] = mapped_column(primary_key=True)
    job_name: Mapped[str]
    business_date: Mapped[date]
    fence: Mapped[int]
    status: Mapped[str]
    chunks_total: Mapped[int]
    """Planned once, so that a resumed run cuts at the same keys."""
    started_at: Mapped[datetime]


class JobChunk(TenantBase):
    """A planned chunk [lower, upper); done when `finished_at` is set."""

    __tablename__ = "job_chunk"
    run_key: Mapped[str] = mapped_column(ForeignKey("job_run.run_key"), primary_key=True)
    chunk_no: Mapped[int] = mapped_column(primary_key=True)
    lower: Mapped[int]
    upper: Mapped[int]
    rows_in: Mapped[int | None]
    rows_out: Mapped[int | None]
    rows_error: Mapped[int | None]
    control_total: Mapped[int | None]
    finished_at: Mapped[datetime | None]
    worker: Mapped[str | None]


class JobError(TenantBase):
    """A row that a chunk could not process, and why: the error list for the business section."""

    __tablename__ = "job_error"
    __table_args__ = (
        ForeignKeyConstraint(["run_key", "chunk_no"], ["job_chunk.run_key", "job_chunk.chunk_no"]),
        {"info": {"grants": APPEND}},
    )
    run_key: Mapped[str] = mapped_column(primary_key=True)
    chunk_no: Mapped[int] = mapped_column(primary_key=True)
    line_no: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    """Whose row it is, like `addressee:123`."""
    reason: Mapped[str]
