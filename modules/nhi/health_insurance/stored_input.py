"""The exact input of an assessment as JSON text: written for all households at once, read back for one, years later.

Only what differs from a column's default is written, so an input stays readable when the calculation gets further columns.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import polars as pl

from modules.nhi.health_insurance.rules import HOUSEHOLD, MEMBER
from yoriai.rules import Frames, Level

_HOUSEHOLD_KEYS = {"household_no": pl.Int64()}
_MEMBER_KEYS = {"household_no": pl.Int64(), "member_no": pl.Int64()}


def write_inputs(frames: Frames) -> pl.DataFrame:
    """`household_no`, `input` (JSON) and `input_digest` (its SHA-256) of every household, in the order of the household frame."""
    members = frames["member"].select("household_no", _object(frames["member"], MEMBER, ("member_no",)).alias("text"))
    lists = members.group_by("household_no", maintain_order=True).agg(pl.col("text").str.join(","))
    households = frames["household"].select(
        "household_no", _object(frames["household"], HOUSEHOLD, ("household_no",)).alias("household")
    )
    joined = households.join(lists, on="household_no", how="left", maintain_order="left")
    members_text = pl.col("text").fill_null("")
    text = _joined(pl.lit('{"household":'), pl.col("household"), pl.lit(',"members":['), members_text, pl.lit("]}"))
    texts = joined.select("household_no", text.alias("input"))
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts["input"].to_list()]
    return texts.with_columns(pl.Series("input_digest", digests, dtype=pl.String()))


def read_input(text: str, titles: Mapping[int, str] | None = None) -> Frames:
    """The frames of a stored input; `titles` are the names to show by 宛名番号."""
    stored = json.loads(text)
    household = stored["household"]
    members = [member | {"household_no": household["household_no"]} for member in stored["members"]]
    for member in members:
        member["title"] = (titles or {}).get(member["member_no"], f"宛名番号{member['member_no']}")
    return {
        "household": _frame(HOUSEHOLD, [household], _HOUSEHOLD_KEYS),
        "member": _frame(MEMBER, members, _MEMBER_KEYS | {"title": pl.String()}),
    }


def member_numbers(text: str) -> list[int]:
    """The 宛名番号 in a stored input, each once, in its order."""
    return list(dict.fromkeys(member["member_no"] for member in json.loads(text)["members"]))


def _object(frame: pl.DataFrame, level: Level, keys: Iterable[str]) -> pl.Expr:
    """The columns of a row that are not at their default as a JSON object."""
    parts = [_member(name, frame.schema[name], None) for name in keys]
    parts += [
        _member(column.key, frame.schema[column.key], column.default)
        for column in level.inputs
        if column.key in frame.columns and column.key != level.title
    ]
    return _joined(pl.lit("{"), pl.concat_str(parts, separator=",", ignore_nulls=True), pl.lit("}"))


def _joined(*parts: pl.Expr) -> pl.Expr:
    return pl.concat_str(parts)


def _member(name: str, dtype: pl.DataType, default: Any) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Date:
        text = _joined(pl.lit(f'"{name}":"'), column.dt.to_string("%Y-%m-%d"), pl.lit('"'))
    elif dtype == pl.Boolean:
        text = pl.when(column).then(pl.lit(f'"{name}":true')).otherwise(pl.lit(f'"{name}":false'))
    else:
        text = _joined(pl.lit(f'"{name}":'), column.cast(pl.String))
    # A null comparison keeps nothing: what is not known is left out like what is at its default.
    is_told = column.is_not_null() if default is None else column != default
    return pl.when(is_told).then(text)


def _frame(level: Level, rows: list[dict[str, Any]], keys: Mapping[str, Any]) -> pl.DataFrame:
    types: dict[str, Any] = {column.key: column.dtype for column in level.inputs} | dict(keys)
    given = [name for name in types if any(name in row for row in rows) or name in keys]
    parsed = [{name: _value(types[name], row.get(name)) for name in given} for row in rows]
    return pl.DataFrame(parsed, schema={name: types[name] for name in given})


def _value(dtype: Any, raw: Any) -> Any:
    return date.fromisoformat(raw) if raw is not None and dtype == pl.Date else raw
