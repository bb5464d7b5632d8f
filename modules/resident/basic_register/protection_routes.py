"""支援措置 and other suppressions: the list with its reminder, registration, renewal, temporary lift, release."""

from typing import Any, Literal

from pydantic import BaseModel

from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.protections import service
from modules.resident.basic_register.protections.inputs import (
    Lift,
    ProtectionEntry,
    ProtectionResult,
    Release,
    Renewal,
)
from modules.resident.basic_register.protections.kinds import (
    CATEGORIES,
    KINDS,
    LOOK,
    MANAGE,
    RELEASE,
    SCOPES,
)
from modules.resident.basic_register.protections.reads import (
    ProtectionList,
    ProtectionView,
    get_protection,
    list_protections,
)
from modules.resident.basic_register.reads.person import get_household, get_row
from modules.resident.basic_register.reads.shapes import Member
from yoriai.dates import add_months
from yoriai.web import Ctx, form_or_json
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

_ENTRY = form_or_json(ProtectionEntry)
_RENEWAL = form_or_json(Renewal)
_RELEASE = form_or_json(Release)
_LIFT = form_or_json(Lift)
_SCREEN = "resident/protection.html"
_THEN = "/protections/{protection_no}"


class ProtectionForm(BaseModel):
    """A suppression to be filled in; `members` are those who may be protected together."""

    members: list[Member]
    kinds: list[tuple[str, str]]
    categories: list[tuple[str, str]]
    scopes: list[tuple[str, str]]
    initial: dict[str, Any]


@router.get("/protections", permission=LOOK, summary="支援措置・抑止の一覧", screen="resident/protections.html")
async def show_protections(ctx: Ctx, show: Literal["open", "due", "released"] = "open") -> ProtectionList:
    """Suppressions in force, those whose end is near or past, those released."""
    async with ctx.read() as session:
        return await list_protections(session, show, ctx.today, base_of(ctx))


@router.get(
    "/protections/new", permission=MANAGE, summary="支援措置・抑止の入力", screen="resident/protection_new.html"
)
async def show_new(ctx: Ctx, addressee_no: int) -> ProtectionForm:
    """A suppression of a person; the household's members can be added."""
    return await _form(ctx, addressee_no)


async def _again(ctx: Ctx) -> ProtectionForm:
    raw = (await read_raw(ctx.request)).get("subjects")
    first = str(raw[0]) if isinstance(raw, list) and raw else ctx.request.query_params.get("addressee_no", "")
    if is_number(first):
        return await _form(ctx, int(first))
    return ProtectionForm(members=[], initial={}, **_options())


async def _form(ctx: Ctx, addressee_no: int) -> ProtectionForm:
    async with ctx.read() as session:
        row, _ = await get_row(session, addressee_no, "protection")
        household = await get_household(session, row["household_no"], ctx.today, base_of(ctx))
    initial = {
        "kind": "support",
        "starts_on": ctx.today.isoformat(),
        "ends_on": add_months(ctx.today, 12).isoformat(),
        "subjects": [str(addressee_no)],
        "applicant": row["name"],
    }
    members = [m for m in household.members if not m.is_ended or m.addressee_no == addressee_no]
    return ProtectionForm(members=members, initial=initial, **_options())


def _options() -> dict[str, Any]:
    return {
        "kinds": list(KINDS.items()),
        "categories": list(CATEGORIES.items()),
        "scopes": list(SCOPES.items()),
    }


@router.post(
    "/protections",
    permission=MANAGE,
    summary="支援措置・抑止の登録",
    screen="resident/protection_new.html",
    then=_THEN,
    again=_again,
)
async def record_protection(ctx: Ctx, body: ProtectionEntry = _ENTRY) -> ProtectionResult:
    """Protect one or several people from this moment on."""
    async with ctx.write() as session:
        return await service.protect(session, body, ctx.now)


async def _view(ctx: Ctx, protection_no: int) -> ProtectionView:
    async with ctx.read() as session:
        return await get_protection(session, protection_no, base_of(ctx))


async def _view_again(ctx: Ctx) -> ProtectionView:
    return await _view(ctx, int(ctx.request.path_params["protection_no"]))


@router.get("/protections/{protection_no}", permission=LOOK, summary="支援措置・抑止の照会", screen=_SCREEN)
async def show_protection(ctx: Ctx, protection_no: int) -> ProtectionView:
    """One suppression with everything done to it. Audited."""
    return await _view(ctx, protection_no)


@router.post(
    "/protections/{protection_no}/renew",
    permission=MANAGE,
    summary="支援措置・抑止の延長",
    screen=_SCREEN,
    then=_THEN,
    again=_view_again,
)
async def renew(ctx: Ctx, protection_no: int, body: Renewal = _RENEWAL) -> ProtectionResult:
    """Let it go on until another day."""
    async with ctx.write() as session:
        return await service.renew(session, protection_no, body, ctx.now)


@router.post(
    "/protections/{protection_no}/release",
    permission=RELEASE,
    summary="支援措置・抑止の解除",
    screen=_SCREEN,
    then=_THEN,
    again=_view_again,
)
async def release(ctx: Ctx, protection_no: int, body: Release = _RELEASE) -> ProtectionResult:
    """Close it, with a reason and a name."""
    async with ctx.write() as session:
        return await service.release(session, protection_no, body, ctx.now)


@router.post(
    "/protections/{protection_no}/lift",
    permission=RELEASE,
    summary="支援措置・抑止の一時解除",
    screen=_SCREEN,
    then=_THEN,
    again=_view_again,
)
async def lift(ctx: Ctx, protection_no: int, body: Lift = _LIFT) -> ProtectionResult:
    """Let certificates be issued for some minutes, with a reason and a name."""
    async with ctx.write() as session:
        return await service.lift(session, protection_no, body, ctx.now)
