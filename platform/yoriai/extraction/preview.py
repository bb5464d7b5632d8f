"""The first rows of a definition and how many there would be, at once, on a counter's reading connection with a short time-out."""

from datetime import date
from typing import Any

import asyncpg
import polars as pl
from pydantic import BaseModel

from yoriai.audit import AuditEvent
from yoriai.errors import Invalid
from yoriai.extraction.catalogue import find_veil
from yoriai.extraction.checking import check
from yoriai.extraction.definition import Definition
from yoriai.extraction.formats import headings, shown
from yoriai.extraction.statement import compile_statement
from yoriai.extraction.views import Kind
from yoriai.tenancy.session import Reader

ROWS = 20
SECONDS = 5
_SEALED = "（承認後に出力）"
_TIMEOUT = "SELECT set_config('statement_timeout', $1, true), set_config('max_parallel_workers_per_gather', '0', true)"


class Preview(BaseModel):
    """The first rows as they would be in the file; `found` of all rows, `masked` of them with hidden places."""

    headings: list[str]
    rows: list[list[Any]]
    found: int
    masked: int


async def preview(session: Reader, definition: Definition, today: date) -> Preview:
    """Check and try a definition. People shown are audited one by one. Raises Invalid, also for what takes too long."""
    check(definition, session.principal, today)
    veil = find_veil()
    statement = compile_statement(definition, veil, definition.day(today))
    try:
        await session.fetchval(_TIMEOUT, f"{SECONDS}s")
        counted = await session.fetchrow(statement.counting(), *statement.arguments)
        rows = await session.fetch(f"{statement.sql} LIMIT {ROWS:d}", *statement.arguments)
    except asyncpg.QueryCanceledError:
        message = f"{SECONDS}秒以内に数えられませんでした。条件を絞るか、プレビューせずに実行を申し込んでください。"
        raise Invalid(message) from None
    names = [*(column.name for column in statement.columns), *statement.persons]
    values = [dict(row) for row in rows]
    for row in values:
        for column in statement.columns:
            if column.item and column.item.kind is Kind.SEALED:
                row[column.name] = _SEALED if row[column.name] else None
    seen = sorted({row[name] for row in values for name in statement.persons if row[name] is not None})
    for person in seen:
        session.audit(AuditEvent("extraction.view", f"addressee:{person}", detail={"as": "preview"}))
    session.audit(AuditEvent("extraction.preview", detail={"definition": definition.model_dump(mode="json")}))
    frame = pl.DataFrame(values, infer_schema_length=None) if values else pl.DataFrame({name: [] for name in names})
    found = dict(counted) if counted else {"found": 0, "masked": 0}
    listed = shown(frame, statement.columns, veil.text if veil else "")
    return Preview(headings=headings(statement.columns), rows=[list(row) for row in listed.rows()], **found)
