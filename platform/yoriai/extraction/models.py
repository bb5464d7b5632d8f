"""The shared shelf: definitions, never data, that municipalities leave for each other."""

from datetime import datetime
from typing import Any

from sqlalchemy import Identity
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from yoriai.database.metadata import PlatformBase, own_rows


class ExtractionShelf(PlatformBase):
    """A definition on the shelf. Every municipality reads all of them and adds or takes back its own; no staff is named."""

    __tablename__ = "extraction_shelf"
    __table_args__ = ({"info": own_rows("", additions="code")},)
    shelf_no: Mapped[int] = mapped_column(Identity(), primary_key=True)
    code: Mapped[str]
    """The municipality that put it there."""
    municipality: Mapped[str]
    name: Mapped[str]
    note: Mapped[str]
    definition: Mapped[dict[str, Any]] = mapped_column(JSONB)
    """A `Definition` made `portable`."""
    published_at: Mapped[datetime]
