"""Received notifications: their intake, the list of those that wait, and what is not recorded."""

from typing import Literal

from modules.resident.basic_register.household_pages import EDIT, base_of
from modules.resident.basic_register.intake import (
    IntakeBody,
    IntakeList,
    IntakeResult,
    Rejection,
    list_intake,
    receive,
)
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.movements.intake_closing import close_intake
from yoriai.web import Ctx, form_or_json

_BODY = form_or_json(IntakeBody)
_REJECTION = form_or_json(Rejection)


@router.get("/intake", permission=EDIT, summary="受信した届出の一覧", screen="resident/intake.html")
async def show_intake(ctx: Ctx, status: Literal["waiting", "done", "rejected"] = "waiting") -> IntakeList:
    """特例転入 and online 転出届 that wait; each opens its form filled in."""
    async with ctx.read() as session:
        return await list_intake(session, status, base_of(ctx))


@router.post("/intake", permission=EDIT, summary="届出の受信")
async def take_in(ctx: Ctx, body: IntakeBody = _BODY) -> IntakeResult:
    """Take a message in; the same one received twice is kept once."""
    async with ctx.write() as session:
        return await receive(session, body, ctx.now)


@router.post("/intake/{intake_no}/reject", permission=EDIT, summary="受信した届出を処理しない", then="/intake")
async def reject(ctx: Ctx, intake_no: int, body: Rejection = _REJECTION) -> IntakeResult:
    """Close a message without a movement, with the reason."""
    async with ctx.write() as session:
        await close_intake(session, intake_no, None, body.reason, ctx.now)
    return IntakeResult(intake_no=intake_no, is_repeat=False)
