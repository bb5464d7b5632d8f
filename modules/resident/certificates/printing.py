"""Certificates on paper: the stored content through the one template, as a file or a picture."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from PIL import Image

from yoriai.documents import render_pdf, render_pictures
from yoriai.office import find_seal_image
from yoriai.tenancy.config import TenantConfig

TEMPLATE = Path(__file__).parent / "documents" / "certificate.typ"
PREVIEW_DPI = 80


def reprint_note(print_no: int) -> str:
    """What stands on every print after the first."""
    return "" if print_no == 1 else f"再印刷（{print_no - 1}回目）"


def to_page(
    content: Mapping[str, Any], *, note: str = "", mark: str = "", terminal: str = "", is_sealed: bool = True
) -> dict[str, Any]:
    """A page of the template; `note` stands boxed in its head, `mark` across it, the terminal's number at its foot."""
    return {"paper_note": "", **content, "note": note, "mark": mark, "terminal": terminal, "sealed": is_sealed}


def print_pages(
    pages: Sequence[Mapping[str, Any]], config: TenantConfig, *, made_at: datetime, practice: bool
) -> bytes:
    """The pages as one PDF/A. Blocks some milliseconds a page; raises FontMissing."""
    return render_pdf(TEMPLATE, _document(pages, config, practice), made_at=made_at)


def draw_pages(page: Mapping[str, Any], config: TenantConfig, *, made_at: datetime, practice: bool) -> bytes:
    """The preview of a certificate: its pages below each other, as one PNG."""
    document = _document([page], config, practice)
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


def _document(pages: Sequence[Mapping[str, Any]], config: TenantConfig, practice: bool) -> dict[str, Any]:
    """The pages with the pictures of the official seals they bear, each once: by digest, as bytes in numbers."""
    title = str(pages[0]["title"]) if pages else "証明書"
    seals: dict[str, list[int]] = {}
    sealed = []
    for page in pages:
        picture = _seal_of(config, page.get("issued_day"))
        key = hashlib.sha256(picture).hexdigest() if picture else ""
        if picture:
            seals[key] = list(picture)
        sealed.append({**page, "seal_key": key})
    return {"title": title, "pages": sealed, "seals": seals, "practice": practice}


def _seal_of(config: TenantConfig, day: str | None) -> bytes | None:
    return find_seal_image(config, date.fromisoformat(day)) if day else None
