"""The shared shelf at the centre: municipalities leave definitions for each other, never data.

Row security keeps it: a municipality's role adds and takes back rows of its own code and reads all; it can change none.
"""

import json
from datetime import datetime

from pydantic import BaseModel

from yoriai.audit import AuditEvent
from yoriai.errors import Forbidden, NotFound
from yoriai.extraction.definition import Definition, describe
from yoriai.tenancy.session import Reader, WriteSession

_LIST = """
SELECT shelf_no, code, municipality, name, note, definition::text AS definition, published_at FROM extraction_shelf
 ORDER BY published_at DESC, shelf_no DESC LIMIT 500"""
_ONE = """
SELECT shelf_no, code, municipality, name, note, definition::text AS definition, published_at FROM extraction_shelf
 WHERE shelf_no = $1"""
_ADD = """
INSERT INTO extraction_shelf (code, municipality, name, note, definition, published_at)
VALUES ($1, $2, $3, $4, $5::jsonb, $6) RETURNING shelf_no"""
_TAKE = "DELETE FROM extraction_shelf WHERE shelf_no = $1 RETURNING shelf_no"


class Shelved(BaseModel):
    """A definition on the shelf."""

    shelf_no: int
    code: str
    municipality: str
    name: str
    note: str
    published_at: datetime
    definition: Definition
    words: list[str]


async def list_shelf(session: Reader) -> list[Shelved]:
    """What is on the shelf, the newest first. The session is one on the municipality's own rows."""
    return [_shelved(dict(row)) for row in await session.fetch(_LIST)]


async def get_shelved(session: Reader, shelf_no: int) -> Shelved:
    """One of it. Raises NotFound."""
    row = await session.fetchrow(_ONE, shelf_no)
    if row is None:
        raise NotFound("この定義は棚にありません。")
    return _shelved(dict(row))


async def publish(
    session: WriteSession, code: str, municipality: str, name: str, note: str, definition: Definition, now: datetime
) -> int:
    """Put a `portable` definition on the shelf; its number."""
    text = json.dumps(definition.model_dump(mode="json"), ensure_ascii=False)
    number: int = await session.fetchval(_ADD, code, municipality, name, note, text, now)
    session.audit(AuditEvent("extraction.publish", f"shelf:{number}", detail={"definition": json.loads(text)}))
    return number


async def withdraw(session: WriteSession, shelf_no: int) -> int:
    """Take an own definition back. Raises Forbidden for somebody else's: the database does not even find it."""
    number: int | None = await session.fetchval(_TAKE, shelf_no)
    if number is None:
        raise Forbidden("自分の団体が公開した定義だけを下げられます。")
    session.audit(AuditEvent("extraction.withdraw", f"shelf:{shelf_no}"))
    return number


def _shelved(row: dict[str, object]) -> Shelved:
    definition = Definition.model_validate_json(str(row.pop("definition")))
    return Shelved.model_validate({**row, "definition": definition, "words": list(describe(definition))})
