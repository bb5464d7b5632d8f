"""The addresses of the roll: registrations, persons, changes, statistics. Those of elections are in `election_routes`."""

from datetime import date
from typing import Annotated

from modules.resident.electoral_roll import election_routes, reads, service, side_routes
from modules.resident.electoral_roll.inputs import (
    CareInput,
    CorrectionInput,
    EntryAct,
    EntryResult,
    Recorded,
    SuspensionInput,
    Withdrawal,
)
from modules.resident.electoral_roll.shapes import EntryView, Listing, PersonView, Statistics
from modules.resident.electoral_roll.states import State
from modules.resident.electoral_roll.statistics import get_statistics
from yoriai.dates import add_months, parse_date
from yoriai.errors import FieldError, Invalid
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import NOTHING, is_number
from yoriai.web.forms import read_raw

router = BusinessRouter("electoral_roll")
election_routes.add_to(router)
side_routes.add_to(router)
_VIEW, _EDIT = "electoral_roll.view", "electoral_roll.edit"
_PERSON = "electoral_roll/person.html"
_ENTRY = "electoral_roll/entry.html"
_ACT, _CORRECTION = form_or_json(EntryAct), form_or_json(CorrectionInput)
_WITHDRAWAL = form_or_json(Withdrawal)
_SUSPENSION, _CARE = form_or_json(SuspensionInput), form_or_json(CareInput)


def base_of(ctx: Ctx) -> str:
    """Where the addresses of the business begin."""
    return f"/{ctx.tenant.code}/electoral_roll"


def day_of(text: str, field: str, default: date) -> date:
    """A day of the query, in 和暦 or the western calendar; raises Invalid."""
    if not text.strip():
        return default
    try:
        return parse_date(text)
    except ValueError as error:
        raise Invalid(fields=[FieldError(field, str(error), rule="date")]) from error


@router.get("/entries", permission=_VIEW, screen="electoral_roll/entries.html", summary="名簿の検索")
async def show_entries(
    ctx: Ctx, q: str = "", match: str = "prefix", district: str = "", status: Annotated[State | None, NOTHING] = None
) -> Listing:
    """Registrations by name, kana or 宛名番号, district and state."""
    async with ctx.read() as session:
        return await reads.list_entries(
            session,
            ctx.config,
            ctx.today,
            base_of(ctx),
            q=q,
            match=match,
            district=district,
            status=str(status or ""),
        )


@router.get("/changes", permission=_VIEW, screen="electoral_roll/changes.html", summary="名簿の異動")
async def show_changes(ctx: Ctx, first: str = "", last: str = "") -> Listing:
    """登録, 表示, 抹消 and 修正 between two days (the last month)."""
    end = day_of(last, "last", ctx.today)
    start = day_of(first, "first", add_months(end, -1))
    async with ctx.read() as session:
        return await reads.list_changes(session, ctx.config, start, end, ctx.today, base_of(ctx))


@router.get("/entries/{entry_no}", permission=_VIEW, screen=_ENTRY, summary="登録の照会")
async def show_entry(ctx: Ctx, entry_no: int) -> EntryView:
    """A registration and its history."""
    async with ctx.read() as session:
        return await reads.get_entry(session, ctx.config, entry_no, ctx.today, base_of(ctx))


async def _entry_again(ctx: Ctx) -> EntryView:
    async with ctx.read() as session:
        entry_no = int(ctx.request.path_params["entry_no"])
        return await reads.get_entry(session, ctx.config, entry_no, ctx.today, base_of(ctx))


@router.post(
    "/entries/{entry_no}/acts",
    permission=_EDIT,
    screen=_ENTRY,
    then="/entries/{entry_no}",
    again=_entry_again,
    summary="誤載の抹消・在外への移替え・転出先での登録",
)
async def act_on_entry(ctx: Ctx, entry_no: int, body: EntryAct = _ACT) -> EntryResult:
    """What the night does not find out by itself."""
    async with ctx.write() as session:
        return await service.act_on_entry(session, entry_no, body, ctx.now)


@router.get("/people/{addressee_no}", permission=_VIEW, screen=_PERSON, summary="被登録資格の判定")
async def show_person(ctx: Ctx, addressee_no: int, base_on: str = "") -> PersonView:
    """Whether somebody is registrable as of a day, with every step; and what is recorded of the person."""
    day = day_of(base_on, "base_on", date.min) if base_on else None
    async with ctx.read() as session:
        return await reads.get_person(session, ctx.config, addressee_no, day, ctx.today, base_of(ctx))


async def _person_again(ctx: Ctx) -> PersonView | None:
    raw = str((await read_raw(ctx.request)).get("addressee_no", ""))
    if not is_number(raw):
        return None
    async with ctx.read() as session:
        return await reads.get_person(session, ctx.config, int(raw), None, ctx.today, base_of(ctx))


@router.post(
    "/corrections",
    permission=_EDIT,
    screen=_PERSON,
    then="/entries/{entry_no}",
    again=_person_again,
    summary="補正登録",
)
async def register_one(ctx: Ctx, body: CorrectionInput = _CORRECTION) -> EntryResult:
    """Register somebody who was left out (26条)."""
    async with ctx.write() as session:
        return await service.register_one(session, body, ctx.config, ctx.now)


@router.post(
    "/suspensions",
    permission=_EDIT,
    screen=_PERSON,
    then="/people/{addressee_no}",
    again=_person_again,
    summary="公民権停止の登録",
)
async def record_suspension(ctx: Ctx, body: SuspensionInput = _SUSPENSION) -> Recorded:
    """A suspension with its period."""
    async with ctx.write() as session:
        return await service.record_suspension(session, body, ctx.now)


@router.post(
    "/suspensions/withdraw",
    permission=_EDIT,
    screen=_PERSON,
    then="/people/{addressee_no}",
    again=_person_again,
    summary="公民権停止の記録の取消し",
)
async def withdraw_suspension(ctx: Ctx, body: Withdrawal = _WITHDRAWAL) -> Recorded:
    """Take back a suspension that was recorded by mistake."""
    async with ctx.write() as session:
        return await service.withdraw_suspension(session, body, ctx.now)


@router.post(
    "/cares",
    permission=_EDIT,
    screen=_PERSON,
    then="/people/{addressee_no}",
    again=_person_again,
    summary="支援措置・送付先の登録",
)
async def record_care(ctx: Ctx, body: CareInput = _CARE) -> Recorded:
    """Protection from inspections, or another address for the card."""
    async with ctx.write() as session:
        return await service.record_care(session, body, ctx.now)


@router.get("/statistics", permission=_VIEW, screen="electoral_roll/statistics.html", summary="登録者数・直接請求")
async def show_statistics(ctx: Ctx) -> Statistics:
    """The roll by district, sex and age, and how many signatures 直接請求 need."""
    async with ctx.read() as session:
        return await get_statistics(session, ctx.config, ctx.today)
