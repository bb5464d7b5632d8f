"""The table of 異動予定."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import TenantBase, supersede_only


class PlannedMovement(TenantBase):
    """異動予定: an act of the office set for a day ahead, as it was entered; recorded as a movement when the day has come."""

    __tablename__ = "planned_movement"
    __table_args__ = (
        CheckConstraint("status in ('planned', 'refused', 'applied', 'cancelled')", name="status"),
        CheckConstraint("(status = 'applied') = (movement_no IS NOT NULL)", name="applied"),
        Index(None, "status", "event_date"),
        Index(None, "household_no"),
        {
            "info": {
                "grants": supersede_only(
                    "status", "basis", "body", "movement_no", "refusal", "closed_at", "closed_by", "close_reason"
                )
            }
        },
    )
    plan_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str]
    """Which form it was entered with: a key of `planned.kinds.KINDS`."""
    reason: Mapped[str]
    event_date: Mapped[date]
    household_no: Mapped[int]
    addressee_nos: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    basis: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    """The versions of the people the clerk saw: whoever changed since is looked at again before the day."""
    body: Mapped[str]
    """The form as JSON."""
    status: Mapped[str] = mapped_column(server_default=text("'planned'"))
    refusal: Mapped[str] = mapped_column(server_default=text("''"))
    """Why it could not be recorded on its day."""
    movement_no: Mapped[int | None]
    planned_at: Mapped[datetime]
    planned_by: Mapped[str]
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None]
    close_reason: Mapped[str] = mapped_column(server_default=text("''"))
    request_key: Mapped[UUID | None] = mapped_column(unique=True)
