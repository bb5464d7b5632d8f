"""A municipality may be closed to its staff and its jobs, with the reason."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7d94e2c6a15"
down_revision: str | None = "d1c0a4be5f27"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("tenant", sa.Column("closed_why", sa.Text(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("tenant", "closed_why")
