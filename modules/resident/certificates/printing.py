"""Certificates on paper: the stored content through the one template."""

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from PIL import Image

from yoriai.documents import render_pdf, render_pictures

TEMPLATE = Path(__file__).parent / "documents" / "certificate.typ"
PREVIEW_DPI = 80


def reprint_note(print_no: int) -> str:
    """What stands on every print after the first."""
    return "" if print_no == 1 else f"再印刷（{print_no - 1}回目）"


def to_page(content: Mapping[str, Any], *, note: str = "", mark: str = "", is_sealed: bool = True) -> dict[str, Any]:
    """A page of the template; `note` stands boxed in its head, `mark` across it."""
    return {**content, "note": note, "mark": mark, "sealed": is_sealed}


def print_pages(pages: Sequence[Mapping[str, Any]], *, made_at: datetime, practice: bool) -> bytes:
    """The pages as one PDF/A. Blocks some milliseconds a page; raises FontMissing."""
    return render_pdf(TEMPLATE, _document(pages, practice), made_at=made_at)


def draw_pages(page: Mapping[str, Any], *, made_at: datetime, practice: bool) -> bytes:
    """The preview of a certificate: its pages below each other, as one PNG."""
    document = _document([page], practice)
    pages = [
        Image.open(io.BytesIO(picture))
        for picture in render_pictures(TEMPLATE, document, made_at=made_at, dots_per_inch=PREVIEW_DPI)
    ]
    whole = Image.new("RGB", (max(one.width for one in pages), sum(one.height for one in pages)), "white")
    top = 0
    for one in pages:
        whole.paste(one, (0, top))
        top += one.height
    made = io.BytesIO()
    whole.save(made, "PNG")
    return made.getvalue()


def _document(pages: Sequence[Mapping[str, Any]], practice: bool) -> dict[str, Any]:
    title = str(pages[0]["title"]) if pages else "証明書"
    return {"title": title, "pages": list(pages), "practice": practice}
