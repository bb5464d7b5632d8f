"""What was done in data migrations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "7d1f0a94c3e2"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("onboarding_tenant",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "onboarding_run",
        sa.Column("run_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("tables", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("items", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('check', 'rehearsal', 'load')", name=op.f("ck_onboarding_run_kind")),
        sa.PrimaryKeyConstraint("run_no", name=op.f("pk_onboarding_run")),
        info={"grants": ("SELECT", "INSERT")},
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("onboarding_run")
