"""What was done for the continuity of the business: copies, drills, restorations."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Identity, Index
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, PlatformBase, one_of

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
