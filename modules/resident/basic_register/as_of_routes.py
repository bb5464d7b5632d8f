"""The 住民票, 除票 and 改製原 as they stood."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.reads.as_of import Stood, get_household_as_of, get_person_as_of
from yoriai.clock import JAPAN
from yoriai.web import Ctx
from yoriai.web.fields import AskedDay, AskedMoment

_SCREEN = "resident/as_of.html"


class StoodView(BaseModel):
    """What stood, and the address that asks again for another day."""

    stood: Stood
    href: str
    initial: dict[str, Any]


@router.get(
    "/persons/{addressee_no}/as-of", permission="resident.view", summary="住民票の記載（時点照会）", screen=_SCREEN
)
async def show_person_as_of(
    ctx: Ctx, addressee_no: int, on: AskedDay = None, known_at: AskedMoment = None
) -> StoodView:
    """What the 住民票 said on a day, as it is known now or was known at a moment. Audited."""
    async with ctx.read() as session:
        stood = await get_person_as_of(session, addressee_no, on or ctx.today, known_at or ctx.now)
    return _view(stood, known_at, f"{base_of(ctx)}/persons/{addressee_no}/as-of")


@router.get(
    "/households/{household_no}/as-of", permission="resident.view", summary="世帯の記載（時点照会）", screen=_SCREEN
)
async def show_household_as_of(
    ctx: Ctx, household_no: int, on: AskedDay = None, known_at: AskedMoment = None
) -> StoodView:
    """The same of everybody who lived in a household on the day. Audited."""
    async with ctx.read() as session:
        stood = await get_household_as_of(session, household_no, on or ctx.today, known_at or ctx.now)
    return _view(stood, known_at, f"{base_of(ctx)}/households/{household_no}/as-of")


def _view(stood: Stood, asked: datetime | None, href: str) -> StoodView:
    # Now is asked for by an empty field: its minute would leave out what was recorded within it.
    known = f"{asked.astimezone(JAPAN):%Y-%m-%dT%H:%M}" if asked else ""
    return StoodView(stood=stood, href=href, initial={"on": stood.on.isoformat(), "known_at": known})
