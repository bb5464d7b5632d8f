"""An instalment may be asked for again on another day (再振替・追加); what clerks did about differences."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "c81e5f2a9d30"
down_revision: str | None = "a4d19c6e70b2"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_INSTALMENT = ["household_no", "fiscal_year", "instalment_no"]


def upgrade() -> None:
    """Make the change."""
    op.drop_index("uq_nhi_debit_file_due", table_name="nhi_debit_file")
    op.alter_column("nhi_debit_file", "due_date", new_column_name="debit_on")
    op.create_index(
        "uq_nhi_debit_file_day", "nhi_debit_file", ["debit_on", "originator_code", "bank_code"], unique=True
    )
    op.add_column("nhi_debit", sa.Column("debit_on", sa.Date(), nullable=True))
    op.add_column("nhi_debit", sa.Column("kind", sa.Text(), server_default=sa.text("'regular'"), nullable=False))
    op.execute("UPDATE nhi_debit SET debit_on = due_date")
    op.alter_column("nhi_debit", "debit_on", nullable=False)
    op.create_check_constraint(op.f("ck_nhi_debit_kind"), "nhi_debit", "kind in ('regular', 'retry', 'further')")
    op.drop_index("uq_nhi_debit_instalment", table_name="nhi_debit")
    op.create_index(
        "uq_nhi_debit_open",
        "nhi_debit",
        _INSTALMENT,
        unique=True,
        postgresql_where=sa.text("file_no IS NOT NULL AND result IS NULL"),
    )
    op.create_index("uq_nhi_debit_day", "nhi_debit", [*_INSTALMENT, "debit_on"], unique=True)
    op.create_table(
        "nhi_debit_handling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("household_no", sa.BigInteger(), nullable=False),
        sa.Column("fiscal_year", sa.BigInteger(), nullable=False),
        sa.Column("instalment_no", sa.BigInteger(), nullable=False),
        sa.Column("handling", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("staff_id", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "handling in ('slip', 'stop', 'refund', 'checked')", name=op.f("ck_nhi_debit_handling_handling")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nhi_debit_handling")),
        info={"grants": ("SELECT", "INSERT")},
    )
    op.create_index(
        op.f("ix_nhi_debit_handling_household_no_fiscal_year_instalment_no"),
        "nhi_debit_handling",
        _INSTALMENT,
        unique=False,
    )


def downgrade() -> None:
    """Take the change back. What was asked for again has no place in the old form: ValueError where there is any."""
    again = op.get_bind().execute(sa.text("SELECT count(*) FROM nhi_debit WHERE kind <> 'regular'")).scalar_one()
    if again:
        raise ValueError(f"{again}件の再振替・追加の請求があるため、前の形には戻せません。")
    op.drop_table("nhi_debit_handling")
    op.drop_index("uq_nhi_debit_day", table_name="nhi_debit")
    op.drop_index("uq_nhi_debit_open", table_name="nhi_debit")
    op.create_index("uq_nhi_debit_instalment", "nhi_debit", _INSTALMENT, unique=True)
    op.drop_constraint(op.f("ck_nhi_debit_kind"), "nhi_debit")
    op.drop_column("nhi_debit", "kind")
    op.drop_column("nhi_debit", "debit_on")
    op.drop_index("uq_nhi_debit_file_day", table_name="nhi_debit_file")
    op.alter_column("nhi_debit_file", "debit_on", new_column_name="due_date")
    op.create_index(
        "uq_nhi_debit_file_due", "nhi_debit_file", ["due_date", "originator_code", "bank_code"], unique=True
    )
