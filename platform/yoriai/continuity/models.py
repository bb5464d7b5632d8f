"""What was done for the continuity of the business: copies, drills, restorations."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, READ, PlatformBase, one_of

KINDS = {
    "copy": "写しの作成",
    "drill": "復旧訓練",
    "degraded": "縮退運転",
    "municipality": "団体の復旧",
    "keys": "鍵の更新",
}


class ContinuityRecord(PlatformBase):
    """One act of the shared centre; rows are only added."""

    __tablename__ = "continuity_record"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        Index(None, "kind", "finished_at"),
        {"info": {"grants": APPEND}},
    )
    record_no: Mapped[int] = mapped_column(Identity(), primary_key=True)
    kind: Mapped[str]
    site: Mapped[str]
    copy_id: Mapped[str]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime]
    ok: Mapped[bool]
    done_by: Mapped[str]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """What the command told, without any person's data."""


class Restoration(PlatformBase):
    """A municipality taken back to a moment: begun, put in place (closed from then on), carried over, opened again."""

    __tablename__ = "restoration"
    __table_args__ = (
        CheckConstraint("carried_at IS NULL OR put_at IS NOT NULL", name="carried"),
        CheckConstraint("opened_at IS NULL OR carried_at IS NOT NULL", name="opened"),
        CheckConstraint("(opened_at IS NULL) = (opened_by IS NULL)", name="opener"),
        Index(None, "code"),
        {"info": {"grants": READ}},
    )
    restoration_no: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    copy_id: Mapped[str]
    kept_schema: Mapped[str]
    reason: Mapped[str]
    begun_at: Mapped[datetime]
    begun_by: Mapped[str]
    put_at: Mapped[datetime | None]
    carried_at: Mapped[datetime | None]
    opened_at: Mapped[datetime | None]
    opened_by: Mapped[str | None]


class RestorationItem(PlatformBase):
    """What the municipality keeps of its present, or what somebody has to decide; numbers and logins, nobody's name."""

    __tablename__ = "restoration_item"
    __table_args__ = (
        CheckConstraint("decided_at IS NULL OR needs_decision", name="needed"),
        CheckConstraint(
            "(decided_at IS NULL) = (decided_by IS NULL) AND (decided_at IS NULL) = (decision IS NULL)", name="decided"
        ),
        {"info": {"grants": READ}},
    )
    restoration_no: Mapped[int] = mapped_column(
        ForeignKey("restoration.restoration_no"), primary_key=True, autoincrement=False
    )
    item_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[str]
    """The label of the business or part of the kernel that says so."""
    subject: Mapped[str]
    text: Mapped[str]
    needs_decision: Mapped[bool]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None]
    decision: Mapped[str | None]
