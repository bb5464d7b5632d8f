"""What the register prints beside certificates: 住基月報 and 年報, lists of 閲覧."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from modules.resident.basic_register.inspection import InspectionPrint
from yoriai.dates import format_wareki
from yoriai.documents import render_pdf

_HERE = Path(__file__).parent


def print_report(content: Mapping[str, Any], *, made_at: datetime, practice: bool) -> bytes:
    """A population report as PDF/A. Blocks; raises FontMissing."""
    data = {**content, "made": format_wareki(made_at.date()), "practice": practice}
    return render_pdf(_HERE / "population_report.typ", data, made_at=made_at)


def print_inspection(made: InspectionPrint, *, place: str, made_at: datetime, practice: bool) -> bytes:
    """The list of a 閲覧 as PDF/A; `place` is what all its addresses begin with. Blocks; raises FontMissing."""
    request = made.row
    data = {
        "title": "住民基本台帳 閲覧リスト",
        "about": [
            f"受付番号 {request.inspection_no}　{request.requester} 様　{request.article}",
            f"利用目的 {request.purpose}",
            f"{place}　{made.conditions}",
        ],
        "rows": [{**person.model_dump(), "birth_date": format_wareki(person.birth_date)} for person in made.people],
        "made": format_wareki(made_at.date()),
        "practice": practice,
    }
    return render_pdf(_HERE / "inspection.typ", data, made_at=made_at)
