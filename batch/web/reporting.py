"""The morning report as a PDF file, for the centre and for each municipality."""

import asyncio
from typing import Any

from batch.documents.report import print_report, report_of_center, report_of_municipality
from batch.reads.nights import Night, read_names
from batch.web.board import any_night
from batch.web.routers import center, own
from yoriai.errors import NotFound
from yoriai.web import Ctx
from yoriai.web.context import CenterCtx
from yoriai.web.files import attachment
from yoriai.web.render import wants_html


@center.get("/report", permission="batch.view", summary="日次運用報告")
async def get_report(ctx: CenterCtx, night: str = "", municipality: str = "") -> Any:
    """The report of a night, as PDF for a browser and as its facts in JSON; of one municipality when its code is given."""
    async with ctx.read() as session:
        found = await any_night(session, night)
        if municipality:
            names = await read_names(session)
            if municipality not in names:
                raise NotFound(f"団体コード{municipality}の団体はありません。")
            data = await report_of_municipality(session, found, municipality, names[municipality], ctx.now)
        else:
            data = await report_of_center(session, found, ctx.now)
    return await _answer(ctx, found, data)


@own.get("/report", permission="batch.view", summary="自団体の日次運用報告")
async def get_own_report(ctx: Ctx, night: str = "") -> Any:
    """The report of the municipality's own night."""
    async with ctx.read_own_rows() as session:
        found = await any_night(session, night)
        data = await report_of_municipality(session, found, ctx.tenant.code, ctx.config.name, ctx.now)
    return await _answer(ctx, found, data)


async def _answer(ctx: Ctx | CenterCtx, night: Night, data: dict[str, Any]) -> Any:
    if not wants_html(ctx.request) and "application/pdf" not in ctx.request.headers.get("accept", ""):
        return data
    practice = ctx.request.app.state.settings.practice
    pdf = await asyncio.to_thread(print_report, data, made_at=ctx.now, practice=practice)
    return attachment(pdf, f"日次運用報告_{night.night_key}.pdf", "application/pdf", inline=True)
