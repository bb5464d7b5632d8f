"""Lists of a few thousand rows that are narrowed, sorted and paged, on the screen and as a CSV file. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from batch.web.pages import ListPage
from yoriai.clock import JAPAN
from yoriai.dates import format_wareki

PAGE = 100


@dataclass(frozen=True)
class Column:
    """A column: `kind` as the table macro knows it. A row has the shown value at the key."""

    key: str
    label: str
    kind: str = "text"
    is_link: bool = False


@dataclass(frozen=True)
class Query:
    """How a list is asked for."""

    q: str = ""
    sort: str = ""
    order: str = "asc"
    page: int = 1
    night: str = ""


def make_list(
    title: str, path: str, columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], query: Query, note: str = ""
) -> ListPage:
    """A page of the rows that have all the words of `q` in them. Rows keep their order until a column is chosen.

    A row may have `href` (where its link leads) and, for a column, `<key>_sort`, by which it is sorted instead.
    """
    chosen = select(columns, rows, query)
    pages = max(1, -(-len(chosen) // PAGE))
    page = min(max(query.page, 1), pages)
    return ListPage(
        title=title,
        path=path,
        columns=tuple(
            {"key": column.key, "label": column.label, "kind": column.kind, "sortable": True, "link": column.is_link}
            for column in columns
        ),
        rows=tuple(_shown(columns, row) for row in chosen[(page - 1) * PAGE : page * PAGE]),
        total=len(chosen),
        page=page,
        pages=pages,
        sort=query.sort,
        order=query.order,
        q=query.q,
        note=note,
        query=urlencode({"q": query.q, "sort": query.sort, "order": query.order, "night": query.night}),
        night=query.night,
    )


def select(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]], query: Query) -> list[Mapping[str, Any]]:
    """The rows that match, sorted."""
    words = _folded(query.q).split()
    chosen = [row for row in rows if all(word in _folded(_text_of(columns, row)) for word in words)]
    if query.sort in {column.key for column in columns}:
        chosen.sort(key=lambda row: _sort_key(row, query.sort), reverse=query.order == "desc")
    return chosen


def csv_rows(columns: Sequence[Column], rows: Sequence[Mapping[str, Any]]) -> list[list[object]]:
    """The rows as a CSV file has them: chips and links as their words, moments in Japanese time."""
    return [[_plain(row.get(column.key)) for column in columns] for row in rows]


def _shown(columns: Sequence[Column], row: Mapping[str, Any]) -> dict[str, Any]:
    shown = {column.key: _screen(row.get(column.key)) for column in columns}
    return {**shown, "href": row.get("href", "")}


def _screen(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}"
    return value


def _plain(value: Any) -> object:
    if isinstance(value, Mapping):
        return value.get("label", "")
    if isinstance(value, datetime):
        return f"{value.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}"
    return value.isoformat() if isinstance(value, date) else value


def _text_of(columns: Sequence[Column], row: Mapping[str, Any]) -> str:
    values = (row.get(column.key) for column in columns)
    return " ".join(
        f"{value.isoformat()} {format_wareki(value)}"
        if isinstance(value, date) and not isinstance(value, datetime)
        else str(_plain(value))
        for value in values
        if value is not None
    )


def _sort_key(row: Mapping[str, Any], key: str) -> tuple[bool, Any]:
    value = row.get(f"{key}_sort", row.get(key))
    if isinstance(value, Mapping):
        value = value.get("label", "")
    return (value is None, "" if value is None else value)


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
