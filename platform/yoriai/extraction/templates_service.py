"""ひな形: definitions saved, shared within a section or the municipality, copied, taken in from a file."""

import base64
import binascii
import json
from datetime import datetime
from typing import Any

from pydantic import BaseModel, ValidationError

from yoriai.audit import AuditEvent
from yoriai.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from yoriai.extraction.checking import check
from yoriai.extraction.definition import Definition, describe, portable
from yoriai.extraction.inputs import Composed, Saved
from yoriai.extraction.tenant_models import ExtractionTemplate
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, WriteSession

FORM = "yoriai-extraction-definition"
"""What a definition's file says it is, with its version."""
SHARING: dict[str, str] = {"own": "自分だけ", "section": "所属内", "all": "庁内"}
_LIST = """
SELECT t.template_no, t.name, t.note, t.definition::text AS definition, t.owner, t.section, t.sharing, t.copied_from, t.version,
       t.saved_at, coalesce(s.display_name, t.owner) AS owner_name
  FROM extraction_template t LEFT JOIN staff s ON s.login = t.owner
 WHERE t.deleted_at IS NULL AND (t.owner = $1 OR t.sharing = 'all' OR (t.sharing = 'section' AND t.section = $2))"""


class TemplateView(BaseModel):
    """A template as somebody who may use it sees it."""

    template_no: int
    name: str
    note: str
    owner_name: str
    section: str
    sharing: str
    sharing_label: str
    is_own: bool
    copied_from: str
    version: int
    saved_at: datetime
    definition: Definition
    words: list[str]


async def list_templates(session: Reader) -> list[TemplateView]:
    """The templates the session's principal may use: own ones first, then by name."""
    who = session.principal
    rows = await session.fetch(f"{_LIST} ORDER BY (t.owner <> $1), t.name, t.template_no", who.login, who.section)
    return [_view(row, who.login) for row in rows]


async def get_template(session: Reader, template_no: int) -> TemplateView:
    """One of them. Raises NotFound."""
    who = session.principal
    row = await session.fetchrow(f"{_LIST} AND t.template_no = $3", who.login, who.section, template_no)
    if row is None:
        raise NotFound("このひな形はないか、共有されていません。")
    return _view(row, who.login)


async def save_template(session: WriteSession, body: Composed, now: datetime) -> Saved:
    """A new template, or the next version of an own one. Raises Invalid, Conflict when somebody saved it in between."""
    check(body.definition, session.principal, now.date())
    if not body.name.strip():
        raise Invalid(fields=[FieldError("name", "ひな形の名称を入力してください。", "empty")])
    row = await _row_to_save(session, body)
    row.name, row.note, row.sharing = body.name.strip(), body.note.strip(), body.sharing
    row.definition = body.definition.model_dump(mode="json")
    row.saved_at = now
    await session.flush()
    session.audit(AuditEvent("extraction.template", f"template:{row.template_no}", detail={"sharing": row.sharing}))
    return Saved(template_no=row.template_no)


async def copy_template(session: WriteSession, template_no: int, now: datetime) -> Saved:
    """An own copy of a template one may use."""
    source = await get_template(session, template_no)
    origin = f"{source.section} {source.owner_name}「{source.name}」"
    return await _add(session, f"{source.name[:70]}（写し）", source.note, source.definition, origin, now)


async def delete_template(session: WriteSession, template_no: int, now: datetime) -> Saved:
    """Take an own template away; runs made from it keep their definition."""
    row = await session.get(ExtractionTemplate, template_no, with_for_update=True)
    if row is None or row.deleted_at or row.owner != session.principal.login:
        raise Forbidden("自分のひな形だけを消せます。")
    row.deleted_at = now
    session.audit(AuditEvent("extraction.template_deleted", f"template:{template_no}"))
    return Saved(template_no=template_no)


def to_file(name: str, note: str, definition: Definition, municipality: str) -> dict[str, Any]:
    """A definition as it may leave the municipality: no data, no typed values that could be somebody's."""
    return {
        "form": FORM,
        "version": 1,
        "name": name,
        "note": note,
        "from": municipality,
        "definition": portable(definition).model_dump(mode="json"),
    }


async def import_file(session: WriteSession, text: str, now: datetime) -> Saved:
    """Take in a definition's file as an own template. What is unknown here is told when it is opened. Raises Invalid."""
    document = _read(text)
    try:
        definition = Definition.model_validate(document.get("definition"))
    except ValidationError as error:
        places = [
            FieldError("file", f"definition.{'.'.join(map(str, e['loc']))}: 読めません。", "form")
            for e in error.errors()
        ]
        raise Invalid("定義ファイルの内容に誤りがあります。", fields=places) from None
    name = str(document.get("name") or "取り込んだ定義")[:80]
    return await _add(
        session,
        name,
        str(document.get("note") or "")[:400],
        definition,
        str(document.get("from") or "ファイル")[:80],
        now,
    )


async def add_from_shelf(
    session: WriteSession, name: str, note: str, definition: Definition, origin: str, now: datetime
) -> Saved:
    """An own template of a definition on the shared shelf."""
    return await _add(session, name, note, definition, origin, now)


def _read(text: str) -> dict[str, Any]:
    raw = text.strip()
    if not raw.startswith("{"):
        try:
            raw = base64.b64decode(raw, validate=True).decode("utf-8-sig")
        except (binascii.Error, ValueError):
            raise Invalid(fields=[FieldError("file", "定義ファイルとして読めません。", "form")]) from None
    try:
        document = json.loads(raw)
    except (ValueError, RecursionError):
        raise Invalid(fields=[FieldError("file", "定義ファイル（JSON）として読めません。", "form")]) from None
    if not isinstance(document, dict) or document.get("form") != FORM or document.get("version") != 1:
        raise Invalid(fields=[FieldError("file", "データ抽出の定義ファイルではないか、版が違います。", "form")])
    return document


async def _row_to_save(session: WriteSession, body: Composed) -> ExtractionTemplate:
    if body.template_no is None:
        return await _new(session, "")
    row = await session.get(ExtractionTemplate, body.template_no, with_for_update=True)
    if row is None or row.deleted_at or row.owner != session.principal.login:
        raise Forbidden("自分のひな形だけを直せます。写しを作ってから直してください。")
    if body.version != row.version:
        raise Conflict
    row.version += 1
    return row


async def _add(
    session: WriteSession, name: str, note: str, definition: Definition, origin: str, now: datetime
) -> Saved:
    row = await _new(session, origin)
    row.name, row.note, row.sharing, row.saved_at = name, note, "own", now
    row.definition = definition.model_dump(mode="json")
    await session.flush()
    session.audit(AuditEvent("extraction.template", f"template:{row.template_no}", detail={"from": origin}))
    return Saved(template_no=row.template_no)


async def _new(session: WriteSession, origin: str) -> ExtractionTemplate:
    who = session.principal
    row = ExtractionTemplate(
        template_no=await allocate(session, "extraction_template"),
        owner=who.login,
        section=who.section,
        copied_from=origin,
        version=1,
    )
    session.add(row)
    return row


def _view(row: Any, login: str) -> TemplateView:
    definition = Definition.model_validate_json(row["definition"])
    values = {
        key: row[key]
        for key in ("template_no", "name", "note", "owner_name", "section", "sharing", "version", "saved_at")
    }
    return TemplateView(
        **values,
        sharing_label=SHARING[row["sharing"]],
        is_own=row["owner"] == login,
        copied_from=row["copied_from"],
        definition=definition,
        words=list(describe(definition)),
    )


def file_text(document: dict[str, Any]) -> str:
    """The text of a definition's file."""
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"
