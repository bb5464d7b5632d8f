"""The table of incomes: one row says what a person earned in a calendar year, as far as was known when it was written.

A correction is a new row; the old one gets `superseded_at` and stays. Whose figures they are is in `source`.
"""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import CLOCK, KNOWN, TenantBase, supersede_only

_ZERO = text("0")


class Income(TenantBase):
    """所得: revenues as reported and the incomes they come to under the tables of that year, in yen."""

    __tablename__ = "income"
    __table_args__ = (
        CheckConstraint("salary_revenue >= 0 AND pension_revenue >= 0 AND fixed_asset_tax >= 0", name="not_negative"),
        CheckConstraint("source in ('reported', 'declared', 'inquiry', 'conversion')", name="source"),
        Index(
            "uq_income_known",
            "addressee_no",
            "income_year",
            unique=True,
            postgresql_where=KNOWN,
        ),
        Index(None, "addressee_no", "income_year", "recorded_at"),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    addressee_no: Mapped[int]
    income_year: Mapped[int]
    is_declared: Mapped[bool]
    """False: neither a payer's report nor a declaration has come; the amounts then say nothing."""
    source: Mapped[str] = mapped_column(server_default=text("'reported'"))
    """`reported` 支払報告書, `declared` 申告, `inquiry` 他市町村への照会, `conversion` 移行."""
    salary_revenue: Mapped[int] = mapped_column(server_default=_ZERO)
    salary_income: Mapped[int] = mapped_column(server_default=_ZERO)
    pension_revenue: Mapped[int] = mapped_column(server_default=_ZERO)
    pension_income: Mapped[int] = mapped_column(server_default=_ZERO)
    business_income: Mapped[int] = mapped_column(server_default=_ZERO)
    farm_income: Mapped[int] = mapped_column(server_default=_ZERO)
    property_income: Mapped[int] = mapped_column(server_default=_ZERO)
    other_income: Mapped[int] = mapped_column(server_default=_ZERO)
    separate_income: Mapped[int] = mapped_column(server_default=_ZERO)
    """分離課税の所得, after the special deduction."""
    separate_special_deduction: Mapped[int] = mapped_column(server_default=_ZERO)
    forestry_income: Mapped[int] = mapped_column(server_default=_ZERO)
    net_loss_carried: Mapped[int] = mapped_column(server_default=_ZERO)
    casualty_loss_carried: Mapped[int] = mapped_column(server_default=_ZERO)
    has_special_dependant: Mapped[bool] = mapped_column(server_default=text("false"))
    """Whether 所得金額調整控除 for children and the disabled may apply."""
    is_dedicated_worker: Mapped[bool] = mapped_column(server_default=text("false"))
    """事業専従者."""
    total_income_amount: Mapped[int] = mapped_column(server_default=_ZERO)
    """総所得金額等."""
    sum_income_amount: Mapped[int] = mapped_column(server_default=_ZERO)
    """合計所得金額."""
    non_voluntary_from: Mapped[date | None]
    """The day after leaving a job not by choice (特例対象被保険者等)."""
    fixed_asset_tax: Mapped[int] = mapped_column(server_default=_ZERO)
    """固定資産税 of land and houses, for 資産割."""
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str] = mapped_column(server_default=text("'system'"))
