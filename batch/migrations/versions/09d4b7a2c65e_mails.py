"""Mails to the duty person: what is sent, what could not be."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "09d4b7a2c65e"
down_revision: str | None = "f1a6c03e8d24"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "batch_mail",
        sa.Column("mail_key", sa.Text(), nullable=False),
        sa.Column("night_key", sa.Text(), nullable=False),
        sa.Column("alert_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("attempts", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.PrimaryKeyConstraint("mail_key", name=op.f("pk_batch_mail")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("batch_mail")
