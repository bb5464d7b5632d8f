"""past runs of a job."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e2c4a90d17b5"
down_revision: str | None = "b7e43a1f90c2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_OLD = "ix_batch_job_job_name_ended_at"
_NEW = "ix_batch_job_municipality_code_job_name_ended_at"
_GOOD = "status in ('succeeded', 'warned')"


def upgrade() -> None:
    """Make the change."""
    op.create_index(
        op.f(_NEW), "batch_job", ["municipality_code", "job_name", "ended_at"], postgresql_where=sa.text(_GOOD)
    )
    op.drop_index(op.f(_OLD), table_name="batch_job", postgresql_where=sa.text(_GOOD))


def downgrade() -> None:
    """Take the change back."""
    op.create_index(op.f(_OLD), "batch_job", ["job_name", "ended_at"], postgresql_where=sa.text(_GOOD))
    op.drop_index(op.f(_NEW), table_name="batch_job", postgresql_where=sa.text(_GOOD))
