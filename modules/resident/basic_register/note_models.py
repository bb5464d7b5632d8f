"""付箋: what staff should know when they open a person, for one section or for all."""

from datetime import date, datetime

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import TenantBase, supersede_only


class PersonNote(TenantBase):
    """A note on a person for a period. Taken off, it stays with who did it and when."""

    __tablename__ = "person_note"
    __table_args__ = (
        Index(None, "addressee_no"),
        {"info": {"grants": supersede_only("removed_at", "removed_by")}},
    )
    note_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    text: Mapped[str]
    section: Mapped[str]
    """Who sees it: a section's name, or nothing for everybody."""
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    """The last day it shows; None: until it is taken off."""
    recorded_at: Mapped[datetime]
    staff_id: Mapped[str]
    removed_at: Mapped[datetime | None]
    removed_by: Mapped[str | None]
