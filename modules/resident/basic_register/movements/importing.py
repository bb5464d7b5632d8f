"""Many movements from a CSV file: all are recorded or none, and every mistake is told with its line."""

import csv
import io
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from modules.resident.basic_register import service
from modules.resident.basic_register.labels import SEX_LABELS, relationships
from modules.resident.basic_register.movements.inputs import Birth, Death, MoveIn, MovementResult, MoveOut, MoveWithin
from modules.resident.basic_register.protections.masking import refuse_concealed_household
from yoriai.errors import Conflict, FieldError, Invalid, NeedsConfirmation, NotFound
from yoriai.tenancy.session import WriteSession
from yoriai.web.fields import is_number
from yoriai.web.forms import validate

COLUMNS = {
    "受付番号": "group",
    "事由": "reason",
    "異動日": "event_date",
    "届出日": "notified_on",
    "世帯番号": "household_no",
    "宛名番号": "addressee_no",
    "氏名": "name",
    "フリガナ": "name_kana",
    "生年月日": "birth_date",
    "性別": "sex",
    "続柄": "relationship",
    "国籍": "nationality",
    "町字": "town_code",
    "番地": "block",
    "方書": "building",
    "転入前住所": "former_address",
    "転出先": "destination",
    "母の宛名番号": "mother_addressee_no",
    "備考": "note",
}
_LABELS = {name: label for label, name in COLUMNS.items()}
_NEEDED = ("受付番号", "事由", "異動日", "届出日")
_MOST = 2_000
_VERSION = "SELECT version FROM household WHERE household_no = $1"

Line = tuple[int, Mapping[str, str]]


class ImportBody(BaseModel):
    """The text of a CSV file with a header line; lines with the same 受付番号 are one movement."""

    csv: str = Field(min_length=1, title="CSV")
    accept_alerts: bool = Field(default=False, title="確認が必要な点を承知で登録する")


class ImportResult(BaseModel):
    """What was recorded."""

    movements: list[int]
    people: int


@dataclass(frozen=True)
class _Way:
    """How lines of one 事由 become a movement."""

    model: type[Any]
    record: Callable[[WriteSession, Any, datetime], Awaitable[MovementResult]]
    body: Callable[[Sequence[Mapping[str, str]]], dict[str, Any]]


async def import_movements(session: WriteSession, body: ImportBody, now: datetime) -> ImportResult:
    """Record all movements of the file; raises Invalid with every mistake and its line, and then nothing is recorded."""
    groups = _read(body.csv)
    async with session.begin_nested():
        return await _record_all(session, groups, body, now)


async def _record_all(
    session: WriteSession, groups: Sequence[Sequence[Line]], body: ImportBody, now: datetime
) -> ImportResult:
    errors: list[FieldError] = []
    recorded: list[MovementResult] = []
    for lines in groups:
        try:
            # Each in a savepoint: after a mistake the following ones are checked as well, then all is undone.
            async with session.begin_nested():
                recorded.append(await _record(session, lines, now, accept_alerts=body.accept_alerts))
        except (Invalid, NeedsConfirmation, Conflict, NotFound) as failure:
            fields = failure.fields or (FieldError("", failure.message),)
            errors += [_at_line(error, lines) for error in fields]
    if errors:
        message = f"{len(errors)}件の誤りがあるため、1件も登録していません。"
        raise Invalid(message, fields=errors)
    return ImportResult(
        movements=[result.movement_no for result in recorded],
        people=sum(len(result.addressee_nos) for result in recorded),
    )


def _read(text: str) -> list[list[Line]]:
    """The lines by 受付番号, in the order of the file; raises Invalid."""
    rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    header = [cell.strip() for cell in rows[0]] if rows else []
    unknown = [name for name in header if name not in COLUMNS]
    missing = [name for name in _NEEDED if name not in header]
    errors = [FieldError("csv", f"1行目: 「{name}」という列は使えません。", line=1) for name in unknown]
    errors += [FieldError("csv", f"1行目: 「{name}」の列がありません。", line=1) for name in missing]
    if len(rows) > _MOST:
        errors.append(FieldError("csv", f"一度に登録できるのは{_MOST:,}行までです。", line=_MOST))
    groups: dict[str, list[Line]] = {}
    for number, cells in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(header):
            message = f"{number}行目: 列の数が{len(cells)}で、1行目の{len(header)}と違います。"
            errors.append(FieldError("csv", message, line=number))
            continue
        values = {COLUMNS[name]: cell.strip() for name, cell in zip(header, cells, strict=True) if name in COLUMNS}
        if not values.get("group"):
            errors.append(FieldError("csv", f"{number}行目: 受付番号がありません。", line=number))
        if values.get("reason") not in _WAYS:
            known = "・".join(_WAYS)
            errors.append(FieldError("csv", f"{number}行目: 事由は{known}のどれかにしてください。", line=number))
        groups.setdefault(values.get("group", ""), []).append((number, values))
    if errors:
        raise Invalid("CSVを読めません。1件も登録していません。", fields=errors)
    if not groups:
        raise Invalid(fields=[FieldError("csv", "2行目以降に異動がありません。")])
    return list(groups.values())


async def _record(
    session: WriteSession, lines: Sequence[Line], now: datetime, *, accept_alerts: bool
) -> MovementResult:
    rows = [values for _, values in lines]
    way = _WAYS[rows[0]["reason"]]
    made: dict[str, Any] = {name: rows[0][name] for name in ("event_date", "notified_on", "note") if rows[0].get(name)}
    made |= way.body(rows)
    number = rows[0].get("household_no", "")
    if number:
        if is_number(number):
            await refuse_concealed_household(session, int(number))
        version = await session.fetchval(_VERSION, int(number)) if is_number(number) else None
        made["household"] = {"household_no": number, "version": version or 1}
    try:
        return await way.record(session, validate(way.model, made), now)
    except NeedsConfirmation as question:
        if not accept_alerts:
            raise
        made["confirmed"] = [alert.rule for alert in question.fields]
        return await way.record(session, validate(way.model, made), now)


def _at_line(error: FieldError, lines: Sequence[Line]) -> FieldError:
    """The error at its line: a member's field at the member's line, all others at the first."""
    parts = error.field.split(".")
    index = int(parts[1]) if parts[0] == "members" and len(parts) > 1 and parts[1].isdigit() else 0
    line = lines[min(index, len(lines) - 1)][0]
    label = _LABELS.get(parts[-1], "")
    shown = f"{line}行目{f'（{label}）' if label else ''}: {error.message}"
    return FieldError("csv", shown, error.rule, error.article, line=line)


def _given(row: Mapping[str, str], *names: str) -> dict[str, str]:
    return {name: row[name] for name in names if row.get(name)}


def _person(row: Mapping[str, str]) -> dict[str, Any]:
    made: dict[str, Any] = _given(row, "addressee_no", "name", "name_kana", "birth_date", "nationality")
    return {**made, "sex": _SEX.get(row.get("sex", ""), row.get("sex", "")), **_relation(row)}


def _relation(row: Mapping[str, str]) -> dict[str, Any]:
    word = row.get("relationship", "")
    return {"relationship": _RELATIONS.get(word, word)} if word else {}


def _address(rows: Sequence[Mapping[str, str]]) -> dict[str, Any]:
    address = _given(rows[0], "town_code", "block", "building")
    return {"address": address} if address else {}


def _relations_of(rows: Sequence[Mapping[str, str]]) -> list[dict[str, Any]]:
    return [{**_given(row, "addressee_no"), **_relation(row)} for row in rows]


_SEX = {label: code for code, label in SEX_LABELS.items()}
_RELATIONS = {word: code for code, word in relationships().items()}
_WAYS: Mapping[str, _Way] = {
    "転入": _Way(
        MoveIn,
        service.record_move_in,
        lambda rows: {
            **_address(rows),
            **_given(rows[0], "former_address"),
            "members": [_person(row) for row in rows],
        },
    ),
    "転居": _Way(
        MoveWithin,
        service.record_move_within,
        lambda rows: {**_address(rows), "members": _relations_of(rows)},
    ),
    "転出": _Way(
        MoveOut,
        service.record_move_out,
        lambda rows: {**_given(rows[0], "destination"), "members": [_given(row, "addressee_no") for row in rows]},
    ),
    "出生": _Way(
        Birth, service.record_birth, lambda rows: {**_person(rows[0]), **_given(rows[0], "mother_addressee_no")}
    ),
    "死亡": _Way(Death, service.record_death, lambda rows: _given(rows[0], "addressee_no")),
}
