"""Any list on a screen as a CSV file: what the clerk sees, with what is hidden there hidden here; recorded.

A screen asked for with `?export=N` answers its N-th table (from 0). The rows are read from the drawn page, so that a file can
never tell more than the screen.
"""

import re
from html.parser import HTMLParser

from starlette.responses import HTMLResponse, Response

from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.web.context import Ctx
from yoriai.web.files import csv_response

_VOID = frozenset({"br", "input", "img", "hr", "meta", "link", "path", "circle", "line", "rect"})
_SKIPPED = frozenset({"button", "select", "textarea", "template", "script", "kbd", "svg"})
_NUMBER = re.compile(r"-?\d{1,15}")
_SPACES = re.compile(r"[^\S\u3000]+")
_UNSAFE = re.compile(r'[\\/:*?"<>|\s]+')


class Table:
    """A drawn table: its caption and the text of its cells, head and foot included."""

    def __init__(self) -> None:
        self.caption = ""
        self.header: list[str] = []
        self.rows: list[list[object]] = []


class _Reader(HTMLParser):
    """Collects the tables of a page in their order; what is hidden from readers or can only be pressed is left out."""

    def __init__(self) -> None:
        super().__init__()
        self.tables: list[Table] = []
        self._depth = 0
        self._row: list[object] | None = None
        self._cell: list[str] | None = None
        self._value = ""
        self._is_head = self._is_empty = False
        self._in_table = self._in_caption = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if self._depth:
            self._depth += tag not in _VOID
            return
        sortable = tag == "button" and "data-sort" in given
        if (
            (tag in _SKIPPED and not sortable)
            or given.get("aria-hidden") == "true"
            or given.get("aria-label") == "なし"
        ):
            self._depth = 1
            return
        classes = (given.get("class") or "").split()
        match tag:
            case "table" if "table" in classes:
                self.tables.append(Table())
                self._in_table = True
            case "caption":
                self._in_caption = self._in_table
            case "thead":
                self._is_head = True
            case "tbody" | "tfoot":
                self._is_head = False
            case "tr" if self._in_table:
                self._row, self._is_empty = [], False
            case "td" | "th" if self._row is not None:
                self._cell, self._value = [], given.get("data-value") or ""
                self._is_empty = self._is_empty or "table-empty" in classes
            case "br" | "div" | "p" | "dt" | "li" if self._cell is not None:
                self._cell.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if self._depth:
            self._depth -= tag not in _VOID
            return
        match tag:
            case "table":
                self._in_table = self._in_caption = False
            case "caption":
                self._in_caption = False
            case "td" | "th" if self._cell is not None and self._row is not None:
                self._row.append(self._shown())
                self._cell = None
            case "tr" if self._row is not None and self._in_table:
                self._finish_row(self._row)
                self._row = None

    def handle_data(self, data: str) -> None:
        if self._depth:
            return
        if self._in_caption:
            self.tables[-1].caption += data
        elif self._cell is not None:
            self._cell.append(data)

    def _shown(self) -> object:
        text = _SPACES.sub(" ", "".join(self._cell or ())).strip()
        return int(self._value) if _NUMBER.fullmatch(self._value) and text.strip("0123456789,円▲-") == "" else text

    def _finish_row(self, row: list[object]) -> None:
        table = self.tables[-1]
        if self._is_head and not table.header:
            table.header = [str(cell) for cell in row]
        elif not self._is_empty:
            table.rows.append(row)


def tables_of(html: str) -> list[Table]:
    """The tables of a page, in their order."""
    reader = _Reader()
    reader.feed(html)
    return reader.tables


async def export_table(ctx: Ctx, screen: HTMLResponse, which: str) -> Response:
    """The table with that number as CSV, recorded with its rows counted. Raises NotFound when the page has no such table."""
    tables = tables_of(bytes(screen.body).decode())
    if not which.isascii() or not which.isdigit() or len(which) > 3 or int(which) >= len(tables):
        raise NotFound("この一覧は出力できません。")
    table = tables[int(which)]
    name = _SPACES.sub(" ", table.caption).strip() or "一覧"
    detail = {"path": ctx.request.url.path, "query": ctx.request.url.query, "list": name, "rows": len(table.rows)}
    async with ctx.read() as session:
        session.audit(AuditEvent("list.export", detail=detail))
    return csv_response(_UNSAFE.sub("_", name), table.header, table.rows)
