"""文字の点検: characters outside the fonts, and names handed over in fewer characters with the 変換一覧."""

import io
import zipfile
from typing import Any

from modules.resident.basic_register import character_check
from modules.resident.basic_register.character_check import (
    CharacterPage,
    ExportBody,
    Handover,
    MissingRow,
    ReplacementRow,
)
from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from yoriai.characters import REPERTOIRES
from yoriai.csv_text import csv_text
from yoriai.web import Ctx, form_or_json
from yoriai.web.files import attachment, csv_response
from yoriai.web.render import wants_html

_BODY = form_or_json(ExportBody)
_MAY = "resident.characters"
_SCREEN = "resident/characters.html"
_HEAD = ("宛名番号", "氏名", "フリガナ", "通称", "旧氏", "生年月日", "性別", "住所", "方書")
_REPLACED_HEAD = (
    "宛名番号",
    "項目",
    "位置",
    "元の文字列",
    "縮退後の文字列",
    "元の文字",
    "コード",
    "縮退後の文字",
    "根拠",
)
_MISSING_HEAD = ("宛名番号", "氏名", "項目", "文字列", "文字", "コード", "印刷される形")


@router.get("/characters", permission=_MAY, summary="文字の点検", screen=_SCREEN)
async def show_characters(ctx: Ctx) -> CharacterPage:
    """What was handed over so far, and where to check the register."""
    return await _again(ctx)


async def _again(ctx: Ctx) -> CharacterPage:
    async with ctx.read() as session:
        return await character_check.list_exports(session, base_of(ctx))


@router.get(
    "/characters/missing",
    permission=_MAY,
    summary="フォントにない文字の一覧",
    screen="resident/characters_missing.html",
)
async def show_missing(ctx: Ctx) -> list[MissingRow]:
    """Names and addresses of the whole register that would not print as they are written. Audited."""
    async with ctx.read() as session:
        return await character_check.list_missing_characters(session, base_of(ctx))


@router.get("/characters/missing.csv", permission=_MAY, summary="フォントにない文字の一覧（CSV）")
async def download_missing(ctx: Ctx) -> Any:
    """The same list for a spreadsheet. Audited."""
    async with ctx.read() as session:
        rows = await character_check.list_missing_characters(session, base_of(ctx))
    lines = [
        (
            row.addressee_no,
            row.name,
            row.item,
            row.text,
            row.character,
            row.code,
            "標準の字形" if row.is_variant else "印刷できない",
        )
        for row in rows
    ]
    return csv_response("フォントにない文字", _MISSING_HEAD, lines)


@router.post("/characters/exports", permission=_MAY, summary="縮退した氏名・住所の作成", screen=_SCREEN, again=_again)
async def make_export(ctx: Ctx, body: ExportBody = _BODY) -> Any:
    """A ZIP with the rows in the receiver's characters and the 変換一覧; for JSON the rows themselves. Audited with the purpose."""
    async with ctx.write() as session:
        made = await character_check.export_shrunk(session, body, ctx.now)
    if not wants_html(ctx.request) and "application/zip" not in ctx.request.headers.get("accept", ""):
        rows = [dict(zip(_HEAD, row, strict=True)) for row in made.rows]
        return {
            "export_no": made.export_no,
            "rows": rows,
            "replacements": [row.model_dump() for row in made.replacements],
        }
    content = _zipped(made, REPERTOIRES[body.repertoire].codec)
    return attachment(content, f"縮退_{made.export_no}.zip", "application/zip")


@router.get(
    "/characters/exports/{export_no}",
    permission=_MAY,
    summary="縮退の変換一覧",
    screen="resident/characters_export.html",
)
async def show_replacements(ctx: Ctx, export_no: int) -> list[ReplacementRow]:
    """Each character that was replaced in an export, as it was made. Audited."""
    async with ctx.read() as session:
        return await character_check.list_replacements(session, export_no)


def _zipped(made: Handover, codec: str) -> bytes:
    """The rows in the receiver's own encoding, the list of replacements in UTF-8: it has the originals."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("住民.csv", csv_text(_HEAD, made.rows).encode(codec))
        lines = [
            (
                row.addressee_no,
                row.item,
                row.place,
                row.original_text,
                row.shrunk_text,
                row.original,
                row.code,
                row.replaced_by,
                row.ground,
            )
            for row in made.replacements
        ]
        archive.writestr("変換一覧.csv", csv_text(_REPLACED_HEAD, lines).encode("utf-8-sig"))
    return packed.getvalue()
