"""Search, the person's page, the household's page, the history, the statistics; the movements are in `movement_routes`."""

from typing import Annotated, Literal

from fastapi import Query

from modules.resident.basic_register import (
    as_of_routes,
    character_routes,
    inspection_routes,
    intake_routes,
    movement_import_routes,
    note_routes,
    number_routes,
    one_stop_routes,
    planned_routes,
    protection_routes,
    report_routes,
    survey_routes,
)
from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.labels import CLASS_LABELS
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.movements.holding import free, holds
from modules.resident.basic_register.notes import list_shown
from modules.resident.basic_register.planned.reads import list_attention
from modules.resident.basic_register.reads.history import list_of_period, list_of_person
from modules.resident.basic_register.reads.person import get_household, get_person, get_row
from modules.resident.basic_register.reads.rows import to_card
from modules.resident.basic_register.reads.shapes import Attention, HistoryView, HouseholdView, MovementList, PersonView
from modules.resident.basic_register.reads.statistics import Statistics, get_statistics
from modules.resident.basic_register.search.criteria import Criteria, SearchResult
from modules.resident.basic_register.search.find import search_persons
from yoriai.audit import AuditEvent
from yoriai.web import Ctx
from yoriai.web.fields import AskedDay
from yoriai.web.panels import collect

__all__ = ["router"]
_PARTS = (
    as_of_routes,
    character_routes,
    inspection_routes,
    intake_routes,
    movement_import_routes,
    note_routes,
    number_routes,
    one_stop_routes,
    planned_routes,
    protection_routes,
    report_routes,
    survey_routes,
)
"""Modules that add their routes to the one router when they are imported."""

MovementClass = Literal["", "notified", "ex_officio"]


@router.get(
    "/persons",
    permission="resident.view",
    summary="住民の検索",
    screen="resident/persons.html",
    fragment="resident/_persons.html",
)
async def list_persons(ctx: Ctx, criteria: Annotated[Criteria, Query()]) -> SearchResult:
    """Search by name, kana, day of birth, number, address or several of them. Every search is audited."""
    async with ctx.read() as session:
        return await search_persons(session, criteria, ctx.today, base_of(ctx))


@router.get("/persons/{addressee_no}", permission="resident.view", summary="個人の照会", screen="resident/person.html")
async def show_person(ctx: Ctx, addressee_no: int) -> PersonView:
    """A person's 住民票, household and history, and what the other businesses know of them. Audited."""
    async with ctx.read() as session:
        view = await get_person(session, addressee_no, ctx.now, base_of(ctx))
        notes = await list_shown(session, addressee_no, ctx.today)
        view.attention += await list_attention(session, view.person.household_no, base_of(ctx))
        view.attention += [
            Attention(kind="info", title=f"付箋（{note['staff']}）", text=note["text"]) for note in notes
        ]
        view.panels = await collect(ctx, session, addressee_no)
        return view


@router.get(
    "/persons/{addressee_no}/history",
    permission="resident.view",
    summary="異動履歴の照会",
    screen="resident/history.html",
)
async def show_history(ctx: Ctx, addressee_no: int, movement_class: MovementClass = "") -> HistoryView:
    """A person's movements with the values before and after; filtered by 届出 or 職権. Audited."""
    async with ctx.read() as session:
        row, veil = await get_row(session, addressee_no, "history")
        session.audit(AuditEvent("person.view", f"addressee:{addressee_no}", detail={"part": "history"}))
        movements = await list_of_person(session, addressee_no, base_of(ctx), movement_class)
        card = to_card(row, ctx.today, base_of(ctx), veil)
        return HistoryView(person=card, movement_class=movement_class, movements=movements, classes=dict(CLASS_LABELS))


@router.get(
    "/households/{household_no}", permission="resident.view", summary="世帯の照会", screen="resident/household.html"
)
async def show_household(ctx: Ctx, household_no: int) -> HouseholdView:
    """A household with its present and former members. Each member's view is audited.

    Who had opened it for a change and comes back here has left off: the next clerk need not wait.
    """
    async with ctx.read() as session:
        view = await get_household(session, household_no, ctx.today, base_of(ctx))
        view.attention = await list_attention(session, household_no, base_of(ctx))
        is_held = await holds(session, household_no)
    if is_held:
        async with ctx.write() as session:
            await free(session, [household_no])
    return view


@router.get("/movement-log", permission="resident.view", summary="異動一覧", screen="resident/movements.html")
async def list_movements(
    ctx: Ctx, since: AskedDay = None, until: AskedDay = None, movement_class: MovementClass = ""
) -> MovementList:
    """The movements processed in a period, today's without one."""
    last = until or ctx.today
    first = since or last
    async with ctx.read() as session:
        session.audit(AuditEvent("resident.movements", detail={"since": first, "until": last}))
        return await list_of_period(session, first, last, base_of(ctx), movement_class)


@router.get("/statistics", permission="resident.view", summary="人口統計", screen="resident/statistics.html")
async def show_statistics(ctx: Ctx, as_of: AskedDay = None) -> Statistics:
    """The monthly population by 町字 and age, and the last daily close, as the night's jobs counted them."""
    async with ctx.read() as session:
        return await get_statistics(session, as_of)
