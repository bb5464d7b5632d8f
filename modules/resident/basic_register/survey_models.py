"""The tables of 実態調査."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase, supersede_only


class ResidenceSurvey(TenantBase):
    """実態調査: somebody who may not live where the register says (住基法34条), from the report to the outcome."""

    __tablename__ = "residence_survey"
    __table_args__ = (
        CheckConstraint("status in ('open', 'present', 'removed', 'moved', 'withdrawn')", name="status"),
        CheckConstraint("(status = 'open') = (closed_on IS NULL)", name="closed"),
        Index("uq_residence_survey_open", "addressee_no", unique=True, postgresql_where=text("status = 'open'")),
        Index(None, "status", "next_on"),
        {"info": {"grants": supersede_only("status", "next_on", "closed_on", "outcome", "version")}},
    )
    survey_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    addressee_no: Mapped[int]
    reason: Mapped[str]
    """Why it is doubted: 返戻, a report, an owner's word."""
    requested_by: Mapped[str] = mapped_column(server_default=text("''"))
    opened_on: Mapped[date]
    next_on: Mapped[date]
    """When somebody has to act next."""
    status: Mapped[str] = mapped_column(server_default=text("'open'"))
    closed_on: Mapped[date | None]
    outcome: Mapped[str] = mapped_column(server_default=text("''"))
    version: Mapped[int] = mapped_column(server_default=text("1"))
    recorded_at: Mapped[datetime]
    staff_id: Mapped[str]


class ResidenceSurveyVisit(TenantBase):
    """A visit or inquiry of a 実態調査 and what was seen."""

    __tablename__ = "residence_survey_visit"
    __table_args__ = (
        CheckConstraint(
            "result in ('met', 'absent', 'vacant', 'other_lives', 'heard_left', 'answered')", name="result"
        ),
        Index(None, "survey_no"),
        {"info": {"grants": APPEND}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    survey_no: Mapped[int] = mapped_column(ForeignKey("residence_survey.survey_no"))
    visited_on: Mapped[date]
    method: Mapped[str]
    result: Mapped[str]
    note: Mapped[str] = mapped_column(server_default=text("''"))
    recorded_at: Mapped[datetime]
    staff_id: Mapped[str]
