"""The files of an extraction: CSV for a spreadsheet, Parquet for analysis, and the encrypted container of both."""

import io
import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import polars as pl

from yoriai.extraction.statement import MASKED, Column
from yoriai.extraction.views import Kind

_LETTERS = "abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Without those that are mistaken for each other on paper."""
_PASSWORD_LENGTH = 20
_FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_FLAGS = {True: "有", False: "無"}
_POLARS: Mapping[Kind, Any] = {
    Kind.TEXT: pl.String,
    Kind.CODE: pl.String,
    Kind.NUMBER: pl.Int64,
    Kind.YEN: pl.Int64,
    Kind.DATE: pl.Date,
    Kind.FLAG: pl.Boolean,
    Kind.SEALED: pl.String,
}


def shown(frame: pl.DataFrame, columns: Sequence[Column], veil_text: str) -> pl.DataFrame:
    """The rows as they are given out: the columns for output only, in their types, hidden places in words.

    A code with known words is followed by a column of these words.
    """
    parts = []
    for column in columns:
        kind = column.item.kind if column.item else Kind.NUMBER
        value = pl.col(column.name).cast(_POLARS[kind])
        if column.item and column.item.is_place and kind in (Kind.TEXT, Kind.CODE) and MASKED in frame.columns:
            value = pl.when(pl.col(MASKED) & value.is_null()).then(pl.lit(veil_text)).otherwise(value)
        parts.append(value.alias(column.name))
        if column.item and column.item.codes:
            words = value.replace_strict(dict(column.item.codes), default=value, return_dtype=pl.String)
            parts.append(words.alias(f"{column.name}_words"))
    return frame.select(parts)


def headings(columns: Sequence[Column]) -> list[str]:
    """The Japanese names of the columns that `shown` gives; each name once."""
    names: list[str] = []
    for column in columns:
        names.append(column.label)
        if column.item and column.item.codes:
            names.append(f"{column.label}（名称）")
    return [name if names.index(name) == place else f"{name}_{place + 1}" for place, name in enumerate(names)]


class Writer(Protocol):
    """Takes the rows frame by frame and gives the whole file at the end."""

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows."""

    def finish(self) -> bytes:
        """The file."""


class CsvWriter:
    """UTF-8 with its mark, CRLF; text that a spreadsheet would run as a formula gets an apostrophe. Characters stay as they are."""

    def __init__(self, names: Sequence[str]) -> None:
        self._buffer = io.BytesIO()
        self._names = list(names)
        self._buffer.write(b"\xef\xbb\xbf")
        self._add(pl.DataFrame({name: [name] for name in self._names}))

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows; dates are written 2026-04-01, 有無 in words."""
        parts = []
        for name, kind in frame.schema.items():
            value = pl.col(name)
            if kind == pl.Boolean:
                value = value.replace_strict(_FLAGS, return_dtype=pl.String)
            elif kind == pl.String:
                value = pl.when(value.str.contains(_FORMULA)).then("'" + value).otherwise(value)
            parts.append(value.alias(name))
        self._add(frame.select(parts))

    def finish(self) -> bytes:
        """The file."""
        return self._buffer.getvalue()

    def _add(self, frame: pl.DataFrame) -> None:
        frame.write_csv(self._buffer, include_header=False, line_terminator="\r\n")


class ParquetWriter:
    """Parquet with the Japanese names as columns, values in their types."""

    def __init__(self, names: Sequence[str]) -> None:
        self._buffer = io.BytesIO()
        self._names = list(names)
        self._writer: Any = None

    def write(self, frame: pl.DataFrame) -> None:
        """Add rows as one row group."""
        import pyarrow.parquet as pq

        table = frame.rename(dict(zip(frame.columns, self._names, strict=True))).to_arrow()
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._buffer, table.schema, compression="zstd")
        self._writer.write_table(table)

    def finish(self) -> bytes:
        """The file. Raises ValueError when not even an empty frame was written."""
        if self._writer is None:
            raise ValueError("nothing was written")
        self._writer.close()
        return self._buffer.getvalue()


def writer_of(format_: str, names: Sequence[str]) -> Writer:
    """The writer of `csv` or `parquet`."""
    return ParquetWriter(names) if format_ == "parquet" else CsvWriter(names)


def new_password() -> str:
    """A password for a protected file: about 115 bits."""
    return "".join(secrets.choice(_LETTERS) for _ in range(_PASSWORD_LENGTH))


def protect(content: bytes, name: str, password: str) -> bytes:
    """The file inside a ZIP that is encrypted with AES-256 (WinZip AE-2), opened by 7-Zip and the like with the password."""
    import pyzipper

    buffer = io.BytesIO()
    with pyzipper.AESZipFile(buffer, "w", compression=pyzipper.ZIP_DEFLATED, encryption=pyzipper.WZ_AES) as archive:
        archive.setpassword(password.encode())
        archive.writestr(name, content)
    return buffer.getvalue()
