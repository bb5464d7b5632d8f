"""Templates, runs and files of extractions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c5e92a7d13f8"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("extraction_tenant",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "extraction_template",
        sa.Column("template_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("sharing", sa.Text(), nullable=False),
        sa.Column("copied_from", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("sharing in ('own', 'section', 'all')", name=op.f("ck_extraction_template_sharing")),
        sa.PrimaryKeyConstraint("template_no", name=op.f("pk_extraction_template")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_index(op.f("ix_extraction_template_owner"), "extraction_template", ["owner"], unique=False)
    op.create_table(
        "extraction_run",
        sa.Column("run_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("template_no", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("base_date", sa.Date(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("reveals", sa.Boolean(), nullable=False),
        sa.Column("is_sealed", sa.Boolean(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("staff_name", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("terminal", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("attempt", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rows_found", sa.BigInteger(), nullable=True),
        sa.Column("rows_done", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("rows_masked", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("people", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("is_mass", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("sealed_password", sa.Text(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("downloads", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.CheckConstraint("format in ('csv', 'parquet')", name=op.f("ck_extraction_run_format")),
        sa.CheckConstraint(
            "not is_sealed or status in ('approval', 'refused', 'cancelled') or approved_by is not null",
            name=op.f("ck_extraction_run_approved"),
        ),
        sa.CheckConstraint(
            "status in ('approval', 'waiting', 'running', 'done', 'failed', 'refused', 'cancelled', 'expired')",
            name=op.f("ck_extraction_run_status"),
        ),
        sa.CheckConstraint(
            "approved_by is null or approved_by <> staff_id", name=op.f("ck_extraction_run_second_person")
        ),
        sa.PrimaryKeyConstraint("run_no", name=op.f("pk_extraction_run")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_index(op.f("ix_extraction_run_staff_id_run_no"), "extraction_run", ["staff_id", "run_no"], unique=False)
    op.create_index(op.f("ix_extraction_run_status_run_no"), "extraction_run", ["status", "run_no"], unique=False)
    op.create_table(
        "extraction_part",
        sa.Column("run_no", sa.BigInteger(), nullable=False),
        sa.Column("part_no", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_no"], ["extraction_run.run_no"], name=op.f("fk_extraction_part_run_no_extraction_run")
        ),
        sa.PrimaryKeyConstraint("run_no", "part_no", name=op.f("pk_extraction_part")),
        info={"grants": ("SELECT", "INSERT", "DELETE")},
    )
    op.create_table(
        "extraction_person",
        sa.Column("run_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("run_no", "addressee_no", name=op.f("pk_extraction_person")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_extraction_person_addressee_no_run_no"), "extraction_person", ["addressee_no", "run_no"], unique=False
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("extraction_person")
    op.drop_table("extraction_part")
    op.drop_table("extraction_run")
    op.drop_table("extraction_template")
