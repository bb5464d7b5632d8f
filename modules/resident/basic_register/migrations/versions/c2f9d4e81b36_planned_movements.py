"""Acts of the office that are planned for a day ahead."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "c2f9d4e81b36"
down_revision: str | None = "9c1f47d0ab63"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "planned_movement",
        sa.Column("plan_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("event_date", sa.Date(), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("addressee_nos", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("basis", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), server_default=sa.text("'planned'"), nullable=False),
        sa.Column("refusal", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("movement_no", sa.BigInteger(), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("request_key", sa.Uuid(), nullable=True),
        sa.CheckConstraint(
            "status in ('planned', 'refused', 'applied', 'cancelled')", name=op.f("ck_planned_movement_status")
        ),
        sa.CheckConstraint(
            "(status = 'applied') = (movement_no IS NOT NULL)", name=op.f("ck_planned_movement_applied")
        ),
        sa.PrimaryKeyConstraint("plan_no", name=op.f("pk_planned_movement")),
        sa.UniqueConstraint("request_key", name=op.f("uq_planned_movement_request_key")),
        info={
            "grants": (
                "SELECT",
                "INSERT",
                "UPDATE (status, basis, body, movement_no, refusal, closed_at, closed_by, close_reason)",
            )
        },
    )
    op.create_index(
        op.f("ix_planned_movement_status_event_date"), "planned_movement", ["status", "event_date"], unique=False
    )
    op.create_index(op.f("ix_planned_movement_household_no"), "planned_movement", ["household_no"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_planned_movement_household_no"), table_name="planned_movement")
    op.drop_index(op.f("ix_planned_movement_status_event_date"), table_name="planned_movement")
    op.drop_table("planned_movement")
