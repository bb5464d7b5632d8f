"""failed second factors and moments of events."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "f20d6b8c4e17"
down_revision: str | None = "b14ac9d642d3"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("staff", sa.Column("failed_factors", sa.BigInteger(), server_default=sa.text("0"), nullable=False))
    op.create_index(op.f("ix_audit_event_at"), "audit_event", ["at"], unique=False, postgresql_using="brin")


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_audit_event_at"), table_name="audit_event")
    op.drop_column("staff", "failed_factors")
