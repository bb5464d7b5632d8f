"""The addresses of 就学: the register of children, entrants, statistics. Applications and printing are in files beside this one."""

from typing import Annotated

from fastapi import Query

from modules.resident.school_age import pulling, service
from modules.resident.school_age.case_routes import add_case_routes
from modules.resident.school_age.inputs import (
    BulkNoticeRequest,
    ChildItems,
    ChildResult,
    Fixing,
    Hold,
    LetterChange,
    NoticeRequest,
    NoticeResult,
    SchoolChange,
    YearResult,
)
from modules.resident.school_age.print_routes import add_print_routes
from modules.resident.school_age.reads import get_child, get_entrants, list_children, try_turn
from modules.resident.school_age.settings import District, read_settings
from modules.resident.school_age.statistics import get_forecast, get_statistics
from modules.resident.school_age.transfer_routes import add_transfer_routes
from modules.resident.school_age.views import ChildList, ChildView, EntrantList, Forecast, Statistics, TurnTrial
from yoriai.dates import fiscal_year_of
from yoriai.errors import FieldError, Invalid
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import AskedDay

router = BusinessRouter("school_age")
_VIEW, _EDIT, _DECIDE = "school_age.view", "school_age.edit", "school_age.decide"
_ITEMS = form_or_json(ChildItems)
_SCHOOL = form_or_json(SchoolChange)
_HOLD = form_or_json(Hold)
_NOTICE = form_or_json(NoticeRequest)
_BULK = form_or_json(BulkNoticeRequest)
_FIX = form_or_json(Fixing)
_LETTER = form_or_json(LetterChange)
Year = Annotated[int, Query(ge=2000, le=2199)]


@router.get("/register", permission=_VIEW, screen="school_age/register.html", summary="学齢簿の一覧")
async def show_register(
    ctx: Ctx, school: str = "", grade: str = "", kind: str = "", district: str = "", day: AskedDay = None
) -> ChildList:
    """Children by school, grade, kind and 通学区域 as of a day; `kind=attention`: 居所不明, 不就学 and those without a school."""
    async with ctx.read() as session:
        return await list_children(
            session, ctx.config, day or ctx.today, school=school, grade=_grade(grade), kind=kind, district=district
        )


@router.get("/children/{addressee_no}", permission=_VIEW, screen="school_age/child.html", summary="学齢簿の照会")
async def show_child(ctx: Ctx, addressee_no: int) -> ChildView:
    """A child with placements, acts, letters and applications."""
    return await _child(ctx, addressee_no)


async def _child(ctx: Ctx, addressee_no: int) -> ChildView:
    async with ctx.read() as session:
        return await get_child(session, ctx.config, addressee_no, ctx.today)


async def _child_again(ctx: Ctx) -> ChildView:
    return await _child(ctx, int(ctx.request.path_params["addressee_no"]))


@router.post(
    "/children/{addressee_no}/items",
    permission=_EDIT,
    screen="school_age/child.html",
    then="/children/{addressee_no}",
    again=_child_again,
    summary="学齢簿の記載事項の変更",
)
async def change_items(ctx: Ctx, addressee_no: int, body: ChildItems = _ITEMS) -> ChildResult:
    """就学の希望, 通称, 居所不明, 保護者, 備考."""
    async with ctx.write() as session:
        return await service.change_items(session, addressee_no, body, ctx.now)


@router.post(
    "/children/{addressee_no}/school",
    permission=_EDIT,
    screen="school_age/child.html",
    then="/children/{addressee_no}",
    again=_child_again,
    summary="国立・私立などの届、学校の決定",
)
async def change_school(ctx: Ctx, addressee_no: int, body: SchoolChange = _SCHOOL) -> ChildResult:
    """Another kind of school by notice, or the municipality's."""
    async with ctx.write() as session:
        return await service.change_school(session, addressee_no, body, ctx.config, ctx.now)


@router.post(
    "/children/{addressee_no}/hold",
    permission=_EDIT,
    screen="school_age/child.html",
    then="/children/{addressee_no}",
    again=_child_again,
    summary="原級留置",
)
async def hold_back(ctx: Ctx, addressee_no: int, body: Hold = _HOLD) -> ChildResult:
    """An exception to the turn of the year, or its cancellation."""
    async with ctx.write() as session:
        return await service.hold_back(session, addressee_no, body, ctx.now)


@router.post(
    "/children/{addressee_no}/notices",
    permission=_EDIT,
    screen="school_age/child.html",
    then="/children/{addressee_no}",
    again=_child_again,
    summary="通知書の作成",
)
async def issue_notice(ctx: Ctx, addressee_no: int, body: NoticeRequest = _NOTICE) -> NoticeResult:
    """A letter for one child."""
    async with ctx.write() as session:
        return await service.issue_notice(session, addressee_no, body, ctx.config, ctx.now)


@router.get("/entrants", permission=_VIEW, screen="school_age/entrants.html", summary="新入学者")
async def show_entrants(ctx: Ctx, year: Year | None = None) -> EntrantList:
    """The coming first grade of a 年度; without one that of next April."""
    return await _entrants(ctx, year or fiscal_year_of(ctx.today) + 1)


async def _entrants(ctx: Ctx, year: int) -> EntrantList:
    async with ctx.read() as session:
        view = await get_entrants(session, ctx.config, year, ctx.today)
        return view.model_copy(update={"withheld": await pulling.list_withheld(session, year)})


async def _entrants_again(ctx: Ctx) -> EntrantList:
    return await _entrants(ctx, int(ctx.request.path_params["entry_year"]))


@router.post(
    "/entrants/{entry_year}/fix",
    permission=_DECIDE,
    screen="school_age/entrants.html",
    then="/entrants?year={entry_year}",
    again=_entrants_again,
    summary="新入学者の確定",
)
async def fix_entrants(ctx: Ctx, entry_year: int, body: Fixing = _FIX) -> YearResult:
    """Fix the list after its review."""
    async with ctx.write() as session:
        return await service.fix_entrants(session, entry_year, ctx.now)


@router.post(
    "/entrants/{entry_year}/notices",
    permission=_EDIT,
    screen="school_age/entrants.html",
    then="/entrants?year={entry_year}",
    again=_entrants_again,
    summary="新入学の通知書の作成",
)
async def make_notices(ctx: Ctx, entry_year: int, body: BulkNoticeRequest = _BULK) -> YearResult:
    """The letters of a year that were not made yet."""
    async with ctx.write() as session:
        return await service.make_notices(session, entry_year, body.kind, ctx.config, ctx.now)


@router.post(
    "/entrants/{entry_year}/letters/changes",
    permission=_EDIT,
    screen="school_age/entrants.html",
    then="/entrants?year={entry_year}",
    again=_entrants_again,
    summary="通知書の引抜・追加",
)
async def change_letter(ctx: Ctx, entry_year: int, body: LetterChange = _LETTER) -> YearResult:
    """Pull a letter out of the bulk printing, or put it back."""
    async with ctx.write() as session:
        return await pulling.change_letter(session, entry_year, body, ctx.now)


@router.get("/turn", permission=_VIEW, screen="school_age/turn.html", summary="年度更新の試行")
async def show_turn(ctx: Ctx, year: Year | None = None) -> TurnTrial:
    """What the next 1 April would do, without doing it."""
    async with ctx.read() as session:
        return await try_turn(session, ctx.config, year or fiscal_year_of(ctx.today) + 1)


@router.get("/statistics", permission=_VIEW, screen="school_age/statistics.html", summary="就学の統計")
async def show_statistics(ctx: Ctx) -> Statistics:
    """Counts by school, grade, sex, nationality, kind and district."""
    async with ctx.read() as session:
        return await get_statistics(session, ctx.config, ctx.today)


@router.get("/forecast", permission=_VIEW, screen="school_age/forecast.html", summary="新入学者の見込み")
async def show_forecast(ctx: Ctx, town: str = "", school: str = "", first: str = "", last: str = "") -> Forecast:
    """Entrants of six years by school; with a 町字 and a school, as a trial of that change beside the live districts."""
    trial = None
    if town.strip():
        settings = read_settings(ctx.config)
        if school not in settings.schools:
            raise Invalid(fields=[FieldError("school", "試算する学校を選んでください。", rule="required")])
        if (first or last) and not (first.isdigit() and last.isdigit() and int(first) <= int(last)):
            raise Invalid(fields=[FieldError("last", "番地の範囲は始まりから終わりまでの数字です。", rule="order")])
        trial = District(school, (town.strip(),), (int(first), int(last)) if first else None)
    async with ctx.read() as session:
        return await get_forecast(session, ctx.config, ctx.today, trial)


def _grade(text: str) -> int | None:
    return int(text) if text.isdigit() and len(text) == 1 else None


add_case_routes(router)
add_transfer_routes(router)
add_print_routes(router)
