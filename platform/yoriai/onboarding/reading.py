"""A CSV file as it is: text by text, each record with the line it begins on. Nothing is guessed and nothing is left out."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from yoriai.onboarding.layout import LINE, Outcome
from yoriai.onboarding.remarks import Remark, Remarks
from yoriai.onboarding.settings import Settings, Source

_BOM = "\ufeff"
_UNREAD = "\ufffd"
"""What stands for bytes that are no characters."""
_MOST_COLUMNS = 500


@dataclass
class RawTable:
    """The records of a file in texts, by the layout's keys; `dropped` are those the municipality does not take over."""

    frame: pl.DataFrame
    records: int
    structure: list[Remark] = field(default_factory=list)
    """What is wrong with the file itself: while there is any, nothing of it can be judged."""


def read_table(content: bytes, source: Source, settings: Settings, remarks: Remarks) -> RawTable:
    """The file's records; whatever is wrong with single records goes into `remarks`, with the file itself into `structure`."""
    table = source.table
    # A record may have several lines: which of them cannot be read is seen by record.
    text = content.decode(settings.encoding, errors="replace")
    for old, new in settings.characters.items():
        text = text.replace(old, new)
    reader = csv.reader(io.StringIO(text.removeprefix(_BOM), newline=""), strict=True)
    rows: list[list[str]] = []
    lines: list[int] = []
    structure: list[Remark] = []
    begins = 1
    try:
        for cells in reader:
            if any(cells):
                rows.append(cells)
                lines.append(begins)
            begins = reader.line_num + 1
    except csv.Error as error:
        structure.append(_at_file(source, begins, "csv", f"CSVとして読めません: {error}"))
    header = [cell.strip() for cell in rows[0]] if rows else []
    structure += _check_header(header, source)
    if structure:
        return RawTable(pl.DataFrame(), max(len(rows) - 1, 0), structure)
    is_broken = _UNREAD in text
    good: list[list[str]] = []
    at: list[int] = []
    for cells, line in zip(rows[1:], lines[1:], strict=True):
        if is_broken and any(_UNREAD in cell for cell in cells):
            message = f"{settings.encoding} の文字として読めないバイト（U+FFFD）があります。"
            remarks.add(table, source.file, [line], "", "encoding", message, Outcome.REFUSED)
        if len(cells) == len(header):
            good.append(cells)
            at.append(line)
        else:
            message = f"列の数が{len(cells)}で、見出しの{len(header)}と違います。"
            remarks.add(table, source.file, [line], "", "column_count", message, Outcome.REFUSED)
    frame = pl.DataFrame(good, schema=dict.fromkeys(map(str, range(len(header))), pl.String), orient="row")
    frame = frame.with_columns(pl.all().str.strip_chars(" \u3000\t")).with_columns(pl.Series(LINE, at, dtype=pl.Int64))
    frame = _drop(frame, header, source, remarks)
    labels = {column.label: column.key for column in table.columns}
    keys = {labels[label]: str(place) for place, name in enumerate(header) if (label := _label(name, source)) in labels}
    wanted = [
        (pl.col(keys[column.key]) if column.key in keys else pl.lit("")).alias(column.key) for column in table.columns
    ]
    return RawTable(frame.select(LINE, *wanted), len(rows) - 1)


def _label(name: str, source: Source) -> str:
    return source.headings.get(name, name)


def _check_header(header: list[str], source: Source) -> Iterable[Remark]:
    """Every heading has to be an item of the layout or declared as unneeded; required items have to be there."""
    labels = [_label(name, source) for name in header]
    known = {column.label for column in source.table.columns}
    if not header or len(header) > _MOST_COLUMNS:
        yield _at_file(source, 1, "header", "1行目に見出しがありません。")
        return
    for name, label in zip(header, labels, strict=True):
        if label not in known and name not in source.unneeded:
            message = f"見出し「{name}」はレイアウトの項目でも、移行しない項目（unneeded）でもありません。"
            yield _at_file(source, 1, "unknown_heading", message, name)
        elif labels.count(label) > 1 and name not in source.unneeded:
            yield _at_file(source, 1, "heading_twice", f"見出し「{name}」が2つあります。", name)
    for column in source.table.columns:
        if column.is_required and column.label not in labels:
            yield _at_file(source, 1, "missing_heading", f"項目「{column.label}」の列がありません。", column.label)
    for item in source.drop:
        if item["heading"] not in header:
            message = f"移行しない記録を決める見出し「{item['heading']}」がありません。"
            yield _at_file(source, 1, "missing_heading", message, str(item["heading"]))


def _at_file(source: Source, line: int, rule: str, message: str, column: str = "") -> Remark:
    return Remark(source.table.name, source.file, line, column, "", rule, message, Outcome.REFUSED)


def _drop(frame: pl.DataFrame, header: list[str], source: Source, remarks: Remarks) -> pl.DataFrame:
    """Set aside what the municipality declared as unneeded."""
    for item in source.drop:
        is_dropped = pl.col(str(header.index(item["heading"]))).is_in(item["values"])
        lines = frame.filter(is_dropped)[LINE].to_list()
        reason = f"移行しない記録です（{item['reason']}）。"
        remarks.add(source.table, source.file, lines, item["heading"], "unneeded", reason, Outcome.SET_ASIDE)
        frame = frame.filter(~is_dropped)
    return frame
