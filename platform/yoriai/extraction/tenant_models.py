"""Templates, runs and their files, in the municipality's own schema."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase


class ExtractionTemplate(TenantBase):
    """A saved definition: of its owner, of the section, or of the whole municipality."""

    __tablename__ = "extraction_template"
    __table_args__ = (
        CheckConstraint("sharing in ('own', 'section', 'all')", name="sharing"),
        Index(None, "owner"),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    template_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    note: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    owner: Mapped[str]
    section: Mapped[str]
    sharing: Mapped[str]
    copied_from: Mapped[str]
    """Where it was taken over from, in words; empty for one that was composed here."""
    version: Mapped[int] = mapped_column(server_default=text("1"))
    saved_at: Mapped[datetime]
    deleted_at: Mapped[datetime | None]


class ExtractionRun(TenantBase):
    """One extraction, from its request to the end of its file. `attempt` fences a worker that was presumed dead."""

    __tablename__ = "extraction_run"
    __table_args__ = (
        CheckConstraint(
            "status in ('approval', 'waiting', 'running', 'done', 'failed', 'refused', 'cancelled', 'expired')",
            name="status",
        ),
        CheckConstraint("format in ('csv', 'parquet')", name="format"),
        CheckConstraint("approved_by is null or approved_by <> staff_id", name="second_person"),
        CheckConstraint(
            "not is_sealed or status in ('approval', 'refused', 'cancelled') or approved_by is not null",
            name="approved",
        ),
        Index(None, "status", "run_no"),
        Index(None, "staff_id", "run_no"),
        {"info": {"grants": ("SELECT", "INSERT", "UPDATE")}},
    )
    run_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    template_no: Mapped[int | None]
    name: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    digest: Mapped[str]
    base_date: Mapped[date]
    purpose: Mapped[str]
    format: Mapped[str]
    reveals: Mapped[bool]
    """Whether places of protected people are shown: asked for by somebody who holds the right."""
    is_sealed: Mapped[bool]
    """Whether it holds 個人番号: it waits for a second person, and its file is encrypted."""
    staff_id: Mapped[str]
    staff_name: Mapped[str]
    section: Mapped[str]
    terminal: Mapped[str]
    status: Mapped[str]
    requested_at: Mapped[datetime]
    approved_by: Mapped[str | None]
    decided_at: Mapped[datetime | None]
    decision_note: Mapped[str]
    attempt: Mapped[int] = mapped_column(server_default=text("0"))
    started_at: Mapped[datetime | None]
    beaten_at: Mapped[datetime | None]
    """When its worker last told of itself."""
    finished_at: Mapped[datetime | None]
    rows_found: Mapped[int | None]
    rows_done: Mapped[int] = mapped_column(server_default=text("0"))
    rows_masked: Mapped[int] = mapped_column(server_default=text("0"))
    people: Mapped[int] = mapped_column(server_default=text("0"))
    is_mass: Mapped[bool] = mapped_column(server_default=text("false"))
    file_name: Mapped[str]
    file_size: Mapped[int | None]
    sealed_password: Mapped[str | None]
    """The file's password until the requester has seen it once."""
    expires_at: Mapped[datetime | None]
    downloads: Mapped[int] = mapped_column(server_default=text("0"))
    error: Mapped[str]


class ExtractionPart(TenantBase):
    """A piece of a run's file; deleted when the file's days are over."""

    __tablename__ = "extraction_part"
    __table_args__ = ({"info": {"grants": ("SELECT", "INSERT", "DELETE")}},)
    run_no: Mapped[int] = mapped_column(ForeignKey("extraction_run.run_no"), primary_key=True)
    part_no: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class ExtractionPerson(TenantBase):
    """Who was in an extraction: the index to the audit events that hold the same numbers in the chain."""

    __tablename__ = "extraction_person"
    __table_args__ = (Index(None, "addressee_no", "run_no"), {"info": {"grants": APPEND}})
    run_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
