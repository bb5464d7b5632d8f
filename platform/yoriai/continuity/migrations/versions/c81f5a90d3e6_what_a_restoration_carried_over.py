"""What a municipality that was taken back keeps of its present, and what somebody has to decide before it is opened."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c81f5a90d3e6"
down_revision: str | None = "a4f0c8d2b617"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = "b7d94e2c6a15"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "restoration",
        sa.Column("restoration_no", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("copy_id", sa.Text(), nullable=False),
        sa.Column("kept_schema", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("begun_by", sa.Text(), nullable=False),
        sa.Column("put_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("carried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_by", sa.Text(), nullable=True),
        sa.CheckConstraint("carried_at IS NULL OR put_at IS NOT NULL", name=op.f("ck_restoration_carried")),
        sa.CheckConstraint("opened_at IS NULL OR carried_at IS NOT NULL", name=op.f("ck_restoration_opened")),
        sa.CheckConstraint("(opened_at IS NULL) = (opened_by IS NULL)", name=op.f("ck_restoration_opener")),
        sa.PrimaryKeyConstraint("restoration_no", name=op.f("pk_restoration")),
        info={"grants": ("SELECT",)},
    )
    op.create_index(op.f("ix_restoration_code"), "restoration", ["code"], unique=False)
    op.create_table(
        "restoration_item",
        sa.Column("restoration_no", sa.BigInteger(), nullable=False),
        sa.Column("item_no", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("needs_decision", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.CheckConstraint("decided_at IS NULL OR needs_decision", name=op.f("ck_restoration_item_needed")),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)",
            name=op.f("ck_restoration_item_decided"),
        ),
        sa.ForeignKeyConstraint(
            ["restoration_no"],
            ["restoration.restoration_no"],
            name=op.f("fk_restoration_item_restoration_no_restoration"),
        ),
        sa.PrimaryKeyConstraint("restoration_no", "item_no", name=op.f("pk_restoration_item")),
        info={"grants": ("SELECT",)},
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("restoration_item")
    op.drop_table("restoration")
