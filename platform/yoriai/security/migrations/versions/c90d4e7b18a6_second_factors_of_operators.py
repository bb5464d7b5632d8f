"""second factors of operators."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c90d4e7b18a6"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("security",)
depends_on: str | Sequence[str] | None = "a7f3c9150e84"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "operator_factor",
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
        sa.CheckConstraint("kind in ('totp', 'passkey')", name=op.f("ck_operator_factor_kind")),
        sa.CheckConstraint("(kind = 'totp') = (sealed is not null)", name=op.f("ck_operator_factor_sealed")),
        sa.CheckConstraint(
            "(kind = 'passkey') = (public_key is not null and host is not null)",
            name=op.f("ck_operator_factor_public_key"),
        ),
        sa.CheckConstraint("(ended_at is null) = (ended_by is null)", name=op.f("ck_operator_factor_ended")),
        sa.ForeignKeyConstraint(
            ["login"], ["operator.login"], name=op.f("fk_operator_factor_login_operator"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("factor_no", name=op.f("pk_operator_factor")),
        sa.UniqueConstraint("handle", name=op.f("uq_operator_factor_handle")),
    )
    op.create_index(
        op.f("ix_operator_factor_login"),
        "operator_factor",
        ["login"],
        unique=False,
        postgresql_where=sa.text("ended_at IS NULL"),
    )
    op.create_table(
        "operator_recovery_code",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["login"], ["operator.login"], name=op.f("fk_operator_recovery_code_login_operator"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("login", "fingerprint", name=op.f("pk_operator_recovery_code")),
    )
    op.create_table(
        "operator_registration_code",
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["login"], ["operator.login"], name=op.f("fk_operator_registration_code_login_operator"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("login", "fingerprint", name=op.f("pk_operator_registration_code")),
    )
    op.create_index(
        op.f("ix_operator_registration_code_login"),
        "operator_registration_code",
        ["login"],
        unique=True,
        postgresql_where=sa.text("used_at IS NULL"),
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_table("operator_registration_code")
    op.drop_table("operator_recovery_code")
    op.drop_table("operator_factor")
