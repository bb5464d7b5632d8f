"""Received files (COM-069): what is right is recorded; a wrong row is set aside with reasons, corrected and recorded by itself."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from datetime import datetime
from typing import Annotated, Any

from pydantic import Field, TypeAdapter, ValidationError

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Invalid, NeedsConfirmation, NotFound, Unavailable, YoriaiError
from yoriai.exchange.area import IN, TAKEN, Area
from yoriai.exchange.manifests import ENDING, check_manifest
from yoriai.exchange.receivers import Receiver, Taken, get_receiver
from yoriai.numbering import allocate
from yoriai.tenancy.config import TenantConfig
from yoriai.tenancy.faults import worded
from yoriai.tenancy.session import Reader, Record, WriteSession
from yoriai.web.forms import validate

_CHARSETS = ("utf-8-sig", "cp932")
_MOST = 20_000
_NUMBER: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=1, lt=10**18)])
_LOCK = "SELECT pg_advisory_xact_lock(hashtext(current_schema() || 'exchange_received'))"
_KNOWN = "SELECT file_no FROM exchange_file WHERE kind = 'received' AND data_set = $1 AND sha256 = $2"
_FILE = """
INSERT INTO exchange_file (file_no, kind, data_set, path, charset, size, rows, gone, sha256, from_change, to_change, made_at,
                           staff_id)
VALUES ($1, 'received', $2, $3, $4, $5, $6, $7, $8, 0, 0, $9, $10) RETURNING file_no"""
_ASIDE = """
INSERT INTO exchange_row (row_no, file_no, receiver, line, received, values, reasons, status)
VALUES ($1, $2, $3, $4, $5, $5, $6, 'waiting') RETURNING row_no"""
_ROWS = """
SELECT r.row_no, r.file_no, r.receiver, r.line, r.received, r.values, r.reasons, r.status, f.path, f.made_at
  FROM exchange_row r JOIN exchange_file f ON f.file_no = r.file_no
 WHERE r.receiver = ANY($1::text[]) AND r.status = 'waiting' ORDER BY r.row_no LIMIT 500"""
_ROW = """
SELECT r.row_no, r.file_no, r.receiver, r.line, r.received, r.values, r.reasons, r.status, r.version, r.closed_at, r.closed_by,
       r.note, f.path, f.made_at
  FROM exchange_row r JOIN exchange_file f ON f.file_no = r.file_no WHERE r.row_no = $1"""
_CLOSE = """
UPDATE exchange_row SET status = $3, values = $4, reasons = $5, closed_at = $6, closed_by = $7, note = $8, version = version + 1
 WHERE row_no = $1 AND version = $2 AND status = 'waiting' RETURNING row_no"""
_KEEP = """
UPDATE exchange_row SET values = $3, reasons = $4, version = version + 1
 WHERE row_no = $1 AND version = $2 AND status = 'waiting' RETURNING row_no"""


async def take(
    session: WriteSession, receiver: Receiver, path: str, content: bytes, rows: int, config: TenantConfig, now: datetime
) -> Taken:
    """Record the rows of a file and set aside those that cannot be. `rows` is how many its sender says it has.

    Raises Invalid for a file of another form or number of rows, Conflict for a file that was taken before.
    """
    # One at a time: the same file, taken twice at once, is recorded by the first only.
    await session.fetchval(_LOCK)
    digest = hashlib.sha256(content).hexdigest()
    if known := await session.fetchval(_KNOWN, receiver.name, digest):
        raise Conflict(f"同じ内容のファイルを受信済みです（ファイル番号 {known}）。")
    charset, lines = _read(receiver, content)
    if len(lines) != rows:
        raise Invalid(
            f"添付情報（manifest）では{rows:,}行、ファイルは{len(lines):,}行です。送り直しを依頼してください。"
        )
    number = await allocate(session, "exchange_file")
    wrong: list[tuple[int, Mapping[str, str], Sequence[Mapping[str, str]]]] = []
    for line, values in lines:
        if reasons := await _record(session, receiver, values, config, now):
            wrong.append((line, values, reasons))
    by = session.principal.login
    await session.fetch(
        _FILE, number, receiver.name, path, charset, len(content), len(lines), len(wrong), digest, now, by
    )
    if wrong:
        first = await allocate(session, "exchange_row", len(wrong))
        for place, (line, values, reasons) in enumerate(wrong):
            await session.fetch(_ASIDE, first + place, number, receiver.name, line, _json(values), _json(reasons))
    detail = {"rows": len(lines), "set_aside": len(wrong), "sha256": digest, "path": path}
    session.audit(AuditEvent("exchange.receive", f"exchange_file:{number}", receiver.label, detail))
    return Taken(
        file_no=number,
        receiver=receiver.name,
        path=path,
        rows=len(lines),
        recorded=len(lines) - len(wrong),
        set_aside=len(wrong),
    )


async def take_waiting(
    writing: Callable[[], AbstractAsyncContextManager[WriteSession]],
    area: Area,
    receiver: Receiver,
    config: TenantConfig,
    now: datetime,
) -> list[tuple[str, Taken | YoriaiError]]:
    """Take all files of a kind, each in a transaction of its own; what came of each path.

    A file taken before is put away (Conflict); one that cannot be taken stays where it is and does not keep the others back.
    Raises Unavailable.
    """
    results: list[tuple[str, Taken | YoriaiError]] = []
    # The area may be a slow network away: nobody else waits for it.
    for path in await asyncio.to_thread(waiting_files, area, receiver):
        try:
            content = await asyncio.to_thread(area.get, path)
            rows = await asyncio.to_thread(check_manifest, area, path, content)
            async with writing() as session:
                results.append((path, await take(session, receiver, path, content, rows, config, now)))
        except Unavailable:
            raise
        except Conflict as again:
            results.append((path, again))
        except YoriaiError as error:
            results.append((path, error))
            continue
        await asyncio.to_thread(put_away, area, path)
    return results


def waiting_files(area: Area, receiver: Receiver) -> list[str]:
    """The files of a kind that lie in the area and were not taken yet."""
    return [path for path in area.list(f"{IN}/{receiver.name}") if path.endswith(".csv")]


def put_away(area: Area, path: str) -> None:
    """Move a file that was taken, with its manifest; an earlier one of the same name stays what it was."""
    folder = path.rpartition("/")[0]
    to = path.replace(f"{IN}/", f"{TAKEN}/", 1)
    here, there = area.list(folder), area.list(folder.replace(f"{IN}/", f"{TAKEN}/", 1))
    stem, place = to.removesuffix(".csv"), 1
    while to in there:
        place += 1
        to = f"{stem}-{place}.csv"
    for end in ("", ENDING):
        if f"{path}{end}" in here:
            area.move(f"{path}{end}", f"{to}{end}")


async def list_rows(session: Reader, receivers: Sequence[Receiver]) -> list[dict[str, Any]]:
    """The rows of these kinds that wait; what they say is shown one by one only, and the concealed have none."""
    rows = await session.fetch(_ROWS, [receiver.name for receiver in receivers])
    people = {row["row_no"]: _people(row, "received") for row in rows}
    concealed = {
        receiver.name: await receiver.concealed(
            session, sorted({number for found in people.values() for number in found})
        )
        for receiver in receivers
    }
    names = ("row_no", "file_no", "receiver", "line", "status", "path", "made_at")
    return [
        {name: row[name] for name in names}
        | {"label": get_receiver(row["receiver"]).label, "reasons": json.loads(row["reasons"])}
        for row in rows
        if concealed[row["receiver"]].isdisjoint(people[row["row_no"]])
    ]


def _people(row: Record, *states: str) -> list[int]:
    """Whom a row is about, as it was `received` or by the `values` it was corrected to."""
    heading = get_receiver(row["receiver"]).person
    numbers = set()
    for state in states:
        # Read as the model reads it: "3.0" is a number to it, too.
        with suppress(ValidationError):
            numbers.add(_NUMBER.validate_python(json.loads(row[state]).get(heading, "")))
    return sorted(numbers)


async def get_row(session: Reader, row_no: int) -> Record:
    """A row as it stands; seen, therefore audited. Raises NotFound, also for who may not see its kind or whom it is about."""
    row = await session.fetchrow(_ROW, row_no)
    if row is None or not session.principal.may(get_receiver(row["receiver"]).permission):
        raise NotFound
    receiver, people = get_receiver(row["receiver"]), _people(row, "received", "values")
    # By what came only: a row that vanished for the number somebody typed would tell of the concealed.
    if await receiver.concealed(session, _people(row, "received")):
        raise NotFound
    session.audit(AuditEvent("exchange.row.view", f"exchange_row:{row_no}", receiver.label, {"persons": people}))
    return row


async def correct(
    session: WriteSession, row_no: int, version: int, values: Mapping[str, str], config: TenantConfig, now: datetime
) -> Sequence[Mapping[str, str]]:
    """Try the row with other values: recorded and closed, or kept with them and what is still wrong, which is returned.

    Raises NotFound, Conflict where somebody else was quicker.
    """
    row = await get_row(session, row_no)
    receiver = get_receiver(row["receiver"])
    known = {name: str(values.get(name, "")).strip() for name in receiver.columns}
    reasons = await _record(session, receiver, known, config, now)
    by = session.principal.login
    if reasons:
        done = await session.fetch(_KEEP, row_no, version, _json(known), _json(reasons))
    else:
        done = await session.fetch(_CLOSE, row_no, version, "done", _json(known), "[]", now, by, "訂正して登録")
    if not done:
        raise Conflict
    old = json.loads(row["values"])
    changed = sorted(name for name in known if known[name] != old.get(name, ""))
    session.audit(
        AuditEvent(
            "exchange.row.correct", f"exchange_row:{row_no}", receiver.label, {"changed": changed, "done": not reasons}
        )
    )
    return reasons


async def discard(session: WriteSession, row_no: int, version: int, note: str, now: datetime) -> None:
    """Close a row without recording it, with the reason. Raises NotFound, Conflict."""
    row = await get_row(session, row_no)
    by = session.principal.login
    done = await session.fetch(_CLOSE, row_no, version, "discarded", row["values"], row["reasons"], now, by, note)
    if not done:
        raise Conflict
    session.audit(AuditEvent("exchange.row.discard", f"exchange_row:{row_no}", note))


async def _record(
    session: WriteSession, receiver: Receiver, values: Mapping[str, str], config: TenantConfig, now: datetime
) -> Sequence[Mapping[str, str]]:
    """Record a row in a savepoint; what is wrong with it, empty when it was recorded."""
    labels = {field: label for label, field in receiver.columns.items()}
    given = {receiver.columns[label]: text for label, text in values.items() if text}
    events = len(session.audit_events)
    try:
        # A number no column holds is the row's mistake, not the file's.
        with worded():
            async with session.begin_nested():
                await receiver.record(session, validate(receiver.model, given), now, config)
    except (Invalid, NotFound, Conflict, NeedsConfirmation) as error:
        # What the undone row would have told the trail is undone with it; what was seen was seen.
        session.audit_events[events:] = [event for event in session.audit_events[events:] if event.is_sight]
        fields = error.fields or (FieldError("", error.message),)
        return [{"column": labels.get(field.field, ""), "message": field.message} for field in fields]
    return []


def count_rows(content: bytes) -> tuple[str, int]:
    """Character set and number of rows of a file, as they are counted when it is taken: without heading and empty lines.

    Raises Invalid.
    """
    charset, rows = _parse(content)
    return charset, max(len(rows) - 1, 0)


def _parse(content: bytes) -> tuple[str, list[tuple[int, list[str]]]]:
    for charset in _CHARSETS:
        try:
            text = content.decode(charset)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Invalid("UTF-8としてもShift_JISとしても読めないファイルです。")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return charset, list(_numbered(reader))
    except csv.Error as error:
        raise Invalid(
            fields=[FieldError("file", f"CSVとして読めません: {error}", "csv", line=reader.line_num)]
        ) from None


def _read(receiver: Receiver, content: bytes) -> tuple[str, list[tuple[int, Mapping[str, str]]]]:
    """Character set and rows with their lines. Raises Invalid with every mistake of the file as a whole."""
    charset, rows = _parse(content)
    header = [cell.strip() for cell in rows[0][1]] if rows else []
    errors = [
        FieldError("file", f"見出し「{name}」は{receiver.label}の項目ではありません。", "unknown_heading", line=1)
        for name in header
        if name not in receiver.columns
    ]
    errors += [
        FieldError("file", f"見出し「{name}」がありません。", "missing_heading", line=1)
        for name in receiver.required
        if name not in header
    ]
    if len(rows) > _MOST:
        errors.append(FieldError("file", f"一度に取り込めるのは{_MOST:,}行までです。", "too_many", line=_MOST))
    if errors:
        raise Invalid("ファイルの形式が違います。1行も取り込んでいません。", fields=errors)
    # A row with cells missing or left over is set aside by what it lacks, not by a guess.
    return charset, [(line, dict(zip(header, (*cells, *[""] * len(header)), strict=False))) for line, cells in rows[1:]]


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    line = 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield line, cells
        line = reader.line_num + 1


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
