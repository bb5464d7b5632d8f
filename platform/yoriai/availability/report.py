"""稼働率報告: the month as PDF/A."""

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from yoriai.availability.pages import AvailabilityPage
from yoriai.clock import JAPAN
from yoriai.documents import render_pdf

TEMPLATE = Path(__file__).parent / "documents" / "availability.typ"


def print_report(page: AvailabilityPage, place: str, made_at: datetime, *, practice: bool) -> bytes:
    """The PDF. Blocks: call it in a thread."""
    local = made_at.astimezone(JAPAN)
    data: dict[str, Any] = {
        **asdict(page),
        "place": place,
        "made": f"{local:%Y-%m-%d %H:%M}",
        "practice": practice,
    }
    return render_pdf(TEMPLATE, data, made_at=made_at)
