"""Changes, scopes, files and set aside rows of the data exchange."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "3c8e6b52f0d7"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("exchange_tenant",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "exchange_set",
        sa.Column("data_set", sa.Text(), nullable=False),
        sa.Column("refreshed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("data_set", name=op.f("pk_exchange_set")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_table(
        "exchange_change",
        sa.Column("data_set", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("change_no", sa.BigInteger(), nullable=False),
        sa.Column("is_gone", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("data_set", "key", name=op.f("pk_exchange_change")),
        info={"grants": ("SELECT", "INSERT", "UPDATE")},
    )
    op.create_index(
        op.f("ix_exchange_change_data_set_change_no"), "exchange_change", ["data_set", "change_no"], unique=True
    )
    op.create_table(
        "exchange_scope",
        sa.Column("scope_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("data_set", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("granted_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("scope_no", name=op.f("pk_exchange_scope")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (revoked_at, revoked_by)")},
    )
    op.create_index(
        "uq_exchange_scope_valid",
        "exchange_scope",
        ["login", "data_set"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "exchange_file",
        sa.Column("file_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("data_set", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("charset", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("from_change", sa.BigInteger(), nullable=False),
        sa.Column("to_change", sa.BigInteger(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('full', 'difference', 'received')", name=op.f("ck_exchange_file_kind")),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_exchange_file")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(op.f("ix_exchange_file_data_set_file_no"), "exchange_file", ["data_set", "file_no"], unique=False)
    op.create_index(
        "uq_exchange_file_received",
        "exchange_file",
        ["data_set", "sha256"],
        unique=True,
        postgresql_where=sa.text("kind = 'received'"),
    )
    op.create_table(
        "exchange_row",
        sa.Column("row_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_no", sa.BigInteger(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.Text(), nullable=False),
        sa.Column("values", sa.Text(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), server_default=sa.text("1"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.CheckConstraint("(status = 'waiting') = (closed_at IS NULL)", name=op.f("ck_exchange_row_closed")),
        sa.CheckConstraint("status in ('waiting', 'done', 'discarded')", name=op.f("ck_exchange_row_status")),
        sa.ForeignKeyConstraint(
            ["file_no"], ["exchange_file.file_no"], name=op.f("fk_exchange_row_file_no_exchange_file")
        ),
        sa.PrimaryKeyConstraint("row_no", name=op.f("pk_exchange_row")),
        info={
            "grants": (
                "SELECT",
                "INSERT",
                "UPDATE (status, version, values, reasons, closed_at, closed_by, note)",
            )
        },
    )
    op.create_index(op.f("ix_exchange_row_status_row_no"), "exchange_row", ["status", "row_no"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    for table in ("exchange_row", "exchange_file", "exchange_scope", "exchange_change", "exchange_set"):
        op.drop_table(table)
