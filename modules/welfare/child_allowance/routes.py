"""The addresses of 児童手当: cases, claims, decisions, payment lists, 案内."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Query

from modules.welfare.child_allowance import letter_routes, service
from modules.welfare.child_allowance.inputs import (
    CaseAct,
    CaseResult,
    ChildAdded,
    ChildLost,
    Claim,
    ProposalClosed,
    ProposalResult,
)
from modules.welfare.child_allowance.judging import figures_of
from modules.welfare.child_allowance.proposals import get_claim_form, list_proposals
from modules.welfare.child_allowance.reads import find_newest_month, get_case, get_payments, list_cases
from modules.welfare.child_allowance.states import Act, State
from modules.welfare.child_allowance.transfers import routes as transfer_routes
from modules.welfare.child_allowance.views import CaseList, CaseView, ClaimForm, PaymentList, ProposalList
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import AskedDay, AskedMonth, is_number
from yoriai.web.forms import read_raw

router = BusinessRouter("child_allowance")
transfer_routes.add_to(router)
letter_routes.add_to(router)
_CLAIM = form_or_json(Claim)
_ACT = form_or_json(CaseAct)
_ADDED = form_or_json(ChildAdded)
_LOST = form_or_json(ChildLost)
_CLOSED = form_or_json(ProposalClosed)
_VIEW, _EDIT, _DECIDE = "child_allowance.view", "child_allowance.edit", "child_allowance.decide"


@router.get("/cases", permission=_VIEW, screen="child_allowance/cases.html", summary="受給者台帳の一覧")
async def show_cases(ctx: Ctx, status: State = State.CLAIMED) -> CaseList:
    """Cases by state; claims that wait for a decision first."""
    async with ctx.read() as session:
        return await list_cases(session, status)


@router.get("/cases/{case_no}", permission=_VIEW, screen="child_allowance/case.html", summary="受給者台帳の照会")
async def show_case(
    ctx: Ctx,
    case_no: int,
    month: AskedMonth = None,
    child_no: int | None = None,
    act: Act | None = None,
    on: AskedDay = None,
    reason: Annotated[str, Query(max_length=200)] = "",
) -> CaseView:
    """A case, judged for a month (the present one), with the steps of the judgement.

    A procedure that follows from a movement fills its form: the child that comes or goes, the act, the day, why.
    """
    view = await _case(ctx, case_no, month)
    view.fill(child_no, act, on, reason)
    return view


@router.get("/claims/new", permission=_EDIT, screen="child_allowance/claim.html", summary="認定請求の入力")
async def show_claim(
    ctx: Ctx,
    household_no: int | None = None,
    recipient_no: int | None = None,
    event: Literal["birth", "move_in", "other"] | None = None,
    event_on: AskedDay = None,
) -> ClaimForm:
    """A claim; for a household its main earner is proposed and its children are filled in, and the event it follows from."""
    form = await _claim_form(ctx, household_no, recipient_no)
    if event is not None:
        form.initial |= {"event": event, "event_on": event_on.isoformat() if event_on else ""}
    return form


async def _claim_again(ctx: Ctx) -> ClaimForm:
    raw = (await read_raw(ctx.request)).get("recipient_no", "")
    form = await _claim_form(ctx, None, None)
    if is_number(str(raw)):
        async with ctx.read() as session:
            found = await session.fetchval("SELECT household_no FROM fact_resident WHERE addressee_no = $1", int(raw))
        form = await _claim_form(ctx, found, int(raw)) if found else form
    return form


@router.post(
    "/claims",
    permission=_EDIT,
    screen="child_allowance/claim.html",
    then="/cases/{case_no}",
    again=_claim_again,
    summary="認定請求の受付",
)
async def record_claim(ctx: Ctx, body: Claim = _CLAIM) -> CaseResult:
    """Accept a claim with its 受付日 and the event that the 15 days count from."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.record_claim(session, body, figures, ctx.now)


async def _case_again(ctx: Ctx) -> CaseView:
    return await _case(ctx, int(ctx.request.path_params["case_no"]), None)


@router.post(
    "/cases/{case_no}/acts",
    permission=_DECIDE,
    screen="child_allowance/case.html",
    then="/cases/{case_no}",
    again=_case_again,
    summary="認定・却下・差止・解除・消滅",
)
async def act_on_case(ctx: Ctx, case_no: int, body: CaseAct = _ACT) -> CaseResult:
    """Decide, hold, resume or end, as the table of transitions allows."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.act_on_case(session, case_no, body, figures, ctx.now)


@router.post(
    "/cases/{case_no}/children",
    permission=_EDIT,
    screen="child_allowance/case.html",
    then="/cases/{case_no}",
    again=_case_again,
    summary="額改定請求 (増額)",
)
async def add_child(ctx: Ctx, case_no: int, body: ChildAdded = _ADDED) -> CaseResult:
    """Add a child."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.add_child(session, case_no, body, figures, ctx.now)


@router.post(
    "/cases/{case_no}/children/loss",
    permission=_EDIT,
    screen="child_allowance/case.html",
    then="/cases/{case_no}",
    again=_case_again,
    summary="額改定 (減額)",
)
async def lose_child(ctx: Ctx, case_no: int, body: ChildLost = _LOST) -> CaseResult:
    """Record from when a child no longer counts."""
    async with ctx.write() as session:
        return await service.lose_child(session, case_no, body, ctx.now)


@router.get("/payments", permission=_VIEW, screen="child_allowance/payments.html", summary="支払一覧")
async def show_payments(ctx: Ctx, month: AskedMonth = None) -> PaymentList:
    """The payment list of a month, held recipients apart; without a month the newest list there is."""
    async with ctx.read() as session:
        day = month or await find_newest_month(session) or ctx.today.replace(day=1)
        return await get_payments(session, day, ctx.today)


@router.get("/proposals", permission=_VIEW, screen="child_allowance/proposals.html", summary="手続きの案内の一覧")
async def show_proposals(ctx: Ctx) -> ProposalList:
    """What births and movements ask for."""
    async with ctx.read() as session:
        return await list_proposals(session, ctx.today)


async def _proposals_again(ctx: Ctx) -> ProposalList:
    async with ctx.read() as session:
        return await list_proposals(session, ctx.today)


@router.post(
    "/proposals/{event_id}/close",
    permission=_EDIT,
    screen="child_allowance/proposals.html",
    then="/proposals",
    again=_proposals_again,
    summary="案内の処理済み",
)
async def close_proposal(ctx: Ctx, event_id: int, body: ProposalClosed = _CLOSED) -> ProposalResult:
    """Mark an 案内 as dealt with."""
    async with ctx.write() as session:
        return await service.close_proposal(session, event_id, body, ctx.now)


async def _case(ctx: Ctx, case_no: int, month: date | None) -> CaseView:
    day = month or ctx.today.replace(day=1)
    figures = figures_of(ctx.config, day)
    async with ctx.read() as session:
        return await get_case(session, case_no, day, figures, ctx.today)


async def _claim_form(ctx: Ctx, household_no: int | None, recipient_no: int | None) -> ClaimForm:
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.read() as session:
        return await get_claim_form(session, household_no, recipient_no, figures, ctx.today)
