"""The shared centre's screens: the month of all municipalities, announced stops, causes of outages."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yoriai.availability.acts import CauseEntry, Recorded, StopEntry, Withdrawal, announce, note_cause, withdraw
from yoriai.availability.pages import AvailabilityPage, make_page, stop_row
from yoriai.availability.reads import Stop, month_of, read_month
from yoriai.availability.report import print_report
from yoriai.availability.rules import MeasuringRules
from yoriai.availability.states import Cause
from yoriai.errors import Invalid, NotFound
from yoriai.web import form_or_json
from yoriai.web.context import CenterCtx
from yoriai.web.files import attachment
from yoriai.web.render import wants_html
from yoriai.web.router import CenterRouter

router = CenterRouter("availability")
_VIEW, _EDIT = "availability.view", "availability.edit"
_COMING = """
SELECT stop_no, code, since, until, reason, announced_at, announced_by, withdrawn_at FROM planned_stop
WHERE until > $1 ORDER BY since, stop_no LIMIT 500
"""
_STOP = form_or_json(StopEntry)
_WITHDRAWAL = form_or_json(Withdrawal)
_CAUSE = form_or_json(CauseEntry)


@dataclass(frozen=True)
class StopsPage:
    """Stops that are to come or going on, with the form for another."""

    stops: tuple[dict[str, Any], ...]
    municipalities: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class CausePage:
    """The form for an outage's cause."""

    code: str
    name: str
    since: datetime
    month: str
    causes: tuple[tuple[str, str], ...]
    initial: dict[str, Any]


@router.get("/", permission=_VIEW, summary="稼働率", screen="availability/month.html")
async def show_month(ctx: CenterCtx, month: str = "") -> AvailabilityPage:
    """The month of all municipalities, the worst first."""
    return await _page(ctx, month, "")


@router.get("/report", permission=_VIEW, summary="稼働率報告")
async def get_report(ctx: CenterCtx, month: str = "", municipality: str = "") -> Any:
    """The month as PDF for a browser and as its facts in JSON; of one municipality when its code is given."""
    page = await _page(ctx, month, municipality)
    if not wants_html(ctx.request) and "application/pdf" not in ctx.request.headers.get("accept", ""):
        return page
    practice = ctx.request.app.state.settings.practice
    place = page.rows[0]["name"] if municipality and page.rows else ctx.place.name
    pdf = await asyncio.to_thread(print_report, page, place, ctx.now, practice=practice)
    return attachment(pdf, f"稼働率報告_{page.month}.pdf", "application/pdf", inline=True)


@router.get("/stops", permission=_VIEW, summary="計画停止", screen="availability/stops.html")
async def show_stops(ctx: CenterCtx) -> StopsPage:
    """Announced stops from now on."""
    return await _stops(ctx)


async def _stops(ctx: CenterCtx) -> StopsPage:
    configs = await ctx.request.app.state.gate.directory.list()
    names = {config.code: config.name for config in configs}
    async with ctx.read() as session:
        rows = [Stop(**dict(row)) for row in await session.fetch(_COMING, ctx.now)]
    return StopsPage(tuple(stop_row(stop, names) for stop in rows), tuple(names.items()))


@router.post(
    "/stops", permission=_EDIT, summary="計画停止の届出", screen="availability/stops.html", then="/stops", again=_stops
)
async def post_stop(ctx: CenterCtx, body: StopEntry = _STOP) -> Recorded:
    """Announce a stop before it begins: only then is it left out of the availability."""
    async with ctx.write() as session:
        return await announce(session, body, ctx.now)


@router.post(
    "/stops/{stop_no}/withdraw",
    permission=_EDIT,
    summary="計画停止の取消",
    screen="availability/stops.html",
    then="/stops",
    again=_stops,
)
async def post_withdrawal(ctx: CenterCtx, stop_no: int, body: Withdrawal = _WITHDRAWAL) -> None:
    """Take an announcement back before it begins."""
    async with ctx.write() as session:
        await withdraw(session, stop_no, body, ctx.now)


@router.get("/outages", permission=_VIEW, summary="停止の原因", screen="availability/outage.html")
async def show_outage(ctx: CenterCtx, code: str = "", since: str = "") -> CausePage:
    """The form for the cause of one outage, named by municipality and beginning."""
    return await _cause_page(ctx, code, since)


async def _cause_again(ctx: CenterCtx) -> CausePage:
    raw = getattr(ctx.request.state, "raw", {})
    return await _cause_page(ctx, str(raw.get("code", "")), str(raw.get("since", "")))


@router.post(
    "/outages",
    permission=_EDIT,
    summary="停止の原因の記録",
    screen="availability/outage.html",
    then="/?month={month}",
    again=_cause_again,
)
async def post_cause(ctx: CenterCtx, body: CauseEntry = _CAUSE) -> Recorded:
    """Record what an outage came from."""
    page = await _cause_page(ctx, body.code, body.since.isoformat())
    async with ctx.write() as session:
        await note_cause(session, body, ctx.now)
    return Recorded(month=page.month)


async def _cause_page(ctx: CenterCtx, code: str, since: str) -> CausePage:
    try:
        begun = datetime.fromisoformat(since)
    except ValueError:
        raise Invalid("停止の始まりを読めません。稼働率の一覧から開いてください。") from None
    page = await _page(ctx, f"{begun:%Y-%m}", code)
    for item in page.outages:
        if datetime.fromisoformat(item["key"]) == begun:
            causes = tuple((cause.value, cause.label) for cause in Cause)
            initial = {"code": code, "since": since, "note": item["note"]}
            return CausePage(code, item["name"], begun, page.month, causes, initial)
    raise NotFound("この停止は記録にありません。")


async def _page(ctx: CenterCtx, month: str, code: str) -> AvailabilityPage:
    gate = ctx.request.app.state.gate
    configs = await gate.directory.list()
    chosen = [config for config in configs if code in ("", config.code)]
    if not chosen:
        raise NotFound(f"団体コード{code}の団体はありません。")
    rules = MeasuringRules.of(gate.deployment.document)
    async with ctx.read() as session:
        found = await read_month(session, chosen, rules, month_of(month, ctx.now), ctx.now, code)
    return make_page(found, {config.code: config.name for config in configs}, is_center=True)
