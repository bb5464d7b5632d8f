"""実態調査: the list of what is to be done, a survey, its visits and its outcome."""

from typing import Literal

from modules.resident.basic_register import surveys
from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.surveys import (
    SurveyEntry,
    SurveyList,
    SurveyOutcome,
    SurveyResult,
    SurveyView,
    SurveyVisit,
)
from yoriai.web import Ctx, form_or_json
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

_ENTRY = form_or_json(SurveyEntry)
_VISIT = form_or_json(SurveyVisit)
_OUTCOME = form_or_json(SurveyOutcome)
_LOOK, _ACT = "resident.view", "resident.ex_officio"
_LIST, _SCREEN, _ONE = "resident/surveys.html", "resident/survey.html", "/surveys/{survey_no}"


@router.get("/surveys", permission=_LOOK, summary="実態調査の一覧", screen=_LIST)
async def show_surveys(
    ctx: Ctx, show: Literal["", "open", "closed"] = "open", addressee_no: int | None = None
) -> SurveyList:
    """The surveys, what is due first; with a person, the form begins with them."""
    return await _surveys(ctx, show, addressee_no)


async def _surveys(ctx: Ctx, show: str, addressee_no: int | None) -> SurveyList:
    async with ctx.read() as session:
        return await surveys.list_surveys(session, show, addressee_no, ctx.today, base_of(ctx))


async def _list_again(ctx: Ctx) -> SurveyList:
    number = str((await read_raw(ctx.request)).get("addressee_no", ""))
    return await _surveys(ctx, "open", int(number) if is_number(number) else None)


@router.post("/surveys", permission=_ACT, summary="実態調査の対象の登録", screen=_LIST, then=_ONE, again=_list_again)
async def open_survey(ctx: Ctx, body: SurveyEntry = _ENTRY) -> SurveyResult:
    """Register somebody to be surveyed."""
    async with ctx.write() as session:
        return await surveys.open_survey(session, body, ctx.now)


@router.get(_ONE, permission=_LOOK, summary="実態調査の照会", screen=_SCREEN)
async def show_survey(ctx: Ctx, survey_no: int) -> SurveyView:
    """A survey with its visits. Audited."""
    return await _survey(ctx, survey_no)


async def _survey(ctx: Ctx, survey_no: int) -> SurveyView:
    async with ctx.read() as session:
        return await surveys.get_survey(session, survey_no, ctx.today)


async def _again(ctx: Ctx) -> SurveyView:
    return await _survey(ctx, int(ctx.request.path_params["survey_no"]))


@router.post(f"{_ONE}/visits", permission=_ACT, summary="実態調査の結果の登録", screen=_SCREEN, then=_ONE, again=_again)
async def record_visit(ctx: Ctx, survey_no: int, body: SurveyVisit = _VISIT) -> SurveyResult:
    """Record a visit or inquiry."""
    async with ctx.write() as session:
        return await surveys.record_visit(session, survey_no, body, ctx.now)


@router.post(f"{_ONE}/outcome", permission=_ACT, summary="実態調査の結論", screen=_SCREEN, then=_ONE, again=_again)
async def close_survey(ctx: Ctx, survey_no: int, body: SurveyOutcome = _OUTCOME) -> SurveyResult:
    """Close a survey with its outcome."""
    async with ctx.write() as session:
        return await surveys.close_survey(session, survey_no, body, ctx.now)
