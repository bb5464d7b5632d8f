"""failed second factors of operators."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "a7f3c9150e84"
down_revision: str | None = "b7d94e2c6a15"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("operator", sa.Column("failed_factors", sa.BigInteger(), server_default=sa.text("0"), nullable=False))


def downgrade() -> None:
    """Take the change back."""
    op.drop_column("operator", "failed_factors")
