"""Notices to registered persons, and where a certificate was printed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "9d3c51a7e2b0"
down_revision: str | None = "30460e735df8"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.add_column(
        "certificate_print", sa.Column("destination", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.create_table(
        "certificate_notice_registration",
        sa.Column("registration_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=True),
        sa.Column("close_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_certificate_notice_registration_period")),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (close_reason IS NULL)", name=op.f("ck_certificate_notice_registration_closed")
        ),
        sa.PrimaryKeyConstraint("registration_no", name=op.f("pk_certificate_notice_registration")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (ends_on, closed_at, closed_by, close_reason)")},
    )
    op.create_index(
        op.f("ix_certificate_notice_registration_addressee_no"),
        "certificate_notice_registration",
        ["addressee_no"],
        unique=False,
    )
    op.create_table(
        "certificate_notice",
        sa.Column("serial", sa.BigInteger(), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("registration_no", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by", sa.Text(), nullable=True),
        sa.CheckConstraint("(sent_at IS NULL) = (sent_by IS NULL)", name=op.f("ck_certificate_notice_sent")),
        sa.ForeignKeyConstraint(
            ["registration_no"],
            ["certificate_notice_registration.registration_no"],
            name=op.f("fk_certificate_notice_registration_no_certificate_notice_registration"),
        ),
        sa.ForeignKeyConstraint(
            ["serial"], ["certificate_issue.serial"], name=op.f("fk_certificate_notice_serial_certificate_issue")
        ),
        sa.PrimaryKeyConstraint("serial", "addressee_no", name=op.f("pk_certificate_notice")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (sent_at, sent_by)")},
    )
    op.create_index(
        op.f("ix_certificate_notice_sent_at_serial"), "certificate_notice", ["sent_at", "serial"], unique=False
    )


def downgrade() -> None:
    """Take the change back."""
    op.drop_index(op.f("ix_certificate_notice_sent_at_serial"), table_name="certificate_notice")
    op.drop_table("certificate_notice")
    op.drop_index(op.f("ix_certificate_notice_registration_addressee_no"), table_name="certificate_notice_registration")
    op.drop_table("certificate_notice_registration")
    op.drop_column("certificate_print", "destination")
