"""registration codes of staff."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "b3d70a9e51c4"
down_revision: str | None = "e7a1c3d95b20"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "staff_registration_code",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["login"], ["staff.login"], name=op.f("fk_staff_registration_code_login_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("login", "fingerprint", name=op.f("pk_staff_registration_code")),
    )
    op.create_index(
        op.f("ix_staff_registration_code_login"),
        "staff_registration_code",
        ["login"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("staff_registration_code")
