"""The tables of 縮退: which characters were replaced for which receiver."""

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import APPEND, TenantBase


class CharacterExport(TenantBase):
    """縮退: names handed to a receiver with fewer characters. The register's own text is not touched."""

    __tablename__ = "character_export"
    __table_args__ = ({"info": {"grants": APPEND}},)
    export_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    repertoire: Mapped[str]
    receiver: Mapped[str]
    purpose: Mapped[str]
    town_code: Mapped[str | None]
    persons: Mapped[int]
    made_at: Mapped[datetime]
    staff_id: Mapped[str]


class CharacterReplacement(TenantBase):
    """A character that was replaced for a receiver: the original, what it got, on what ground (変換一覧)."""

    __tablename__ = "character_replacement"
    __table_args__ = ({"info": {"grants": APPEND}},)
    export_no: Mapped[int] = mapped_column(ForeignKey("character_export.export_no"), primary_key=True)
    addressee_no: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    item: Mapped[str] = mapped_column(primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """In characters from the beginning of the item, from 0."""
    original_text: Mapped[str]
    shrunk_text: Mapped[str]
    original: Mapped[str]
    replaced_by: Mapped[str]
    ground: Mapped[str]
