"""The last transfer to a payee is looked up: 新規コード tells the bank who is new and whose account has changed."""

from collections.abc import Sequence

from alembic import op

revision: str = "e5b19c40d7a2"
down_revision: str | None = "d27f6a0be914"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_index(
        op.f("ix_child_allowance_transfer_payee_no_file_no"),
        "child_allowance_transfer",
        ["payee_no", "file_no"],
        unique=False,
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_child_allowance_transfer_payee_no_file_no"), table_name="child_allowance_transfer")
