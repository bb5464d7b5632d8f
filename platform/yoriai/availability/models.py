"""What probes saw, announced stops, and what was found out about outages. Rows of the installation; nobody's personal data."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.availability.states import Cause, Seen
from yoriai.database.metadata import PlatformBase, one_of, own_rows


class AvailabilitySpan(PlatformBase):
    """So long a probe saw the same of a municipality; the last one grows while it goes on."""

    __tablename__ = "availability_span"
    __table_args__ = (
        CheckConstraint(one_of("state", Seen), name="state"),
        CheckConstraint("until >= since", name="order"),
        Index(None, "code", "until"),
        {
            "info": own_rows("code", grants=("SELECT", "INSERT", "UPDATE", "DELETE"))
            | {"probe": ("INSERT", "SELECT (probe, code, since, until)", "UPDATE (until)")}
        },
    )
    probe: Mapped[str] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    since: Mapped[datetime] = mapped_column(primary_key=True)
    until: Mapped[datetime]
    state: Mapped[str]


class PlannedStop(PlatformBase):
    """A stop that was announced before it began: only such ones are left out of the availability. An empty `code`: everybody's."""

    __tablename__ = "planned_stop"
    __table_args__ = (
        CheckConstraint("until > since", name="order"),
        CheckConstraint("announced_at < since", name="announced"),
        Index(None, "until"),
        {"info": own_rows("", grants=("SELECT", "INSERT", "UPDATE (withdrawn_at, withdrawn_by)"))},
    )
    stop_no: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    since: Mapped[datetime]
    until: Mapped[datetime]
    reason: Mapped[str]
    announced_at: Mapped[datetime]
    announced_by: Mapped[str]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None]


class OutageNote(PlatformBase):
    """What was found out about the outage that began then; the last note counts, the ones before stay."""

    __tablename__ = "outage_note"
    __table_args__ = (
        CheckConstraint(one_of("cause", Cause), name="cause"),
        Index(None, "code", "since"),
        {"info": own_rows("code", grants=("SELECT", "INSERT"))},
    )
    note_no: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    since: Mapped[datetime]
    cause: Mapped[str]
    note: Mapped[str]
    noted_by: Mapped[str]
    noted_at: Mapped[datetime]
