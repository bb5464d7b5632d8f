"""Totals of nights of which nothing else is left."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "f1a6c03e8d24"
down_revision: str | None = "e2c4a90d17b5"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("batch_night", sa.Column("totals", postgresql.JSONB(astext_type=sa.Text()), nullable=True))
    op.add_column("batch_night", sa.Column("thinned_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("batch_night", "thinned_at")
    op.drop_column("batch_night", "totals")
