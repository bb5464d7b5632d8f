"""口座振替: request files, requests with their results, and what was collected as a fact."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_COLLECTION = """
CREATE VIEW fact_nhi_collection AS
SELECT household_no, fiscal_year, instalment_no, amount, payer_no, collected_on FROM nhi_debit WHERE collected_on IS NOT NULL
"""

revision: str = "a4d19c6e70b2"
down_revision: str | None = "e5a90b3d7c41"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "nhi_debit_file",
        sa.Column("file_no", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("originator_code", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("bank_name", sa.Text(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False),
        sa.Column("result_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("result_by", sa.Text(), nullable=True),
        sa.Column("paid_count", sa.BigInteger(), nullable=True),
        sa.Column("paid_total", sa.BigInteger(), nullable=True),
        sa.Column("unpaid_count", sa.BigInteger(), nullable=True),
        sa.Column("unpaid_total", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(result_at IS NULL) = (paid_count IS NULL)", name=op.f("ck_nhi_debit_file_result")),
        sa.CheckConstraint(
            "paid_count + unpaid_count = count AND paid_total + unpaid_total = total",
            name=op.f("ck_nhi_debit_file_control"),
        ),
        sa.PrimaryKeyConstraint("file_no", name=op.f("pk_nhi_debit_file")),
        info={
            "grants": (
                "SELECT",
                "INSERT",
                "UPDATE (result_at, result_by, paid_count, paid_total, unpaid_count, unpaid_total)",
            )
        },
    )
    op.create_index(
        "uq_nhi_debit_file_due", "nhi_debit_file", ["due_date", "originator_code", "bank_code"], unique=True
    )
    op.create_table(
        "nhi_debit",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_no", sa.BigInteger(), nullable=True),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.BigInteger(), nullable=False),
        sa.Column("instalment_no", sa.BigInteger(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payer_no", sa.BigInteger(), nullable=False),
        sa.Column("assessment_id", sa.BigInteger(), nullable=False),
        sa.Column("result", sa.Text(), nullable=True),
        sa.Column("collected_on", sa.Date(), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.CheckConstraint("amount > 0", name=op.f("ck_nhi_debit_amount")),
        sa.CheckConstraint("(file_no IS NULL) = (problem IS NOT NULL)", name=op.f("ck_nhi_debit_problem")),
        sa.CheckConstraint("result in ('0', '1', '2', '3', '4', '8', '9')", name=op.f("ck_nhi_debit_result")),
        sa.CheckConstraint(
            "(collected_on IS NOT NULL) = (result IS NOT NULL AND result = '0')", name=op.f("ck_nhi_debit_collected")
        ),
        sa.ForeignKeyConstraint(
            ["file_no"], ["nhi_debit_file.file_no"], name=op.f("fk_nhi_debit_file_no_nhi_debit_file")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_debit")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (result, collected_on)")},
    )
    op.create_index(
        "uq_nhi_debit_instalment", "nhi_debit", ["household_no", "fiscal_year", "instalment_no"], unique=True
    )
    op.create_index(op.f("ix_nhi_debit_file_no_result"), "nhi_debit", ["file_no", "result"], unique=False)
    op.create_index(
        op.f("ix_nhi_debit_due_date"),
        "nhi_debit",
        ["due_date"],
        unique=False,
        postgresql_where=sa.text("problem IS NOT NULL"),
    )
    op.execute(_COLLECTION)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_nhi_collection")
    op.drop_table("nhi_debit")
    op.drop_table("nhi_debit_file")
