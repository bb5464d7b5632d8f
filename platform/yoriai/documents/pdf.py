"""A Typst template and its data become a PDF. One compiler is kept for the whole process."""

import json
import logging
import threading
from collections.abc import Mapping
from datetime import datetime, timezone
from functools import cache
from pathlib import Path
from typing import Any, Literal

import typst

from yoriai.documents.fonts import known_fonts, require_fonts

Standard = Literal["a-2b", "a-2u", "a-3b", "ua-1"]
"""Profiles of archival PDF that are asked for: PDF/A-2u keeps the text searchable for good, UA-1 is for screen readers."""

_LARGE, _KEPT = 1_000_000, 12
_log = logging.getLogger(__name__)
_PACKAGES = Path(__file__).parent / "packages"
# The compiler remembers what it compiled, but is not made for several threads at once.
_one_at_a_time = threading.Lock()


class DocumentError(Exception):
    """A template that does not compile: a fault of ours, never of the person who prints."""


def render_pdf(
    template: Path, data: Mapping[str, Any], *, made_at: datetime, standard: Standard | None = "a-2u"
) -> bytes:
    """The PDF of a template (a `.typ` file; it may include files of its own folder) with its data.

    The template sees `data` as JSON through `#import "@local/yoriai:1.0.0": *`, the shared look in `packages/`. The same data and
    `made_at` (aware) give the same bytes. Blocks for some milliseconds a page: call it in a thread from asynchronous code.
    Raises FontMissing where nothing can print Japanese, DocumentError with file and line for a wrong template.
    """
    standards: list[typst.PDFStandard] = [standard] if standard else []
    pdf = _compile(template, data, made_at, {"format": "pdf", "pdf_standards": standards})
    if not isinstance(pdf, bytes):
        raise DocumentError(f"{template.name}: no single file came out")
    return pdf


def render_pictures(
    template: Path, data: Mapping[str, Any], *, made_at: datetime, dots_per_inch: int = 96
) -> list[bytes]:
    """The pages of the same document as PNG, for looking at it before it is printed. Blocks and raises like `render_pdf`."""
    pages = _compile(template, data, made_at, {"format": "png", "ppi": dots_per_inch})
    return [pages] if isinstance(pages, bytes) else [page for page in pages or [] if isinstance(page, bytes)]


def _compile(template: Path, data: Mapping[str, Any], made_at: datetime, options: dict[str, Any]) -> Any:
    require_fonts()
    values = {"data": json.dumps(data, ensure_ascii=False, default=_plain)}
    with _one_at_a_time:
        try:
            made, warnings = _compiler().compile_with_warnings(
                input=str(template),
                root=str(template.parent),
                sys_inputs=values,
                timestamp=_fixed(made_at),
                **options,
            )
        except typst.TypstError as error:
            raise DocumentError(f"{template.name}: {error.diagnostic}") from error
        if isinstance(made, bytes) and len(made) > _LARGE:
            _forget()
    for warning in warnings:
        if "unknown font family" not in warning.message:
            _log.warning("%s: %s", template.name, warning.message)
    return made


def _forget() -> None:
    """The compiler keeps what it typeset through ten further compilations: a run of large files would take gigabytes."""
    for _ in range(_KEPT):
        _compiler().compile(input=b"", format="svg")


@cache
def _compiler() -> typst.Compiler:
    return typst.Compiler(font_paths=known_fonts(), package_path=str(_PACKAGES))


def _fixed(moment: datetime) -> datetime:
    """The moment in whole seconds with its offset alone: the compiler knows no zones. Raises ValueError for one without a zone."""
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError("made_at must be aware")
    return moment.astimezone(timezone(offset)).replace(microsecond=0)


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
