"""The account a debit was asked from is kept with it: 新規コード tells the bank when it has changed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "d20f8b6c4e75"
down_revision: str | None = "c81e5f2a9d30"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column("nhi_debit", sa.Column("account", sa.Text(), nullable=True))
    op.create_index(op.f("ix_nhi_debit_payer_no_id"), "nhi_debit", ["payer_no", "id"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_nhi_debit_payer_no_id"), table_name="nhi_debit")
    op.drop_column("nhi_debit", "account")
