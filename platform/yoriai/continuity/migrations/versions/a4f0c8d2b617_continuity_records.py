"""Records of copies, drills and restorations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "a4f0c8d2b617"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("continuity",)
depends_on: str | Sequence[str] | None = "3ead2d740d65"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "continuity_record",
        sa.Column("record_no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.Column("detail", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint(
            "kind in ('copy', 'drill', 'degraded', 'municipality', 'keys')", name=op.f("ck_continuity_record_kind")
        ),
        sa.PrimaryKeyConstraint("record_no", name=op.f("pk_continuity_record")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_continuity_record_kind_finished_at"), "continuity_record", ["kind", "finished_at"], unique=False
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("continuity_record")
