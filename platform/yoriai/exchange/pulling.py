"""The pull API (COM-062): a system account takes the changes of a data set it has a scope for, page by page."""

from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from yoriai.audit import AuditEvent
from yoriai.errors import Forbidden
from yoriai.exchange.changes import list_changes, people_of, read_rows, refresh
from yoriai.exchange.data_sets import DataSet, all_data_sets
from yoriai.tenancy.session import Reader, WriteSession

MOST_ROWS = 2_000
_FRESH = timedelta(seconds=30)
"""How old the comparison with what is published may be: several pages of one pull need no new one."""
_SCOPES = "SELECT data_set, purpose FROM exchange_scope WHERE login = $1 AND revoked_at IS NULL ORDER BY data_set"


class Row(BaseModel):
    """A row and its last change. One that is no more has no values; of a protected person places are null."""

    key: str
    change_no: int
    is_gone: bool
    is_masked: bool
    values: dict[str, Any] | None


class Page(BaseModel):
    """Changes above `since`; ask again with `next` while `has_more`, and later with the same to get what came after."""

    data_set: str
    since: int
    next: int
    has_more: bool
    as_of: datetime
    rows: list[Row]


class Offered(BaseModel):
    """A data set the account may pull."""

    name: str
    label: str
    purpose: str
    key: list[str]
    row_schema: dict[str, Any]


async def list_offered(session: Reader) -> list[Offered]:
    """What the caller may pull, with the JSON Schema of the rows."""
    known = all_data_sets()
    scopes = [row for row in await session.fetch(_SCOPES, session.principal.login) if row["data_set"] in known]
    return [
        Offered(
            name=row["data_set"],
            label=known[row["data_set"]].label,
            purpose=row["purpose"],
            key=list(known[row["data_set"]].key),
            row_schema=known[row["data_set"]].row_schema(),
        )
        for row in scopes
    ]


async def pull(session: WriteSession, data_set: DataSet, since: int, limit: int, now: datetime) -> Page:
    """A page of changes; whoever is in it is audited with the purpose of the scope. Raises Forbidden without one."""
    scopes = {row["data_set"]: row["purpose"] for row in await session.fetch(_SCOPES, session.principal.login)}
    if data_set.name not in scopes:
        raise Forbidden("このデータを取得する許可がありません。")
    highest = await refresh(session, data_set, now, not_before=_FRESH)
    changes = await list_changes(session, data_set, since, highest, limit)
    numbers = sorted({change["number"] for change in changes})
    published = await read_rows(session, data_set, numbers, now.date())
    rows = []
    for change in changes:
        found = None if change["is_gone"] else published.get(change["key"])
        rows.append(
            Row(
                key=change["key"],
                change_no=change["change_no"],
                is_gone=found is None,
                is_masked=bool(found and found["is_masked"]),
                values=found["values"] if found else None,
            )
        )
    last = rows[-1].change_no if rows else max(since, 0)
    detail = {"persons": people_of(numbers, published), "count": len(rows), "since": since, "next": last}
    session.audit(AuditEvent("exchange.view", f"data_set:{data_set.name}", scopes[data_set.name], detail))
    return Page(data_set=data_set.name, since=since, next=last, has_more=last < highest, as_of=now, rows=rows)
