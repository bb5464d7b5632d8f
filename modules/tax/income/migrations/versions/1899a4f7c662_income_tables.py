"""income tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

_INCOME = """
CREATE VIEW fact_income AS
SELECT addressee_no, income_year, is_declared, salary_revenue, salary_income, pension_revenue, pension_income,
       business_income, farm_income, property_income, other_income, separate_income, separate_special_deduction,
       forestry_income, net_loss_carried, casualty_loss_carried, has_special_dependant, is_dedicated_worker,
       total_income_amount, sum_income_amount, non_voluntary_from, fixed_asset_tax, recorded_at
  FROM income
 WHERE superseded_at IS NULL
"""

revision: str = "1899a4f7c662"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = ("income",)
depends_on: str | Sequence[str] | None = "b14ac9d642d3"


def upgrade() -> None:
    """Make the change."""
    op.create_table(
        "income",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("addressee_no", sa.BigInteger(), nullable=False),
        sa.Column("income_year", sa.BigInteger(), nullable=False),
        sa.Column("is_declared", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), server_default=sa.text("'reported'"), nullable=False),
        sa.Column("salary_revenue", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("salary_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pension_revenue", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("pension_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("business_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("farm_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("property_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("other_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("separate_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("separate_special_deduction", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("forestry_income", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("net_loss_carried", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("casualty_loss_carried", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("has_special_dependant", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_dedicated_worker", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("total_income_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("sum_income_amount", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("non_voluntary_from", sa.Date(), nullable=True),
        sa.Column("fixed_asset_tax", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "recorded_at", sa.DateTime(timezone=True), server_default=sa.text("clock_timestamp()"), nullable=False
        ),
        sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("staff_id", sa.Text(), server_default=sa.text("'system'"), nullable=False),
        sa.CheckConstraint(
            "source in ('reported', 'declared', 'inquiry', 'conversion')", name=op.f("ck_income_source")
        ),
        sa.CheckConstraint(
            "salary_revenue >= 0 AND pension_revenue >= 0 AND fixed_asset_tax >= 0", name=op.f("ck_income_not_negative")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_income")),
        info={"grants": ("SELECT", "INSERT", "UPDATE (superseded_at)")},
    )
    op.create_index(
        op.f("ix_income_addressee_no_income_year_recorded_at"),
        "income",
        ["addressee_no", "income_year", "recorded_at"],
        unique=False,
    )
    op.create_index(
        "uq_income_known",
        "income",
        ["addressee_no", "income_year"],
        unique=True,
        postgresql_where=sa.text("superseded_at IS NULL"),
    )
    op.execute(_INCOME)


def downgrade() -> None:
    """Take the change back."""
    op.execute("DROP VIEW fact_income")
    op.drop_index("uq_income_known", table_name="income", postgresql_where=sa.text("superseded_at IS NULL"))
    op.drop_index(op.f("ix_income_addressee_no_income_year_recorded_at"), table_name="income")
    op.drop_table("income")
