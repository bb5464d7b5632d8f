"""異動予定: the list, one plan, looking at it again, taking it back."""

from modules.resident.basic_register.household_pages import EX_OFFICIO, base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.planned import service
from modules.resident.basic_register.planned.reads import PlanList, PlanView, Show, get_plan, list_plans
from modules.resident.basic_register.planned.service import PlanCancellation, PlanConfirmation, PlannedResult
from yoriai.web import Ctx, form_or_json

_CANCELLATION = form_or_json(PlanCancellation)
_CONFIRMATION = form_or_json(PlanConfirmation)
_LIST, _SCREEN, _ONE = "resident/plans.html", "resident/plan.html", "/plans/{plan_no}"


@router.get("/plans", permission="resident.view", summary="異動予定の一覧", screen=_LIST)
async def show_plans(ctx: Ctx, show: Show = "open") -> PlanList:
    """Movements set for a day ahead, 転出予定 among them; what could not be recorded on its day stands first."""
    async with ctx.read() as session:
        return await list_plans(session, show, base_of(ctx))


async def _plan(ctx: Ctx, plan_no: int) -> PlanView:
    async with ctx.read() as session:
        return await get_plan(session, plan_no, ctx.today, base_of(ctx))


async def _again(ctx: Ctx) -> PlanView:
    return await _plan(ctx, int(ctx.request.path_params["plan_no"]))


@router.get(_ONE, permission="resident.view", summary="異動予定の照会", screen=_SCREEN)
async def show_plan(ctx: Ctx, plan_no: int) -> PlanView:
    """A plan: what will be recorded on its day, and what became of it. Audited."""
    return await _plan(ctx, plan_no)


@router.post(
    f"{_ONE}/confirm",
    permission=EX_OFFICIO,
    summary="異動予定の再確認・登録",
    screen=_SCREEN,
    then="{next_path}",
    again=_again,
)
async def confirm(ctx: Ctx, plan_no: int, body: PlanConfirmation = _CONFIRMATION) -> PlannedResult:
    """Keep a plan for its day after another look; when its day has come, record it now."""
    async with ctx.write() as session:
        return await service.confirm_plan(session, plan_no, body, ctx.now)


@router.post(
    f"{_ONE}/cancel", permission=EX_OFFICIO, summary="異動予定の取消", screen=_SCREEN, then="{next_path}", again=_again
)
async def cancel(ctx: Ctx, plan_no: int, body: PlanCancellation = _CANCELLATION) -> PlannedResult:
    """Take a plan back with the reason."""
    async with ctx.write() as session:
        return await service.cancel_plan(session, plan_no, body, ctx.now)
