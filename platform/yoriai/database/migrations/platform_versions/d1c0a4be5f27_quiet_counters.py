"""quiet counters."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d1c0a4be5f27"
down_revision: str | None = "78c5eed8d351"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("counter_load", sa.Column("quiet_us", sa.BigInteger(), nullable=True))
    op.create_table(
        "background_load",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("running", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", name=op.f("pk_background_load")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("background_load")
    op.drop_column("counter_load", "quiet_us")
