"""The addresses of 指定校変更, 区域外就学, 就学猶予・免除."""

from modules.resident.school_age import cases
from modules.resident.school_age.case_reads import case_form, get_case, list_cases
from modules.resident.school_age.inputs import CaseAct, CaseInput, CaseResult, Fixing, NoticeResult
from modules.resident.school_age.settings import read_settings
from modules.resident.school_age.views import CaseForm, CaseList, CaseView
from yoriai.web import BusinessRouter, Ctx, form_or_json

_VIEW, _EDIT = "school_age.view", "school_age.edit"
_CASE = form_or_json(CaseInput)
_ACT = form_or_json(CaseAct)
_PRINT = form_or_json(Fixing)


def add_case_routes(router: BusinessRouter) -> None:
    """Add the addresses to the business's router."""

    @router.get("/cases", permission=_VIEW, screen="school_age/cases.html", summary="就学の申請の一覧")
    async def show_cases(ctx: Ctx, state: str = "") -> CaseList:
        """Applications by state."""
        async with ctx.read() as session:
            return await list_cases(session, state, ctx.today)

    @router.get("/cases/new", permission=_EDIT, screen="school_age/case_form.html", summary="就学の申請の入力")
    async def show_form(ctx: Ctx, kind: str = "", addressee_no: int | None = None) -> CaseForm:
        """A blank application."""
        return case_form(read_settings(ctx.config), ctx.today, kind, addressee_no)

    async def form_again(ctx: Ctx) -> CaseForm:
        return case_form(read_settings(ctx.config), ctx.today, "", None)

    @router.post(
        "/cases",
        permission=_EDIT,
        screen="school_age/case_form.html",
        then="/cases/{case_no}",
        again=form_again,
        summary="就学の申請の受付",
    )
    async def apply_for(ctx: Ctx, body: CaseInput = _CASE) -> CaseResult:
        """Accept an application."""
        async with ctx.write() as session:
            return await cases.apply_for(session, body, ctx.config, ctx.now)

    @router.get("/cases/{case_no}", permission=_VIEW, screen="school_age/case.html", summary="就学の申請の照会")
    async def show_case(ctx: Ctx, case_no: int) -> CaseView:
        """An application with its course."""
        async with ctx.read() as session:
            return await get_case(session, case_no, ctx.today)

    async def case_again(ctx: Ctx) -> CaseView:
        async with ctx.read() as session:
            return await get_case(session, int(ctx.request.path_params["case_no"]), ctx.today)

    @router.post(
        "/cases/{case_no}/acts",
        permission=_EDIT,
        screen="school_age/case.html",
        then="/cases/{case_no}",
        again=case_again,
        summary="協議・承認・終了",
    )
    async def act_on_case(ctx: Ctx, case_no: int, body: CaseAct = _ACT) -> CaseResult:
        """The next step of an application; decisions need `school_age.decide`."""
        async with ctx.write() as session:
            return await cases.act_on_case(session, case_no, body, ctx.config, ctx.now)

    @router.post(
        "/cases/{case_no}/consultation",
        permission=_EDIT,
        screen="school_age/case.html",
        then="/notices/{notice_id}/pdf",
        again=case_again,
        summary="区域外就学協議書の作成",
    )
    async def print_consultation(ctx: Ctx, case_no: int, body: Fixing = _PRINT) -> NoticeResult:
        """The letter to the other board."""
        async with ctx.write() as session:
            return await cases.print_consultation(session, case_no, ctx.config, ctx.now)
