"""The characters of the register: which cannot be printed as written, and handing names over in fewer characters (縮退).

Both read the register in pieces, so that a counter never waits for them. The originals are never changed: what a receiver got is
kept beside them, character by character, and the folded copies for searching are a third thing (`folding.py`).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import insert

from modules.resident.basic_register.character_models import CharacterExport, CharacterReplacement
from modules.resident.basic_register.protections.masking import Veil, find_veil
from yoriai.audit import AuditEvent
from yoriai.characters import REPERTOIRES, shrink
from yoriai.documents.glyphs import can_print, clusters
from yoriai.errors import FieldError, Invalid
from yoriai.numbering import allocate
from yoriai.tenancy.session import Reader, Record, WriteSession

ITEMS: Mapping[str, str] = {
    "name": "氏名",
    "alias": "通称",
    "former_surname": "旧氏",
    "address": "住所",
    "building": "方書",
    "registered_domicile": "本籍",
    "family_register_head": "筆頭者",
    "previous_address": "転入前住所",
    "destination": "転出先",
}
_PLACES = frozenset({"address", "building", "registered_domicile", "previous_address", "destination"})
HANDED_OVER: Mapping[str, str] = {
    "name": "氏名",
    "alias": "通称",
    "former_surname": "旧氏",
    "address": "住所",
    "building": "方書",
}
_PIECE = 4_000
_TEXTS = f"""
SELECT addressee_no, {", ".join(ITEMS)} FROM resident_record
 WHERE superseded_at IS NULL AND valid_to = '9999-12-31' AND addressee_no > $1 ORDER BY addressee_no LIMIT $2"""  # noqa: S608
_RESIDENTS = """
SELECT r.addressee_no, r.name, r.name_kana, r.alias, r.former_surname, r.birth_date, r.sex, r.postcode, r.address, r.building
  FROM resident_record r
 WHERE r.superseded_at IS NULL AND r.valid_to = '9999-12-31' AND r.status <> 'removed' AND r.addressee_no > $1
   AND ($3::text IS NULL OR (r.town_code = $3 AND NOT EXISTS (
         SELECT FROM fact_hidden_person h WHERE h.addressee_no = r.addressee_no))) ORDER BY r.addressee_no LIMIT $2"""
_EXPORTS = """
SELECT e.export_no, e.repertoire, e.receiver, e.purpose, e.persons, e.made_at, coalesce(s.display_name, e.staff_id) AS staff,
       (SELECT count(*) FROM character_replacement r WHERE r.export_no = e.export_no) AS replaced
  FROM character_export e LEFT JOIN staff s ON s.login = e.staff_id ORDER BY e.export_no DESC LIMIT 100"""
_REPLACED = """
SELECT addressee_no, item, place, original_text, shrunk_text, original, replaced_by, ground FROM character_replacement
 WHERE export_no = $1 ORDER BY addressee_no, item, place"""
_TOWN = "SELECT town_code FROM town WHERE town_code = $1 OR name = $1 ORDER BY town_code LIMIT 2"


class MissingRow(BaseModel):
    """A text of the register that would not print as written: the character, its code, and whether the ordinary form prints."""

    addressee_no: int
    item: str
    text: str
    character: str
    code: str
    is_variant: bool
    name: str
    href: str


class ExportRow(BaseModel):
    """An export that was made."""

    export_no: int
    repertoire: str
    receiver: str
    purpose: str
    persons: int
    replaced: int
    made_at: datetime
    staff: str
    href: str


class CharacterPage(BaseModel):
    """What was handed over so far, and the form for more."""

    exports: list[ExportRow]
    repertoires: list[tuple[str, str]]
    initial: dict[str, Any] = {}


class ReplacementRow(BaseModel):
    """A line of the 変換一覧."""

    addressee_no: int
    item: str
    place: int
    original_text: str
    shrunk_text: str
    original: str
    code: str
    replaced_by: str
    ground: str


class ExportBody(BaseModel):
    """Names for a receiver that knows fewer characters."""

    repertoire: str = Field(max_length=20, title="受け手の文字集合")
    receiver: str = Field(min_length=1, max_length=100, title="提供先")
    purpose: str = Field(min_length=1, max_length=200, title="利用目的")
    town_code: str = Field(default="", max_length=50, title="町字")


@dataclass(frozen=True)
class Handover:
    """An export: the rows in the receiver's characters, and what was replaced for them."""

    export_no: int
    rows: Sequence[Sequence[str]]
    replacements: Sequence[ReplacementRow]


async def list_missing_characters(session: Reader, base: str) -> list[MissingRow]:
    """Every name and address of the current register with a character or variant the fonts of names cannot print.

    Audited. Places of whose address is hidden are left out for who may not see them.
    """
    found: list[MissingRow] = []
    async for rows in _pieces(session, _TEXTS):
        hits = await asyncio.to_thread(_missing_in, rows)
        veil = await find_veil(session, {row["addressee_no"] for row, _, _ in hits}, "characters") if hits else Veil()
        for row, item, character in hits:
            number = row["addressee_no"]
            if number in veil.concealed or (item in _PLACES and veil.covers(number)):
                continue
            found.append(
                MissingRow(
                    addressee_no=number,
                    item=ITEMS[item],
                    text=row[item],
                    character=character,
                    code=" ".join(f"U+{ord(part):04X}" for part in character),
                    is_variant=len(character) > 1 and can_print(character[0]),
                    name=row["name"],
                    href=f"{base}/persons/{number}",
                )
            )
    session.audit(AuditEvent("character.missing", detail={"rows": len(found)}))
    return found


async def list_exports(session: Reader, base: str) -> CharacterPage:
    """The exports, newest first."""
    rows = [
        ExportRow(
            export_no=row["export_no"],
            repertoire=REPERTOIRES[row["repertoire"]].label,
            receiver=row["receiver"],
            purpose=row["purpose"],
            persons=row["persons"],
            replaced=row["replaced"],
            made_at=row["made_at"],
            staff=row["staff"],
            href=f"{base}/characters/exports/{row['export_no']}",
        )
        for row in await session.fetch(_EXPORTS)
    ]
    repertoires = [(code, repertoire.label) for code, repertoire in REPERTOIRES.items()]
    return CharacterPage(exports=rows, repertoires=repertoires)


async def list_replacements(session: Reader, export_no: int) -> list[ReplacementRow]:
    """The 変換一覧 of an export as it was made. Audited. Places of hidden people are left out for who may not see them."""
    rows = await session.fetch(_REPLACED, export_no)
    veil = await find_veil(session, {row["addressee_no"] for row in rows}, "characters")
    session.audit(AuditEvent("character.replacements", f"export:{export_no}", detail={"rows": len(rows)}))
    return [
        _to_row(dict(row))
        for row in rows
        if row["addressee_no"] not in veil.concealed
        and not (row["item"] in _PLACES and veil.covers(row["addressee_no"]))
    ]


async def export_shrunk(session: WriteSession, body: ExportBody, now: datetime) -> Handover:
    """Write the residents (of a 町字, or all) in the receiver's characters and keep what was replaced. Raises Invalid.

    Whoever is hidden is handed over without an address, whatever the clerk may see. Audited with the purpose.
    """
    town = await _check(session, body)
    number = await allocate(session, "character_export")
    lines: list[Sequence[str]] = []
    replaced: list[dict[str, Any]] = []
    async for rows in _pieces(session, _RESIDENTS, town):
        hidden = {
            row["addressee_no"]
            for row in await session.fetch(
                "SELECT addressee_no FROM fact_hidden_person WHERE addressee_no = ANY($1::bigint[])",
                [row["addressee_no"] for row in rows],
            )
        }
        written, changes = await asyncio.to_thread(_shrunk, rows, body.repertoire, hidden)
        lines += written
        replaced += changes
    session.add(
        CharacterExport(
            export_no=number,
            repertoire=body.repertoire,
            receiver=body.receiver.strip(),
            purpose=body.purpose.strip(),
            town_code=town,
            persons=len(lines),
            made_at=now,
            staff_id=session.principal.login,
        )
    )
    await session.flush()
    if replaced:
        await session.execute(insert(CharacterReplacement), [{"export_no": number, **row} for row in replaced])
    detail = {"receiver": body.receiver, "persons": len(lines), "replaced": len(replaced), "town_code": town}
    session.audit(AuditEvent("character.export", f"export:{number}", body.purpose, detail))
    return Handover(number, lines, [_to_row(row) for row in replaced])


async def _check(session: WriteSession, body: ExportBody) -> str | None:
    errors = []
    if body.repertoire not in REPERTOIRES:
        errors.append(FieldError("repertoire", "受け手の文字集合を一覧から選んでください。", "repertoire"))
    towns = await session.fetch(_TOWN, body.town_code.strip()) if body.town_code.strip() else []
    if body.town_code.strip() and len(towns) != 1:
        errors.append(FieldError("town_code", "この町字はありません。町字の名前かコードを入力してください。", "town"))
    if errors:
        raise Invalid(fields=errors)
    return towns[0]["town_code"] if towns else None


async def _pieces(session: Reader, statement: str, *arguments: object) -> AsyncIterator[Sequence[Record]]:
    after = 0
    while rows := await session.fetch(statement, after, _PIECE, *arguments):
        yield rows
        after = rows[-1]["addressee_no"]


def _missing_in(rows: Sequence[Record]) -> list[tuple[Record, str, str]]:
    """Which texts have what the fonts lack. Each character is asked about once, however often it stands in the piece."""
    judged: dict[str, bool] = {}
    found = []
    for row in rows:
        for item in ITEMS:
            for character in dict.fromkeys(clusters(row[item])) if row[item] else ():
                if character not in judged:
                    judged[character] = can_print(character)
                if not judged[character]:
                    found.append((row, item, character))
    return found


def _shrunk(
    rows: Sequence[Record], repertoire: str, hidden: set[int]
) -> tuple[list[Sequence[str]], list[dict[str, Any]]]:
    lines: list[Sequence[str]] = []
    changes: list[dict[str, Any]] = []
    for row in rows:
        texts: dict[str, str] = {}
        for item in HANDED_OVER:
            original = "" if item in _PLACES and row["addressee_no"] in hidden else row[item] or ""
            shrunk = shrink(original, repertoire)
            texts[item] = shrunk.text
            changes += [
                {
                    "addressee_no": row["addressee_no"],
                    "item": item,
                    "place": one.place,
                    "original_text": original,
                    "shrunk_text": shrunk.text,
                    "original": one.original,
                    "replaced_by": one.replaced_by,
                    "ground": one.ground,
                }
                for one in shrunk.replacements
            ]
        lines.append(
            (
                str(row["addressee_no"]), texts["name"], row["name_kana"], texts["alias"], texts["former_surname"],
                row["birth_date"].isoformat(), row["sex"], texts["address"], texts["building"],
            )
        )  # fmt: skip
    return lines, changes


def _to_row(row: Mapping[str, Any]) -> ReplacementRow:
    code = " ".join(f"U+{ord(part):04X}" for part in row["original"])
    return ReplacementRow(**{**row, "item": ITEMS[row["item"]], "code": code})
