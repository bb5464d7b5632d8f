"""The one-stop counter after a movement: the list, the marks, the sheet for the resident."""

from modules.resident.basic_register.household_pages import EDIT, base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.one_stop import Mark, Marked, OneStop, get_one_stop, mark
from yoriai.web import Ctx, form_or_json

_MARK = form_or_json(Mark)


async def _list(ctx: Ctx, movement_no: int) -> OneStop:
    async with ctx.read() as session:
        return await get_one_stop(ctx, session, movement_no, base_of(ctx))


@router.get(
    "/movements/{movement_no}/next",
    permission="resident.view",
    summary="異動の後の手続（書かない窓口）",
    screen="resident/one_stop.html",
)
async def show_one_stop(ctx: Ctx, movement_no: int) -> OneStop:
    """Every procedure that follows from the movement, by person, from all businesses. Audited."""
    return await _list(ctx, movement_no)


@router.get(
    "/movements/{movement_no}/sheet",
    permission="resident.view",
    summary="手続のご案内（お渡し用）",
    screen="resident/one_stop_sheet.html",
)
async def show_sheet(ctx: Ctx, movement_no: int) -> OneStop:
    """The same as a sheet for the resident to take and to sign. Audited."""
    return await _list(ctx, movement_no)


@router.post(
    "/movements/{movement_no}/next",
    permission=EDIT,
    summary="手続の済・未済",
    then="/movements/{movement_no}/next",
)
async def mark_done(ctx: Ctx, movement_no: int, body: Mark = _MARK) -> Marked:
    """Mark a procedure as finished, or take the mark back."""
    async with ctx.write() as session:
        return await mark(session, movement_no, body, ctx.now)
