"""Outside deliveries: which have arrived, and the form in which an operator says that one has."""

from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, Field

from batch.queue.notices import note_arrival
from batch.reads.nights import Night, find_night, get_night, read_names
from batch.web.acts import in_queue
from batch.web.labels import event_label
from batch.web.pages import Awaited
from batch.web.routers import center
from yoriai.errors import NotFound
from yoriai.web import form_or_json
from yoriai.web.context import CenterCtx

_AWAITED = """
SELECT DISTINCT j.municipality_code, awaited.event, a.arrived_at, coalesce(a.noted_by, '') AS noted_by
FROM batch_job j CROSS JOIN LATERAL unnest(j.waits_for) AS awaited (event) JOIN batch_night n ON n.night_key = j.night_key
LEFT JOIN batch_arrival a ON a.business_date = n.business_date AND a.municipality_code = j.municipality_code
  AND a.event = awaited.event
WHERE j.night_key = $1 ORDER BY a.arrived_at NULLS FIRST, j.municipality_code, awaited.event
"""


@dataclass(frozen=True)
class ArrivalRow:
    """An event that some job of a municipality waits for."""

    municipality_code: str
    name: str
    awaited: Awaited


@dataclass(frozen=True)
class ArrivalsPage:
    """All outside events of a night, those that have not arrived first."""

    night: Night
    rows: tuple[ArrivalRow, ...]
    initial: dict[str, Any]


class Arrival(BaseModel):
    """An outside event that has arrived for a municipality."""

    night: str = Field(min_length=1, title="夜間処理")
    municipality_code: str = Field(pattern="^[0-9]{6}$", title="団体コード")
    event: str = Field(min_length=1, max_length=100, title="受領したもの")


class Arrived(BaseModel):
    """The night the event was noted for, as an address has it."""

    night: str


@center.get("/arrivals", permission="batch.view", summary="外部からの受領", screen="batch/arrivals.html")
async def show_arrivals(ctx: CenterCtx, night: str = "", municipality_code: str = "", event: str = "") -> ArrivalsPage:
    """What the night waits for from outside, and whether it is there."""
    return await _page(ctx, night, {"municipality_code": municipality_code, "event": event})


async def _again(ctx: CenterCtx) -> ArrivalsPage:
    raw = getattr(ctx.request.state, "raw", {})
    return await _page(ctx, str(raw.get("night", "")), {})


@center.post(
    "/arrivals",
    permission="batch.operate",
    summary="外部からの到着を記録する",
    screen="batch/arrivals.html",
    then="/arrivals?night={night}",
    again=_again,
)
async def do_note_arrival(ctx: CenterCtx, body: Arrival = form_or_json(Arrival)) -> Arrived:
    """What waits for it may start from now on. Noting it twice changes nothing."""
    async with ctx.read() as session:
        night = await get_night(session, body.night)
    await in_queue(
        ctx,
        lambda connection: note_arrival(
            connection, night.business_date, body.municipality_code, body.event, by=ctx.principal
        ),
    )
    return Arrived(night=body.night.replace("#", "%23"))


async def _page(ctx: CenterCtx, night_key: str, initial: dict[str, Any]) -> ArrivalsPage:
    async with ctx.read() as session:
        night = await find_night(session, night_key)
        if night is None:
            raise NotFound("夜間処理はまだ計画されていません。")
        names = await read_names(session)
        rows = await session.fetch(_AWAITED, night.night_key)
    found = tuple(
        ArrivalRow(
            row["municipality_code"],
            str(names.get(row["municipality_code"], row["municipality_code"])),
            Awaited(row["event"], event_label(row["event"]), row["arrived_at"], row["noted_by"]),
        )
        for row in rows
    )
    return ArrivalsPage(night, found, initial)
