"""Notes on persons."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9c1f47d0ab63"
down_revision: str | None = "f3a86d0b1c27"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "person_note",
        sa.Column("note_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("section", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("note_no", name=op.f("pk_person_note")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (removed_at, removed_by)")},
    )
    op.create_index(op.f("ix_person_note_addressee_no"), "person_note", ["addressee_no"], unique=False)


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_person_note_addressee_no"), table_name="person_note")
    op.drop_table("person_note")
