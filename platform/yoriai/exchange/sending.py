"""Files for other systems (COM-064): a data set as a whole, or what has changed since the file before, each with its manifest."""

import asyncio
import csv
import hashlib
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, Unavailable
from yoriai.exchange.area import OUT, Area
from yoriai.exchange.changes import list_changes, people_of, read_rows, refresh
from yoriai.exchange.data_sets import DataSet
from yoriai.exchange.manifests import ENDING
from yoriai.numbering import allocate
from yoriai.tenancy.session import WriteSession

CHARSET = "UTF-8"
CHANGE, STANDING = "変更番号", "更新区分"
CHANGED, GONE = "1", "9"
_MASKED = "支援措置による秘匿"
_BATCH = 5_000
_LAST = """
SELECT to_change FROM exchange_file WHERE data_set = $1 AND kind IN ('full', 'difference') ORDER BY file_no DESC LIMIT 1"""
_SAVE = """
INSERT INTO exchange_file (file_no, kind, data_set, path, charset, size, rows, gone, sha256, from_change, to_change, made_at,
                           staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING file_no"""


@dataclass(frozen=True)
class Sent:
    """A file that lies in the area with its manifest beside it."""

    file_no: int
    kind: str
    data_set: str
    path: str
    rows: int
    gone: int
    sha256: str
    from_change: int
    to_change: int


async def send(session: WriteSession, area: Area, data_set: DataSet, kind: str, now: datetime, purpose: str) -> Sent:
    """Make a `full` or a `difference` file and lay it into the area. Everybody in it is audited before.

    The manifest (JSON: counts, SHA-256, character set, columns) is laid there last: a file without one is not finished. Raises
    Conflict for a difference before the first full file, Unavailable where the area does not answer; then nothing is recorded.
    """
    highest = await refresh(session, data_set, now)
    last = await session.fetchval(_LAST, data_set.name)
    if kind == "difference" and last is None:
        raise Conflict("最初に全件のファイルを作ってください。差分は前のファイルからの変更です。")
    since = int(last) if kind == "difference" else 0
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([CHANGE, STANDING, _MASKED, *(item.label for item in data_set.items)])
    rows = gone = 0
    at = since
    while changes := await list_changes(session, data_set, at, highest, _BATCH):
        at = changes[-1]["change_no"]
        numbers = sorted({change["number"] for change in changes})
        published = await read_rows(session, data_set, numbers, now.date())
        people = people_of(numbers, published)
        detail = {"persons": people, "count": len(people), "file": kind}
        session.audit(AuditEvent("exchange.view", f"data_set:{data_set.name}", purpose, detail))
        for cells in _lines(data_set, changes, published, is_full=kind == "full"):
            writer.writerow(cells)
            rows += cells[1] == CHANGED
            gone += cells[1] == GONE
    content = text.getvalue().encode(CHARSET)
    digest = hashlib.sha256(content).hexdigest()
    number = await allocate(session, "exchange_file")
    path = f"{OUT}/{data_set.name}/{now:%Y%m%dT%H%M%S}-{number:06d}-{kind}.csv"
    sent = Sent(number, kind, data_set.name, path, rows, gone, digest, since, highest)
    session.audit(AuditEvent("exchange.send", f"exchange_file:{number}", purpose, manifest(sent, data_set, now)))
    await session.fetch(
        _SAVE,
        *(number, kind, data_set.name, path, CHARSET, len(content), rows, gone, digest, since, highest, now),
        session.principal.login,
    )
    await session.flush()
    described = json.dumps(manifest(sent, data_set, now), ensure_ascii=False, indent=1).encode()
    await asyncio.to_thread(area.put, path, content)
    try:
        await asyncio.to_thread(area.put, f"{path}{ENDING}", described)
    except Unavailable:
        # What is not recorded must not lie there for others.
        with suppress(Unavailable):
            await asyncio.to_thread(area.remove, path)
        raise
    return sent


def manifest(sent: Sent, data_set: DataSet, now: datetime) -> dict[str, Any]:
    """What a receiver has to know to check the file."""
    return {
        "data_set": sent.data_set,
        "label": data_set.label,
        "kind": sent.kind,
        "file": sent.path.rpartition("/")[2],
        "rows": sent.rows,
        "gone": sent.gone,
        "sha256": sent.sha256,
        "charset": CHARSET,
        "from_change": sent.from_change,
        "to_change": sent.to_change,
        "key": [item.label for item in data_set.items if item.key in data_set.key],
        "columns": [CHANGE, STANDING, _MASKED, *(item.label for item in data_set.items)],
        "made_at": now.isoformat(),
    }


def _lines(
    data_set: DataSet, changes: Sequence[Mapping[str, Any]], published: Mapping[str, Any], *, is_full: bool
) -> Iterator[list[Any]]:
    """The cells of each row; of one that is no more the key only, and in a full file nothing."""
    for change in changes:
        found = None if change["is_gone"] else published.get(change["key"])
        if found:
            cells = [_cell(found["values"][item.key]) for item in data_set.items]
            yield [change["change_no"], CHANGED, "1" if found["is_masked"] else "0", *cells]
        elif not is_full:
            parts = dict(zip(data_set.key, change["key"].split(":"), strict=False))
            yield [change["change_no"], GONE, "0", *(parts.get(item.key, "") for item in data_set.items)]


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "1" if value else "0"
    return "" if value is None else value
