"""What the register prints beside certificates: 住基月報 and 年報."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from yoriai.dates import format_wareki
from yoriai.documents import render_pdf

_HERE = Path(__file__).parent


def print_report(content: Mapping[str, Any], *, made_at: datetime, practice: bool) -> bytes:
    """A population report as PDF/A. Blocks; raises FontMissing."""
    data = {**content, "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "population_report.typ", data, made_at=made_at)
