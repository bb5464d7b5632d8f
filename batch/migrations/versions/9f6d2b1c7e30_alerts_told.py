"""alerts told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9f6d2b1c7e30"
down_revision: str | None = "2ca1af613903"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("batch_alert", sa.Column("notified_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("batch_alert", "notified_at")
