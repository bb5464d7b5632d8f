"""The centre's board, a municipality's night, its nets as graphs, the Gantt."""

from collections.abc import Sequence
from datetime import datetime

from batch.reads.board import list_open_alerts, list_places, read_board, totals_of
from batch.reads.curves import read_curves
from batch.reads.gantt import Bar, Lane, lanes_of_jobs, lanes_of_nets, list_municipality_lanes, read_extent
from batch.reads.jobs import JobRow, list_jobs
from batch.reads.nights import Night, find_night, get_night, get_night_of_center, list_nights, read_names
from batch.web.drawing import net_page
from batch.web.pages import BoardPage, GanttPage, MunicipalityPage, NetPage, group_by_net
from batch.web.pictures import Scale, draw_chart, draw_gantt
from batch.web.routers import center
from batch.web.window import moves_of, window_of
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader
from yoriai.web.context import CenterCtx

LANES_PER_PAGE = 40
PICKED_NIGHTS = 40
"""So many nights can be chosen from on a screen; the history has all."""


@center.get(
    "/",
    permission="batch.view",
    summary="夜間処理の盤面",
    screen="batch/board.html",
    fragment="batch/_board_live.html",
)
async def show_board(ctx: CenterCtx, night: str = "", prefecture: str = "") -> BoardPage:
    """All municipalities of the running night, or of the latest; `prefecture` narrows the grid to one."""
    async with ctx.read() as session:
        found = await find_night(session, night)
        if found is None:
            return BoardPage(None)
        center_facts = await get_night_of_center(session, found.night_key)
        names = await read_names(session)
        board = await read_board(session, found, center_facts, names, ctx.now, prefecture=prefecture)
        return BoardPage(board, prefecture, tuple((await list_nights(session))[:PICKED_NIGHTS]))


@center.get(
    "/municipalities/{municipality_code}",
    permission="batch.view",
    summary="一団体の夜間処理",
    screen="batch/municipality.html",
    fragment="batch/_municipality_live.html",
)
async def show_municipality(ctx: CenterCtx, municipality_code: str, night: str = "") -> MunicipalityPage:
    """The nets and jobs of one municipality, the worst first."""
    async with ctx.read() as session:
        names = await read_names(session)
        if municipality_code not in names:
            raise NotFound(f"団体コード{municipality_code}の団体はありません。")
        return await municipality_page(session, municipality_code, names[municipality_code], ctx.now, night)


@center.get(
    "/municipalities/{municipality_code}/nets/{net}",
    permission="batch.view",
    summary="ジョブネット図",
    screen="batch/net.html",
    fragment="batch/_net_live.html",
)
async def show_net(ctx: CenterCtx, municipality_code: str, net: str, night: str = "") -> NetPage:
    """A net of a municipality with its predecessors and successors as a graph."""
    async with ctx.read() as session:
        found = await any_night(session, night)
        names = await read_names(session)
        return await net_page(
            session, found, municipality_code, names.get(municipality_code, municipality_code), net, ctx.now
        )


@center.get("/gantt", permission="batch.view", summary="夜間処理の予定と実績", screen="batch/gantt.html")
async def show_gantt(
    ctx: CenterCtx,
    night: str = "",
    municipality: str = "",
    since: str = "",
    until: str = "",
    page: int = 1,
    lanes: str = "",
) -> GanttPage:
    """A lane for each municipality (40 a page, the worst first), or for each job of one (with `lanes=net` for each net); below
    it the use of each resource.

    `since` and `until` (25:00 clock) narrow the window.
    """
    async with ctx.read() as session:
        found = await any_night(session, night)
        facts = await get_night_of_center(session, found.night_key)
        names = await read_names(session)
        extent = await read_extent(session, found, ctx.now)
        first, last = window_of(found, extent, since, until)
        total = pages = 1
        if municipality:
            jobs = await list_jobs(session, found.night_key, municipality, ctx.now)
            drawn = lanes_of(jobs, lanes, f"/municipalities/{municipality}", ctx.now)
        else:
            places = await list_places(session, found, names, ctx.now)
            total, pages = len(places), max(1, -(-len(places) // LANES_PER_PAGE))
            page = min(max(page, 1), pages)
            chosen = places[(page - 1) * LANES_PER_PAGE : page * LANES_PER_PAGE]
            cells = [(place.code, place.name, place.word, place.totals.state.kind) for place in chosen]
            drawn = await list_municipality_lanes(session, found, cells, ctx.now)
        curves = await read_curves(session, found, facts)
    scale = Scale(first, last)
    at = ctx.now if found.status == "running" else None
    closed = [
        Bar(
            datetime.fromisoformat(item["start"]),
            datetime.fromisoformat(item["end"]),
            "blackout",
            item.get("reason") or "停止",
        )
        for item in facts.blackouts
        if item.get("municipality_code", "") in ("", municipality)
    ]
    return GanttPage(
        night=found,
        at=ctx.now,
        picture=draw_gantt(found, scale, drawn, at, closed),
        charts=tuple(draw_chart(scale, curve, at) for curve in curves.resources),
        window=(since, until),
        first=first,
        last=last,
        moves=moves_of(first, last, ctx.now),
        municipality=municipality,
        name=names.get(municipality, ""),
        page=page,
        pages=pages,
        total=total,
        lanes=lanes if municipality else "",
    )


def lanes_of(jobs: Sequence[JobRow], lanes: str, base: str, at: datetime) -> list[Lane]:
    """A municipality's lanes: by job in plan order, or (`net`) by net, the worst first; `base` begins the nets' addresses."""
    if lanes != "net":
        return lanes_of_jobs(jobs, at)
    return lanes_of_nets(((group.label, f"{base}/nets/{group.name}?", group.jobs) for group in group_by_net(jobs)), at)


async def municipality_page(session: Reader, code: str, name: str, at: datetime, night_key: str) -> MunicipalityPage:
    """The night of one municipality, for the centre and for its own staff alike."""
    night = await find_night(session, night_key)
    if night is None:
        return MunicipalityPage(None, code, name, at)
    jobs = await list_jobs(session, night.night_key, code, at)
    nights = tuple((await list_nights(session))[:PICKED_NIGHTS])
    open_alerts = await list_open_alerts(session, night.night_key, {code: name})
    alerts = [alert for alert in open_alerts if alert.municipality_code == code]
    return MunicipalityPage(night, code, name, at, totals_of(jobs), group_by_net(jobs), tuple(alerts), nights)


async def any_night(session: Reader, night_key: str) -> Night:
    if night_key:
        return await get_night(session, night_key)
    found = await find_night(session)
    if found is None:
        raise NotFound("夜間処理はまだ計画されていません。")
    return found
