"""団体内統合宛名: one number for each 個人番号, sealed like the 個人番号 itself; businesses never hold it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Identity, Index
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, CLOCK, KNOWN, TenantBase, supersede_only


class UnifiedAddressee(TenantBase):
    """団体内統合宛名番号, drawn by lot: it tells nothing of the person and is found by its fingerprint."""

    __tablename__ = "unified_addressee"
    __table_args__ = (Index(None, "fingerprint", unique=True), {"info": {"grants": APPEND}})
    unified_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sealed: Mapped[str]
    fingerprint: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]


class UnifiedMyNumber(TenantBase):
    """The 個人番号 it stands for; after a change (番号法7条2項) the one before stays."""

    __tablename__ = "unified_my_number"
    __table_args__ = (
        Index(None, "fingerprint", unique=True),
        Index(
            "uq_unified_my_number_current",
            "unified_id",
            unique=True,
            postgresql_where=KNOWN,
        ),
        {"info": {"grants": supersede_only()}},
    )
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    unified_id: Mapped[int] = mapped_column(ForeignKey("unified_addressee.unified_id"))
    sealed: Mapped[str]
    fingerprint: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    superseded_at: Mapped[datetime | None]
    staff_id: Mapped[str]


class UnifiedHolder(TenantBase):
    """Which 宛名番号 belongs to it: several where somebody had been numbered twice."""

    __tablename__ = "unified_holder"
    __table_args__ = (Index(None, "unified_id"), {"info": {"grants": APPEND}})
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    unified_id: Mapped[int] = mapped_column(ForeignKey("unified_addressee.unified_id"))
    recorded_at: Mapped[datetime] = mapped_column(server_default=CLOCK)
    staff_id: Mapped[str]
