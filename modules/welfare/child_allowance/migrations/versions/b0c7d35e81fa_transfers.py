"""総合振込: files, and which payment is in which."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b0c7d35e81fa"
down_revision: str | None = "f060d35cc15b"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "child_allowance_transfer_file",
        sa.Column("file_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("payment_month", sa.Date(), nullable=False),
        sa.Column("pay_on", sa.Date(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint("count > 0 AND total > 0", name=op.f("ck_child_allowance_transfer_file_control")),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_child_allowance_transfer_file")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_child_allowance_transfer_file_payment_month"),
        "child_allowance_transfer_file",
        ["payment_month"],
        unique=False,
    )
    op.create_table(
        "child_allowance_transfer",
        sa.Column("payment_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_no", sa.BigInteger(), nullable=False),
        sa.Column("payee_no", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_no"],
            ["child_allowance_payment.payment_no"],
            name="fk_child_allowance_transfer_payment",
        ),
        sa.ForeignKeyConstraint(
            ["file_no"],
            ["child_allowance_transfer_file.file_no"],
            name="fk_child_allowance_transfer_file",
        ),
        sa.PrimaryKeyConstraint("payment_no", name=op.f("pk_child_allowance_transfer")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_child_allowance_transfer_file_no"), "child_allowance_transfer", ["file_no"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("child_allowance_transfer")
    op.drop_table("child_allowance_transfer_file")
