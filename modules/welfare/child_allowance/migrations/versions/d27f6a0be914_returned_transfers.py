"""振込不能: a transfer the bank returned, and the payment in a later file."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision: str = "d27f6a0be914"
down_revision: str | None = "b0c7d35e81fa"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_REASONS = "'no_account', 'closed', 'name', 'type', 'branch', 'refused', 'other'"
_COLUMNS: dict[str, Any] = {
    "account_id": sa.BigInteger(),
    "returned_on": sa.Date(),
    "return_reason": sa.Text(),
    "returned_at": sa.DateTime(timezone=True),
    "returned_by": sa.Text(),
}


def upgrade() -> None:
    """Make the change."""
    for name, kind in _COLUMNS.items():
        op.add_column("child_allowance_transfer", sa.Column(name, kind, nullable=True))
    op.drop_constraint("pk_child_allowance_transfer", "child_allowance_transfer")
    op.create_primary_key("pk_child_allowance_transfer", "child_allowance_transfer", ["payment_no", "file_no"])
    op.create_check_constraint(
        op.f("ck_child_allowance_transfer_return_reason"), "child_allowance_transfer", f"return_reason in ({_REASONS})"
    )
    op.create_check_constraint(
        op.f("ck_child_allowance_transfer_returned"),
        "child_allowance_transfer",
        "(returned_on IS NULL) = (return_reason IS NULL) AND (returned_on IS NULL) = (returned_by IS NULL)",
    )
    op.create_index(
        "uq_child_allowance_transfer_open",
        "child_allowance_transfer",
        ["payment_no"],
        unique=True,
        postgresql_where=sa.text("returned_on IS NULL"),
    )


def downgrade() -> None:
    """Take the change back. ValueError where a transfer was returned: the old form has no place for it."""
    query = sa.text("SELECT count(*) FROM child_allowance_transfer WHERE returned_on IS NOT NULL")
    if returned := op.get_bind().execute(query).scalar_one():
        raise ValueError(f"{returned}件の振込不能があるため、前の形には戻せません。")
    op.drop_index("uq_child_allowance_transfer_open", table_name="child_allowance_transfer")
    op.drop_constraint(op.f("ck_child_allowance_transfer_returned"), "child_allowance_transfer")
    op.drop_constraint(op.f("ck_child_allowance_transfer_return_reason"), "child_allowance_transfer")
    op.drop_constraint("pk_child_allowance_transfer", "child_allowance_transfer")
    op.create_primary_key("pk_child_allowance_transfer", "child_allowance_transfer", ["payment_no"])
    for name in _COLUMNS:
        op.drop_column("child_allowance_transfer", name)
