"""A municipality's own availability: its own rows, as row security shows them."""

import asyncio
from typing import Any

from yoriai.availability.pages import AvailabilityPage, make_page
from yoriai.availability.reads import month_of, read_month
from yoriai.availability.report import print_report
from yoriai.availability.rules import MeasuringRules
from yoriai.web import Ctx
from yoriai.web.files import attachment
from yoriai.web.render import wants_html
from yoriai.web.router import BusinessRouter

router = BusinessRouter("availability")


@router.get("/", permission="availability.view", summary="自団体の稼働率", screen="availability/month.html")
async def show_own_month(ctx: Ctx, month: str = "") -> AvailabilityPage:
    """The month of the municipality."""
    return await _page(ctx, month)


@router.get("/report", permission="availability.view", summary="自団体の稼働率報告")
async def get_own_report(ctx: Ctx, month: str = "") -> Any:
    """The month as PDF for a browser and as its facts in JSON."""
    page = await _page(ctx, month)
    if not wants_html(ctx.request) and "application/pdf" not in ctx.request.headers.get("accept", ""):
        return page
    practice = ctx.request.app.state.settings.practice
    pdf = await asyncio.to_thread(print_report, page, ctx.config.name, ctx.now, practice=practice)
    return attachment(pdf, f"稼働率報告_{page.month}.pdf", "application/pdf", inline=True)


async def _page(ctx: Ctx, month: str) -> AvailabilityPage:
    rules = MeasuringRules.of(ctx.request.app.state.gate.deployment.document)
    first = month_of(month, ctx.now)
    async with ctx.read_own_rows() as session:
        found = await read_month(session, [ctx.config], rules, first, ctx.now, ctx.tenant.code)
    return make_page(found, {ctx.tenant.code: ctx.config.name}, is_center=False)
