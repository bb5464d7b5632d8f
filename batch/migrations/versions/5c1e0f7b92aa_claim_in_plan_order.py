"""claim in plan order."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "5c1e0f7b92aa"
down_revision: str | None = "871a2044bd82"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OLD = "ix_batch_job_night_key_planned_start"
_NEW = "ix_batch_job_night_key_status_planned_start_priority_id"


def upgrade() -> None:
    """Make the change."""
    op.add_column("batch_night", sa.Column("reaped_at", sa.DateTime(timezone=True), nullable=True))
    op.drop_index(op.f(_OLD), table_name="batch_job", postgresql_where=sa.text("status = 'ready'"))
    op.create_index(op.f(_NEW), "batch_job", ["night_key", "status", "planned_start", "priority", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f(_NEW), table_name="batch_job")
    op.create_index(
        op.f(_OLD), "batch_job", ["night_key", "planned_start"], postgresql_where=sa.text("status = 'ready'")
    )
    op.drop_column("batch_night", "reaped_at")
