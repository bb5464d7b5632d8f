"""文字入力: the picker of kanji on every screen, and the pictures of their forms for screens without the font."""

import asyncio
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel
from starlette.responses import Response

from yoriai.characters import Candidate, CharacterQuery, find_characters
from yoriai.characters.radicals import list_radicals
from yoriai.documents.glyphs import draw_glyph
from yoriai.errors import Invalid, NotFound
from yoriai.web.context import Ctx
from yoriai.web.gate import Gate
from yoriai.web.render import page, wants_html

router = APIRouter(tags=["characters"])
_Text = Annotated[str, Query(max_length=40)]


class CandidateRow(BaseModel):
    """A form to choose; `glyph` is the address of its picture."""

    text: str
    code: str
    cell: str
    strokes: str
    readings: str
    is_variant: bool
    glyph: str


class CharacterList(BaseModel):
    """What fits the query: `total` characters, the first of them with their variants in `rows`."""

    rows: list[CandidateRow]
    total: int


async def _enter(request: Request, code: str) -> Ctx:
    gate: Gate = request.app.state.gate
    return await gate.enter(request, code, "")


@router.get(
    "/{code}/characters", summary="文字の検索", response_model=CharacterList, openapi_extra={"x-permission": ""}
)
async def show_characters(
    ctx: Annotated[Ctx, Depends(_enter)],
    strokes: _Text = "",
    radical: _Text = "",
    reading: _Text = "",
    character: _Text = "",
) -> Any:
    """Kanji by strokes, radical, reading, or code. Whoever is logged in may ask; nothing personal is in it, nothing is recorded.

    `character` is a code, a 面区点, or a kanji whose other forms are sought.
    """
    query = CharacterQuery(strokes, radical, reading, character)
    is_page = wants_html(ctx.request)
    try:
        found, total = ([], 0) if query.is_blank else await asyncio.to_thread(find_characters, query)
    except Invalid as error:
        if not is_page:
            raise
        return page(ctx.request, "_character_results.html", ctx, {"rows": [], "total": 0, "errors": error.fields})
    rows = [_row(candidate) for candidate in found]
    if not is_page:
        return CharacterList(rows=rows, total=total)
    values = {"rows": rows, "total": total, "errors": [], "is_blank": query.is_blank, "radicals": list_radicals()}
    return page(ctx.request, "_character_results.html", ctx, values)


@router.get("/static/glyph/{name}", include_in_schema=False)
async def get_glyph(name: str) -> Response:
    """The picture of a form, `9089.svg` or `9089-E0110.svg`. Public like the font it is from; 404 when no font has it."""
    parts = name.removesuffix(".svg").split("-")
    try:
        cluster = "".join(chr(int(part, 16)) for part in parts[:2])
    except (ValueError, OverflowError):
        raise NotFound from None
    drawn = await asyncio.to_thread(draw_glyph, cluster)
    if not drawn:
        raise NotFound
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _row(candidate: Candidate) -> CandidateRow:
    glyph = "-".join(f"{ord(one):04X}" for one in candidate.text)
    return CandidateRow(
        text=candidate.text,
        code=candidate.code,
        cell=candidate.cell,
        strokes=candidate.strokes,
        readings=candidate.readings,
        is_variant=candidate.is_variant,
        glyph=f"/static/glyph/{glyph}.svg",
    )
