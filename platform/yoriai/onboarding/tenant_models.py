"""What was done in data migrations: one row for each check, rehearsal and load, in the municipality's own schema."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase

KINDS = {"check": "検査", "rehearsal": "リハーサル", "load": "本番の移行"}


class OnboardingRun(TenantBase):
    """A check, a rehearsal or a load, with its counts; no value of anybody is in it."""

    __tablename__ = "onboarding_run"
    __table_args__ = (
        CheckConstraint("kind in ('check', 'rehearsal', 'load')", name="kind"),
        {"info": {"grants": APPEND}},
    )
    run_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    system: Mapped[str]
    as_of: Mapped[date]
    digest: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    staff_id: Mapped[str]
    tables: Mapped[str]
    """JSON: `TableResult.to_json` of each table."""
    rules: Mapped[str]
    """JSON: how many remarks of each table, item and rule there are."""
    items: Mapped[str]
    """JSON: `ItemResult.to_json` of the reconciliation; empty for a check."""
