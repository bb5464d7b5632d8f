"""The forms of the movements of a household: a page that shows the household, and the act. All are made by one builder."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from modules.resident.basic_register import service
from modules.resident.basic_register.intake import get_initial
from modules.resident.basic_register.movements import change_inputs as change
from modules.resident.basic_register.movements.holding import refuse_held, take
from modules.resident.basic_register.movements.inputs import (
    Birth,
    Death,
    HouseholdMovement,
    MovementResult,
    MoveOut,
    MoveWithin,
)
from modules.resident.basic_register.planned.kinds import KINDS, may_be_planned
from modules.resident.basic_register.planned.service import OfficeAct, plan_movement
from modules.resident.basic_register.protections.masking import refuse_concealed_household
from modules.resident.basic_register.reads import form_shapes as shapes
from modules.resident.basic_register.reads.form_shapes import FormShape
from modules.resident.basic_register.reads.forms import HouseholdForm, get_household_form
from yoriai.errors import NotFound
from yoriai.tenancy.session import WriteSession
from yoriai.web import BusinessRouter, Ctx, form_or_json

DONE = "/movements/{movement_no}/next"
"""After a movement the clerk goes on with what follows from it."""
EDIT = "resident.edit"
EX_OFFICIO = "resident.ex_officio"
_GENERAL = "resident/household_movement.html"

Record = Callable[[WriteSession, Any, datetime], Awaitable[MovementResult]]


@dataclass(frozen=True)
class HouseholdPage:
    """One movement's page: address below the household, words, body, use case; a shape where the common template draws it."""

    path: str
    label: str
    model: type[HouseholdMovement]
    record: Record
    shape: FormShape | None = None
    screen: str = _GENERAL
    permission: str = EDIT


PAGES = (
    HouseholdPage("move-within", "転居", MoveWithin, service.record_move_within, screen="resident/move_within.html"),
    HouseholdPage("move-out", "転出", MoveOut, service.record_move_out, screen="resident/move_out.html"),
    HouseholdPage("birth", "出生", Birth, service.record_birth, screen="resident/birth.html"),
    HouseholdPage("death", "死亡", Death, service.record_death, screen="resident/death.html"),
    HouseholdPage("split", "世帯分離", change.HouseholdSplit, service.record_household_split, shapes.SPLIT),
    HouseholdPage("merge", "世帯合併", change.HouseholdMerge, service.record_household_merge, shapes.MERGE),
    HouseholdPage("relations", "世帯主・続柄の変更", change.Relations, service.record_relations, shapes.RELATIONS),
    HouseholdPage(
        "family-register",
        "戸籍・氏名の変更",
        change.FamilyRegisterChange,
        service.record_family_register_change,
        shapes.FAMILY,
    ),
    HouseholdPage(
        "residence", "在留情報の変更", change.ResidenceChange, service.record_residence_change, shapes.RESIDENCE
    ),
    HouseholdPage(
        "move-out-cancel", "転出取消", change.MoveOutCancel, service.record_move_out_cancel, shapes.MOVE_OUT_CANCEL
    ),
    HouseholdPage(
        "move-out-notice",
        "転入通知の受理",
        change.MoveOutNotice,
        service.record_move_out_notice,
        shapes.MOVE_OUT_NOTICE,
    ),
    HouseholdPage(
        "removal",
        "職権消除",
        change.ExOfficioRemoval,
        service.record_ex_officio_removal,
        shapes.REMOVAL,
        permission=EX_OFFICIO,
    ),
    HouseholdPage(
        "correction",
        "職権修正",
        change.ExOfficioCorrection,
        service.record_ex_officio_correction,
        shapes.CORRECTION,
        permission=EX_OFFICIO,
    ),
    HouseholdPage(
        "restoration",
        "職権回復",
        change.Restoration,
        service.record_restoration,
        shapes.RESTORATION,
        permission=EX_OFFICIO,
    ),
    HouseholdPage("reissue", "改製", change.Reissue, service.record_reissue, shapes.REISSUE, permission=EX_OFFICIO),
)


def base_of(ctx: Ctx) -> str:
    """The address of the business for the caller's municipality."""
    return f"/{ctx.tenant.code}/resident"


def add_pages(router: BusinessRouter) -> None:
    """Give the router both routes of every page."""
    for page in PAGES:
        _add_form(router, page)
        _add_act(router, page)


def _concerned(body: HouseholdMovement, household_no: int) -> list[int]:
    """The household, and the one that people go into: nobody else may be changing either."""
    target = getattr(body, "to_household", None)
    return [household_no, *([target.household_no] if target is not None else [])]


async def _household(ctx: Ctx, page: HouseholdPage, household_no: int, addressee_no: int | None) -> HouseholdForm:
    async with ctx.read() as session:
        return await get_household_form(session, household_no, ctx.today, base_of(ctx), addressee_no, page.shape)


def _add_form(router: BusinessRouter, page: HouseholdPage) -> None:
    async def show(
        ctx: Ctx, household_no: int, addressee_no: int | None = None, intake_no: int | None = None
    ) -> HouseholdForm:
        """The household as it stands, to be changed; held for the asker, or read-only while somebody else holds it."""
        form = await _household(ctx, page, household_no, addressee_no)
        async with ctx.write() as session:
            if intake_no is not None:
                form.fill(await get_initial(session, intake_no))
            held = await take(session, household_no, page.label, ctx.now)
        return form.model_copy(update={"held_by": held.told() if held else ""})

    show.__name__ = f"show_{page.path.replace('-', '_')}"
    router.get(
        f"/households/{{household_no}}/{page.path}",
        permission=page.permission,
        summary=f"{page.label}の入力",
        screen=page.screen,
    )(show)


@asynccontextmanager
async def _writing(ctx: Ctx, household_no: int, body: HouseholdMovement) -> AsyncIterator[WriteSession]:
    """A transaction on the household of the page, which nobody else is changing."""
    if body.household.household_no != household_no:
        raise NotFound("世帯番号が画面の世帯と違います。")
    async with ctx.write() as session:
        for number in _concerned(body, household_no):
            await refuse_concealed_household(session, number)
            await refuse_held(session, number, ctx.now)
        yield session


def _add_act(router: BusinessRouter, page: HouseholdPage) -> None:
    async def again(ctx: Ctx) -> HouseholdForm:
        return await _household(ctx, page, int(ctx.request.path_params["household_no"]), None)

    async def record(ctx: Ctx, household_no: int, body: Any = form_or_json(page.model)) -> MovementResult:
        """Record the movement after all its checks."""
        async with _writing(ctx, household_no, body) as session:
            return await page.record(session, body, ctx.now)

    async def record_or_plan(ctx: Ctx, household_no: int, body: Any = form_or_json(page.model)) -> OfficeAct:
        """Record the act of the office after all its checks; with a day ahead it is kept as a plan."""
        async with _writing(ctx, household_no, body) as session:
            if body.event_date > ctx.today and may_be_planned(page.path, body):
                return OfficeAct(await plan_movement(session, page.path, body, ctx.now))
            return OfficeAct(await page.record(session, body, ctx.now))

    act: Callable[..., Awaitable[MovementResult | OfficeAct]] = record_or_plan if page.path in KINDS else record
    act.__name__ = f"record_{page.path.replace('-', '_')}"
    router.post(
        f"/households/{{household_no}}/{page.path}",
        permission=page.permission,
        summary=f"{page.label}の登録",
        screen=page.screen,
        then="{next_path}",
        again=again,
    )(act)
