"""The addresses of NHI: the levy of a household and its explanation, 資格, and what is open."""

from datetime import date
from typing import Annotated, Any

from fastapi import Query

from modules.nhi.health_insurance import notice_routes, service
from modules.nhi.health_insurance.debits import routes as debit_routes
from modules.nhi.health_insurance.debits.reads import find_debits
from modules.nhi.health_insurance.figures import levy_name
from modules.nhi.health_insurance.inputs import (
    Assess,
    Circumstance,
    Dismissal,
    EnrolmentForm,
    EnrolmentResult,
    Transfer,
    Withdraw,
)
from modules.nhi.health_insurance.statistics import find_statistics
from modules.nhi.health_insurance.together import EnrolTogether, asked_of, enrol_together, list_mates
from modules.nhi.health_insurance.views import (
    AssessmentResult,
    Candidate,
    CandidateList,
    ExplanationView,
    HouseholdResult,
    LevyView,
    StatisticsView,
    explanation_view,
    levy_view,
    told,
)
from modules.resident.basic_register.facts import find_resident
from yoriai.audit import AuditEvent
from yoriai.dates import fiscal_year_of
from yoriai.rules import ParameterSet, Use
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.explained import shown_steps
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

router = BusinessRouter("nhi")
debit_routes.add_to(router)
notice_routes.add_to(router)
_ASSESS = form_or_json(Assess)
_DISMISSAL = form_or_json(Dismissal)
_ENROL = form_or_json(EnrolTogether)
_WITHDRAW = form_or_json(Withdraw)
_TRANSFER = form_or_json(Transfer)
_CIRCUMSTANCE = form_or_json(Circumstance)
_TOTALS = frozenset({"total"})
_MOST = 500
FiscalYear = Annotated[int, Query(ge=2014, le=2199)]


def _figures(ctx: Ctx, fiscal_year: int | None = None) -> ParameterSet:
    return service.figures_of(ctx.config, fiscal_year or fiscal_year_of(ctx.today))


async def _form(ctx: Ctx, addressee_no: int | None, initial: dict[str, Any]) -> EnrolmentForm:
    form = EnrolmentForm(
        addressee_no=addressee_no,
        person=None,
        household_no=None,
        enrolments=[],
        initial=_filled(ctx, addressee_no, initial),
    )
    if addressee_no is None:
        return form
    async with ctx.read() as session:
        person = await find_resident(session, addressee_no)
        form.enrolments = await service.list_enrolments(session, addressee_no)
        session.audit(AuditEvent("nhi.view", f"addressee:{addressee_no}"))
    if person is not None:
        form.person = {"name": person.name, "name_kana": person.name_kana, "birth_date": person.birth_date}
        form.household_no = person.household_no
    return form


async def _again(ctx: Ctx) -> EnrolmentForm:
    text = str((await read_raw(ctx.request)).get("addressee_no", ""))
    return await _form(ctx, int(text) if is_number(text) else None, {})


def _filled(ctx: Ctx, addressee_no: int | None, initial: dict[str, Any]) -> dict[str, Any]:
    return {"addressee_no": addressee_no or "", "notified_on": ctx.today.isoformat()} | initial


def _typed(day: date | None) -> str:
    return day.isoformat() if day else ""


@router.get(
    "/households/{household_no}",
    permission="nhi.view",
    screen="nhi/household.html",
    summary="国保税(料)の照会 (今年度)",
)
async def show_household(ctx: Ctx, household_no: int) -> LevyView:
    """A household's levy of the present 年度."""
    return await _levy(ctx, household_no, fiscal_year_of(ctx.today))


@router.get(
    "/households/{household_no}/levies/{fiscal_year}",
    permission="nhi.view",
    screen="nhi/household.html",
    summary="国保税(料)の照会",
)
async def show_levy(ctx: Ctx, household_no: int, fiscal_year: int) -> LevyView:
    """A household's levy of a 年度: components, reduction, people, instalments, revisions."""
    return await _levy(ctx, household_no, fiscal_year)


async def _levy(ctx: Ctx, household_no: int, fiscal_year: int) -> LevyView:
    async with ctx.read() as session:
        view = levy_view(household_no, fiscal_year, await service.get_levy(session, household_no, fiscal_year))
        told = await find_debits(session, ctx.config, household_no, fiscal_year, ctx.today)
    for instalment in view.instalments:
        instalment.debit = told.get(instalment.no, "")
    return view.model_copy(update={"levy_name": levy_name(ctx.config, fiscal_year)})


@router.get(
    "/households/{household_no}/levies/{fiscal_year}/explanation",
    permission="nhi.view",
    screen="nhi/explanation.html",
    summary="国保税(料)の計算の内訳",
)
async def show_explanation(
    ctx: Ctx, household_no: int, fiscal_year: int, revision: int | None = None, complete: bool = False
) -> ExplanationView:
    """Every step of an assessment from the input and figures kept with it; `complete` shows those that came to nothing too."""
    async with ctx.read() as session:
        assessment, explanation = await service.explain_assessment(session, household_no, fiscal_year, revision)
    steps = shown_steps(told(explanation, is_complete=complete), _TOTALS)
    view = explanation_view(assessment, explanation, steps, is_complete=complete)
    return view.model_copy(update={"levy_name": levy_name(ctx.config, fiscal_year)})


@router.post(
    "/households/{household_no}/levies/{fiscal_year}/assess",
    permission="nhi.edit",
    then="/households/{household_no}/levies/{fiscal_year}",
    summary="国保税(料)の賦課・更正",
)
async def assess(ctx: Ctx, household_no: int, fiscal_year: int, body: Assess = _ASSESS) -> AssessmentResult:
    """Assess a household anew; a difference becomes the next revision with its instalments and notice."""
    figures = _figures(ctx, fiscal_year)
    async with ctx.write() as session:
        row = await service.assess_household(session, household_no, figures, ctx.today, ctx.now, body.reason)
    made = (row["revision"], row["total"]) if row else (None, None)
    return AssessmentResult(
        household_no=household_no, fiscal_year=fiscal_year, is_changed=row is not None, revision=made[0], total=made[1]
    )


@router.get("/candidates", permission="nhi.view", screen="nhi/candidates.html", summary="資格異動の候補")
async def list_candidates(ctx: Ctx) -> CandidateList:
    """What movements of the register and birthdays ask NHI to do."""
    age = Use(_figures(ctx)).count("elderly_medical.age")
    async with ctx.read() as session:
        rows = await service.list_candidates(session, age, _MOST)
    return CandidateList(candidates=[Candidate(**row) for row in rows], is_capped=len(rows) == _MOST)


@router.post(
    "/candidates/dismiss", permission="nhi.edit", then="/candidates", summary="資格異動の候補の対象外 (手続き不要)"
)
async def dismiss(ctx: Ctx, body: Dismissal = _DISMISSAL) -> HouseholdResult:
    """Take a candidate off the list: the person needs no change."""
    async with ctx.write() as session:
        return HouseholdResult(household_no=await service.dismiss_candidate(session, body, ctx.now))


@router.get("/enrolments/new", permission="nhi.edit", screen="nhi/enrol.html", summary="資格取得の入力")
async def new_enrolment(
    ctx: Ctx, addressee_no: int | None = None, acquired_on: date | None = None, reason: str = ""
) -> EnrolmentForm:
    """The form of 資格取得, filled in from a candidate."""
    initial = {"acquired_on": _typed(acquired_on), "reason": reason}
    return await _with_mates(ctx, await _form(ctx, addressee_no, initial), is_chosen=reason == "move_in")


async def _with_mates(ctx: Ctx, form: EnrolmentForm, *, is_chosen: bool = False) -> EnrolmentForm:
    """The form with the others of the household, who may join with the same notice."""
    if form.addressee_no is None or form.household_no is None:
        return form
    async with ctx.read() as session:
        mates = await list_mates(session, form.addressee_no, form.household_no, ctx.today)
    form.mates = [mate.model_dump() for mate in mates]
    form.initial["also"] = asked_of(mates, is_chosen=is_chosen)
    return form


async def _enrol_again(ctx: Ctx) -> EnrolmentForm:
    return await _with_mates(ctx, await _again(ctx))


@router.post(
    "/enrolments",
    permission="nhi.edit",
    screen="nhi/enrol.html",
    then="/households/{household_no}/levies/{fiscal_year}",
    again=_enrol_again,
    summary="資格取得の登録",
)
async def enrol(ctx: Ctx, body: EnrolTogether = _ENROL) -> EnrolmentResult:
    """資格の取得 of a person and of others of the household; a notice after 14 days has to be confirmed."""
    async with ctx.write() as session:
        return await enrol_together(session, body, _figures(ctx, fiscal_year_of(body.acquired_on)), ctx.now)


@router.get("/enrolments/loss", permission="nhi.edit", screen="nhi/withdraw.html", summary="資格喪失の入力")
async def new_withdrawal(
    ctx: Ctx, addressee_no: int | None = None, lost_on: date | None = None, reason: str = ""
) -> EnrolmentForm:
    """The form of 資格喪失, filled in from a candidate."""
    return await _form(ctx, addressee_no, {"lost_on": _typed(lost_on), "reason": reason})


@router.post(
    "/enrolments/loss",
    permission="nhi.edit",
    screen="nhi/withdraw.html",
    then="/households/{household_no}/levies/{fiscal_year}",
    again=_again,
    summary="資格喪失の登録",
)
async def withdraw(ctx: Ctx, body: Withdraw = _WITHDRAW) -> EnrolmentResult:
    """資格の喪失; a notice after 14 days has to be confirmed."""
    async with ctx.write() as session:
        return await service.withdraw(session, body, _figures(ctx, fiscal_year_of(body.lost_on)), ctx.now)


@router.post("/enrolments/transfer", permission="nhi.edit", summary="資格の世帯の移替え", then="/candidates")
async def transfer(ctx: Ctx, body: Transfer = _TRANSFER) -> EnrolmentResult:
    """Carry an enrolment over to the household the person lives in now."""
    async with ctx.write() as session:
        return await service.transfer(session, body, body.moved_on, ctx.now)


@router.get(
    "/circumstances/new", permission="nhi.edit", screen="nhi/circumstance.html", summary="賦課に関わる事情の入力"
)
async def new_circumstance(ctx: Ctx, addressee_no: int | None = None) -> EnrolmentForm:
    """The form of 非自発的失業, 出産, 介護保険適用除外, 世帯主変更."""
    return await _form(ctx, addressee_no, {})


@router.post(
    "/circumstances",
    permission="nhi.edit",
    screen="nhi/circumstance.html",
    then="/households/{household_no}/levies/{fiscal_year}",
    again=_again,
    summary="賦課に関わる事情の登録 (非自発的失業・出産など)",
)
async def record_circumstance(ctx: Ctx, body: Circumstance = _CIRCUMSTANCE) -> EnrolmentResult:
    """What the levy depends on besides 資格 and income."""
    async with ctx.write() as session:
        return await service.record_circumstance(session, body, ctx.now)


@router.get("/statistics", permission="nhi.view", screen="nhi/statistics.html", summary="賦課状況")
async def show_statistics(ctx: Ctx, fiscal_year: FiscalYear | None = None) -> StatisticsView:
    """Households, insured people and amounts by reduction tier, as last counted."""
    year = fiscal_year or fiscal_year_of(ctx.today)
    async with ctx.read() as session:
        view = await find_statistics(session, year)
    return view.model_copy(update={"levy_name": levy_name(ctx.config, year)})
