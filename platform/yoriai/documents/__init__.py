"""What is printed: Typst templates with JSON data, compiled to PDF in this process."""

from yoriai.documents.fonts import FontMissing, font_folders, require_fonts
from yoriai.documents.pdf import DocumentError, render_pdf

__all__ = ["DocumentError", "FontMissing", "font_folders", "render_pdf", "require_fonts"]
