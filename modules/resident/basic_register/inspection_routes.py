"""住民基本台帳の閲覧: requests and the lists made for them."""

from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.documents import print_inspection
from modules.resident.basic_register.inspection import InspectionBody, InspectionView, get_print, inspect, list_requests
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.reads.forms import TownOption, list_towns
from yoriai.web import Ctx, form_or_json
from yoriai.web.documents import Document, document

_BODY = form_or_json(InspectionBody)
_INSPECT = "resident.inspection"
_SCREEN = "resident/inspections.html"


class InspectionPage(BaseModel):
    """The requests, the list just made, the 町字 to choose from."""

    view: InspectionView
    towns: list[TownOption]
    initial: dict[str, Any]


async def _blank(ctx: Ctx) -> InspectionPage:
    async with ctx.read() as session:
        view = InspectionView(requests=await list_requests(session), people=[])
        return InspectionPage(view=view, towns=await list_towns(session), initial={"article": "11-2"})


@router.get("/inspections", permission=_INSPECT, summary="住民基本台帳の閲覧", screen=_SCREEN)
async def show_inspections(ctx: Ctx) -> InspectionPage:
    """The requests answered so far, and the form of another."""
    return await _blank(ctx)


@document(router, "/inspections/{inspection_no}/pdf", permission=_INSPECT, summary="閲覧リストの印刷")
async def print_list(ctx: Ctx, inspection_no: int) -> Document:
    """The list for the place of inspection, made anew; everybody in it is audited."""
    async with ctx.read() as session:
        made = await get_print(session, inspection_no)
    practice, now, place = ctx.request.app.state.settings.practice, ctx.now, ctx.config.full_name
    return Document(
        lambda: print_inspection(made, place=place, made_at=now, practice=practice),
        f"住民基本台帳閲覧リスト_{inspection_no}",
        f"inspection:{inspection_no}",
    )


@router.post("/inspections", permission=_INSPECT, summary="閲覧リストの作成", screen=_SCREEN, again=_blank)
async def make_inspection(ctx: Ctx, body: InspectionBody = _BODY) -> InspectionPage:
    """Make a list without anybody protected and keep who asked for what; everybody in it is audited."""
    async with ctx.write() as session:
        view = await inspect(session, body, ctx.now)
        return InspectionPage(view=view, towns=await list_towns(session), initial=body.model_dump())
