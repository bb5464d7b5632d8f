"""The movements as forms and as JSON: 転入 and 職権記載 here, those of a household in `household_pages`; 取消 and 訂正."""

from modules.resident.basic_register import service
from modules.resident.basic_register.household_pages import DONE, EDIT, EX_OFFICIO, add_pages, base_of
from modules.resident.basic_register.intake import get_initial
from modules.resident.basic_register.movements.cancellation import cancel_movement
from modules.resident.basic_register.movements.change_inputs import Cancellation, Correction, ExOfficioEntry
from modules.resident.basic_register.movements.correction import correct_movement
from modules.resident.basic_register.movements.holding import list_households_of, refuse_held, take
from modules.resident.basic_register.movements.inputs import MoveIn, MovementResult
from modules.resident.basic_register.protections.masking import refuse_concealed_household
from modules.resident.basic_register.reads.departures import DepartureList, list_departures
from modules.resident.basic_register.reads.forms import MoveInForm, get_move_in_form
from modules.resident.basic_register.reads.movement import MovementView, get_movement
from yoriai.tenancy.session import WriteSession
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

router = BusinessRouter("resident")
_MOVE_IN = form_or_json(MoveIn)
_ENTRY = form_or_json(ExOfficioEntry)
_CANCELLATION = form_or_json(Cancellation)
_CORRECTION = form_or_json(Correction)
_CORRECT = "resident.correct"


async def _move_in_again(ctx: Ctx) -> MoveInForm:
    household = (await read_raw(ctx.request)).get("household")
    number = str(household.get("household_no", "")) if isinstance(household, dict) else ""
    async with ctx.read() as session:
        form = await get_move_in_form(session, ctx.today, base_of(ctx), int(number) if is_number(number) else None)
    form.is_ex_officio = ctx.request.url.path.endswith("/entry")
    return form


async def _hold(ctx: Ctx, form: MoveInForm, purpose: str) -> MoveInForm:
    """Hold the household that is joined, like any other that is changed; a new household is nobody's yet."""
    if form.joined is None:
        return form
    async with ctx.write() as session:
        held = await take(session, form.joined.household_no, purpose, ctx.now)
    return form.model_copy(update={"held_by": held.told() if held else ""})


async def _refuse_held(session: WriteSession, body: MoveIn, ctx: Ctx) -> None:
    if body.household is not None:
        await refuse_concealed_household(session, body.household.household_no)
        await refuse_held(session, body.household.household_no, ctx.now)


@router.get("/movements/move-in", permission=EDIT, summary="転入の入力", screen="resident/move_in.html")
async def show_move_in(
    ctx: Ctx, household_no: int | None = None, addressee_no: int | None = None, intake_no: int | None = None
) -> MoveInForm:
    """A blank 転入; with a household to join, a former resident who returns, or a received 転出証明書情報 filled in."""
    async with ctx.read() as session:
        form = await get_move_in_form(session, ctx.today, base_of(ctx), household_no, addressee_no)
        if intake_no is not None:
            message = await get_initial(session, intake_no)
            form.initial |= {name: value for name, value in message.items() if not name.startswith("_")}
    return await _hold(ctx, form, "転入")


@router.post(
    "/movements/move-in",
    permission=EDIT,
    summary="転入の登録",
    screen="resident/move_in.html",
    then=DONE,
    again=_move_in_again,
)
async def record_move_in(ctx: Ctx, body: MoveIn = _MOVE_IN) -> MovementResult:
    """Record a 転入 of one or several people (住基法22条)."""
    async with ctx.write() as session:
        await _refuse_held(session, body, ctx)
        return await service.record_move_in(session, body, ctx.now)


@router.get("/movements/entry", permission=EX_OFFICIO, summary="職権記載の入力", screen="resident/move_in.html")
async def show_entry(ctx: Ctx, household_no: int | None = None, addressee_no: int | None = None) -> MoveInForm:
    """A blank 職権記載."""
    async with ctx.read() as session:
        form = await get_move_in_form(session, ctx.today, base_of(ctx), household_no, addressee_no)
    form.is_ex_officio = True
    form.initial["movement_class"] = "ex_officio"
    return await _hold(ctx, form, "職権記載")


@router.post(
    "/movements/entry",
    permission=EX_OFFICIO,
    summary="職権記載の登録",
    screen="resident/move_in.html",
    then=DONE,
    again=_move_in_again,
)
async def record_entry(ctx: Ctx, body: ExOfficioEntry = _ENTRY) -> MovementResult:
    """Record a 職権記載 of one or several people (住基法施行令12条)."""
    async with ctx.write() as session:
        await _refuse_held(session, body, ctx)
        return await service.record_move_in(session, body, ctx.now)


add_pages(router)


@router.get("/departures", permission="resident.view", summary="転入通知未着一覧", screen="resident/departures.html")
async def show_departures(ctx: Ctx) -> DepartureList:
    """Who has left, or should have, and of whom no 転入通知 has come."""
    async with ctx.read() as session:
        return await list_departures(session, ctx.today, base_of(ctx))


async def _movement(ctx: Ctx, movement_no: int) -> MovementView:
    async with ctx.read() as session:
        return await get_movement(session, movement_no, base_of(ctx))


async def _movement_again(ctx: Ctx) -> MovementView:
    return await _movement(ctx, int(ctx.request.path_params["movement_no"]))


@router.get(
    "/movements/{movement_no}", permission="resident.view", summary="異動の照会", screen="resident/movement.html"
)
async def show_movement(ctx: Ctx, movement_no: int) -> MovementView:
    """A movement: who notified what, what it changed for whom, whether it was taken back or corrected. Audited."""
    return await _movement(ctx, movement_no)


async def _refuse_touching(session: WriteSession, movement_no: int, ctx: Ctx) -> None:
    """Nobody else is changing the households of the movement, and the caller may know of all of them."""
    for number in await list_households_of(session, movement_no):
        await refuse_concealed_household(session, number)
        await refuse_held(session, number, ctx.now)


@router.post(
    "/movements/{movement_no}/cancel",
    permission=_CORRECT,
    summary="異動の取消",
    screen="resident/movement.html",
    then="/movements/{movement_no}",
    again=_movement_again,
)
async def cancel(ctx: Ctx, movement_no: int, body: Cancellation = _CANCELLATION) -> MovementResult:
    """Take the last movement of everybody in it back."""
    async with ctx.write() as session:
        await _refuse_touching(session, movement_no, ctx)
        return await cancel_movement(session, movement_no, body, ctx.now)


@router.get(
    "/movements/{movement_no}/correct",
    permission=_CORRECT,
    summary="異動の訂正の入力",
    screen="resident/movement_correction.html",
)
async def show_correction(ctx: Ctx, movement_no: int) -> MovementView:
    """The form that corrects what a movement said."""
    return await _movement(ctx, movement_no)


@router.post(
    "/movements/{movement_no}/correct",
    permission=_CORRECT,
    summary="異動の訂正",
    screen="resident/movement_correction.html",
    then="/movements/{movement_no}",
    again=_movement_again,
)
async def correct(ctx: Ctx, movement_no: int, body: Correction = _CORRECTION) -> MovementResult:
    """Correct a past movement for one person, from its day on."""
    async with ctx.write() as session:
        await _refuse_touching(session, movement_no, ctx)
        return await correct_movement(session, movement_no, body, ctx.now)
