"""Lists as CSV files that a spreadsheet opens: UTF-8 with its mark, and no cell that it would take for a formula."""

from collections.abc import Iterable, Sequence
from urllib.parse import quote

from starlette.responses import Response

from yoriai.csv_text import csv_text

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> Response:
    """The rows as an attachment of that Japanese name."""
    text = csv_text(header, ([_cell(value) for value in row] for row in rows))
    return attachment(text.encode("utf-8-sig"), f"{name}.csv", "text/csv; charset=utf-8")


def attachment(content: bytes, name: str, media_type: str, *, inline: bool = False) -> Response:
    """A file to keep, or with `inline` to look at."""
    disposition = f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name)}"
    return Response(content, media_type=media_type, headers={"Content-Disposition": disposition})


def _cell(value: object) -> object:
    """Text that a spreadsheet would run as a formula gets an apostrophe; numbers stay numbers."""
    if value is None:
        return ""
    if isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value
