"""What is printed: Typst templates with JSON data, compiled to PDF in this process."""

from yoriai.documents.fonts import FontMissing, font_folders, require_fonts
from yoriai.documents.glyphs import MissingGlyph, list_missing
from yoriai.documents.pdf import DocumentError, render_pdf, render_pictures

__all__ = [
    "DocumentError",
    "FontMissing",
    "MissingGlyph",
    "font_folders",
    "list_missing",
    "render_pdf",
    "render_pictures",
    "require_fonts",
]
