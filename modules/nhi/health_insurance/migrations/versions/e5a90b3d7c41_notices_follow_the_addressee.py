"""Notices say in whose matter they go to somebody else."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e5a90b3d7c41"
down_revision: str | None = "7d04c2b95e18"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = "b7e2d90c4f13"


def upgrade() -> None:
    """Make the change."""
    for name in ("principal", "role"):
        op.add_column("nhi_notice", sa.Column(name, sa.Text(), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    """Take the change back."""
    for name in ("role", "principal"):
        op.drop_column("nhi_notice", name)
