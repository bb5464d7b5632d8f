"""The movements as forms and as JSON. A form is the household as it stands, plus what the clerk adds."""

from modules.resident.basic_register import service
from modules.resident.basic_register.movements.inputs import Birth, Death, MoveIn, MovementResult, MoveOut, MoveWithin
from modules.resident.basic_register.reads.forms import (
    HouseholdForm,
    MoveInForm,
    get_household_form,
    get_move_in_form,
)
from yoriai.errors import NotFound
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.forms import read_raw

router = BusinessRouter("resident")
_DONE = "/persons/{addressee_no}"
_EDIT = "resident.edit"
_MOVE_IN = form_or_json(MoveIn)
_MOVE_WITHIN = form_or_json(MoveWithin)
_MOVE_OUT = form_or_json(MoveOut)
_BIRTH = form_or_json(Birth)
_DEATH = form_or_json(Death)


def base_of(ctx: Ctx) -> str:
    """The address of the business for the caller's municipality."""
    return f"/{ctx.tenant.code}/resident"


async def _move_in_again(ctx: Ctx) -> MoveInForm:
    household = (await read_raw(ctx.request)).get("household")
    number = household.get("household_no", "") if isinstance(household, dict) else ""
    async with ctx.read() as session:
        return await get_move_in_form(
            session, ctx.today, base_of(ctx), int(number) if str(number).isdecimal() else None
        )


async def _household_again(ctx: Ctx) -> HouseholdForm:
    return await _household(ctx, int(ctx.request.path_params["household_no"]))


async def _household(ctx: Ctx, household_no: int, addressee_no: int | None = None) -> HouseholdForm:
    async with ctx.read() as session:
        return await get_household_form(session, household_no, ctx.today, base_of(ctx), addressee_no)


def _check_household(body: MoveWithin | MoveOut | Birth | Death, household_no: int) -> None:
    if body.household.household_no != household_no:
        raise NotFound("世帯番号が画面の世帯と違います。")


@router.get("/movements/move-in", permission=_EDIT, summary="転入の入力", screen="resident/move_in.html")
async def show_move_in(ctx: Ctx, household_no: int | None = None, addressee_no: int | None = None) -> MoveInForm:
    """A blank 転入; with a household to join, or with a former resident who returns."""
    async with ctx.read() as session:
        return await get_move_in_form(session, ctx.today, base_of(ctx), household_no, addressee_no)


@router.post(
    "/movements/move-in",
    permission=_EDIT,
    summary="転入の登録",
    screen="resident/move_in.html",
    then=_DONE,
    again=_move_in_again,
)
async def record_move_in(ctx: Ctx, body: MoveIn = _MOVE_IN) -> MovementResult:
    """Record a 転入 of one or several people (住基法22条)."""
    async with ctx.write() as session:
        return await service.record_move_in(session, body, ctx.now)


@router.get(
    "/households/{household_no}/move-within",
    permission=_EDIT,
    summary="転居の入力",
    screen="resident/move_within.html",
)
async def show_move_within(ctx: Ctx, household_no: int) -> HouseholdForm:
    """The household whose members move."""
    return await _household(ctx, household_no)


@router.post(
    "/households/{household_no}/move-within",
    permission=_EDIT,
    summary="転居の登録",
    screen="resident/move_within.html",
    then=_DONE,
    again=_household_again,
)
async def record_move_within(ctx: Ctx, household_no: int, body: MoveWithin = _MOVE_WITHIN) -> MovementResult:
    """Record a 転居 of all or some members (住基法23条)."""
    _check_household(body, household_no)
    async with ctx.write() as session:
        return await service.record_move_within(session, body, ctx.now)


@router.get(
    "/households/{household_no}/move-out", permission=_EDIT, summary="転出の入力", screen="resident/move_out.html"
)
async def show_move_out(ctx: Ctx, household_no: int) -> HouseholdForm:
    """The household whose members leave."""
    return await _household(ctx, household_no)


@router.post(
    "/households/{household_no}/move-out",
    permission=_EDIT,
    summary="転出の登録",
    screen="resident/move_out.html",
    then=_DONE,
    again=_household_again,
)
async def record_move_out(ctx: Ctx, household_no: int, body: MoveOut = _MOVE_OUT) -> MovementResult:
    """Record a 転出, planned or certain (住基法24条)."""
    _check_household(body, household_no)
    async with ctx.write() as session:
        return await service.record_move_out(session, body, ctx.now)


@router.get("/households/{household_no}/birth", permission=_EDIT, summary="出生の入力", screen="resident/birth.html")
async def show_birth(ctx: Ctx, household_no: int) -> HouseholdForm:
    """The household a child is born into."""
    return await _household(ctx, household_no)


@router.post(
    "/households/{household_no}/birth",
    permission=_EDIT,
    summary="出生の登録",
    screen="resident/birth.html",
    then=_DONE,
    again=_household_again,
)
async def record_birth(ctx: Ctx, household_no: int, body: Birth = _BIRTH) -> MovementResult:
    """Record a 出生 (戸籍法49条)."""
    _check_household(body, household_no)
    async with ctx.write() as session:
        return await service.record_birth(session, body, ctx.now)


@router.get("/households/{household_no}/death", permission=_EDIT, summary="死亡の入力", screen="resident/death.html")
async def show_death(ctx: Ctx, household_no: int, addressee_no: int | None = None) -> HouseholdForm:
    """The household of the person who died."""
    return await _household(ctx, household_no, addressee_no)


@router.post(
    "/households/{household_no}/death",
    permission=_EDIT,
    summary="死亡の登録",
    screen="resident/death.html",
    then=_DONE,
    again=_household_again,
)
async def record_death(ctx: Ctx, household_no: int, body: Death = _DEATH) -> MovementResult:
    """Record a 死亡 (戸籍法86条)."""
    _check_household(body, household_no)
    async with ctx.write() as session:
        return await service.record_death(session, body, ctx.now)
