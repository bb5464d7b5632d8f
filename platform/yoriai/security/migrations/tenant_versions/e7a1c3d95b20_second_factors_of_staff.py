"""second factors of staff."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "e7a1c3d95b20"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("security_tenant",)
depends_on: str | Sequence[str] | None = "f20d6b8c4e17"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "staff_factor",
        sa.Column("factor_no", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=True),
        sa.Column("public_key", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("sign_count", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=True),
        sa.Column("registered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('totp', 'passkey')", name=op.f("ck_staff_factor_kind")),
        sa.CheckConstraint("(kind = 'totp') = (sealed is not null)", name=op.f("ck_staff_factor_sealed")),
        sa.CheckConstraint(
            "(kind = 'passkey') = (public_key is not null and host is not null)",
            name=op.f("ck_staff_factor_public_key"),
        ),
        sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name=op.f("ck_staff_factor_ended")),
        sa.ForeignKeyConstraint(
            ["login"], ["staff.login"], name=op.f("fk_staff_factor_login_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("factor_no", name=op.f("pk_staff_factor")),
        sa.UniqueConstraint("handle", name=op.f("uq_staff_factor_handle")),
    )
    op.create_index(
        op.f("ix_staff_factor_login"),
        "staff_factor",
        ["login"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "staff_recovery_code",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["login"], ["staff.login"], name=op.f("fk_staff_recovery_code_login_staff"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("login", "fingerprint", name=op.f("pk_staff_recovery_code")),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("staff_recovery_code")
    op.drop_table("staff_factor")
