"""A job's start looks for runs of the same job and date."""

from collections.abc import Sequence

from alembic import op

revision: str = "6be0d2f7a491"
down_revision: str | None = "1a70a56ae17a"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_index(op.f("ix_job_run_job_name_business_date"), "job_run", ["job_name", "business_date"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_job_run_job_name_business_date"), table_name="job_run")
