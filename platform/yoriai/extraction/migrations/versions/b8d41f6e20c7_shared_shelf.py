"""The shared shelf of extraction definitions."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "b8d41f6e20c7"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("extraction",)
depends_on: str | Sequence[str] | None = "3ead2d740d65"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "extraction_shelf",
        sa.Column("shelf_no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("definition", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("shelf_no", name=op.f("pk_extraction_shelf")),
        info={
            "grants": ("SELECT", "INSERT", "UPDATE", "DELETE"),
            "own_rows": "",
            "own_grants": ("SELECT", "INSERT", "DELETE"),
            "own_additions": "code",
        },
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("extraction_shelf")
