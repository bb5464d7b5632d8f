"""jobs beside counters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b7e43a1f90c2"
down_revision: str | None = "9f6d2b1c7e30"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("batch_night", sa.Column("jobs_beside_counters", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("batch_night", "jobs_beside_counters")
