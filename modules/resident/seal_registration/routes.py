"""The addresses of 印鑑登録: registrations, their impressions and cards, 照会書, what waits for a judgement."""

from typing import Annotated

from fastapi import Query
from starlette.responses import Response

from modules.resident.seal_registration import service
from modules.resident.seal_registration.cards import change_card
from modules.resident.seal_registration.certificate_routes import pdf, router
from modules.resident.seal_registration.figures import figures_of
from modules.resident.seal_registration.inputs import (
    Answer,
    Application,
    CardAct,
    GuardianshipNotice,
    GuardianshipResult,
    RegistrationAct,
    RegistrationResult,
    ReviewClosed,
    ReviewResult,
)
from modules.resident.seal_registration.printing import preview_certificate, print_end_notice, print_inquiry
from modules.resident.seal_registration.reads import (
    get_application_form,
    get_comparison,
    get_guardianship_form,
    get_image,
    get_registration,
    list_registrations,
    list_reviews,
)
from modules.resident.seal_registration.states import State
from modules.resident.seal_registration.views import (
    ApplicationForm,
    Comparison,
    GuardianshipForm,
    RegistrationList,
    RegistrationView,
    ReviewList,
)
from yoriai.errors import NotFound
from yoriai.web import Ctx, form_or_json
from yoriai.web.documents import Document, document
from yoriai.web.fields import is_number
from yoriai.web.forms import read_raw

__all__ = ["router"]
_APPLICATION = form_or_json(Application)
_ANSWER = form_or_json(Answer)
_ACT = form_or_json(RegistrationAct)
_CARD = form_or_json(CardAct)
_REVIEW = form_or_json(ReviewClosed)
_NOTICE = form_or_json(GuardianshipNotice)
_VIEW, _EDIT, _DECIDE = "seal_registration.view", "seal_registration.edit", "seal_registration.decide"
_IMAGE = "seal_registration.image"
_ONE, _PAGE = "/registrations/{registration_no}", "seal_registration/registration.html"
Page = Annotated[int, Query(ge=1, le=100_000)]


@router.get("/registrations", permission=_VIEW, screen="seal_registration/registrations.html", summary="登録原票の一覧")
async def show_registrations(
    ctx: Ctx, status: State = State.ACTIVE, q: Annotated[str, Query(max_length=30)] = "", page: Page = 1
) -> RegistrationList:
    """Registrations by state, or by a number: of the registration, a card or the person."""
    async with ctx.read() as session:
        return await list_registrations(session, status, q.strip(), page, ctx.today)


@router.get(
    "/registrations/new", permission=_EDIT, screen="seal_registration/application.html", summary="印鑑登録申請の入力"
)
async def show_application(ctx: Ctx, addressee_no: int | None = None) -> ApplicationForm:
    """An application for a person found in the register."""
    return await _form(ctx, addressee_no)


async def _form(ctx: Ctx, addressee_no: int | None) -> ApplicationForm:
    async with ctx.read() as session:
        return await get_application_form(session, addressee_no, figures_of(ctx.config, ctx.today), ctx.today)


async def _application_again(ctx: Ctx) -> ApplicationForm:
    number = str((await read_raw(ctx.request)).get("addressee_no", ""))
    try:
        return await _form(ctx, int(number) if is_number(number) else None)
    except NotFound:
        return await _form(ctx, None)


@router.post(
    "/registrations",
    permission=_EDIT,
    screen="seal_registration/application.html",
    then=_ONE,
    again=_application_again,
    summary="印鑑登録申請の受付",
)
async def apply(ctx: Ctx, body: Application = _APPLICATION) -> RegistrationResult:
    """Register at once after a check of identity, or send a 照会書."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.apply(session, body, figures, ctx.now)


@router.get(_ONE, permission=_VIEW, screen=_PAGE, summary="登録原票の照会")
async def show_registration(ctx: Ctx, registration_no: int) -> RegistrationView:
    """登録原票: the registration with its cards, 照会書, certificates and history."""
    async with ctx.read() as session:
        return await get_registration(session, registration_no, ctx.today)


@router.get(f"{_ONE}/image", permission=_IMAGE, summary="印影の表示")
async def show_image(ctx: Ctx, registration_no: int) -> Response:
    """The impression as PNG. Every sight is recorded."""
    async with ctx.read() as session:
        return Response(await get_image(session, registration_no), media_type="image/png")


async def _again(ctx: Ctx) -> RegistrationView:
    async with ctx.read() as session:
        return await get_registration(session, int(ctx.request.path_params["registration_no"]), ctx.today)


@router.post(f"{_ONE}/answer", permission=_EDIT, screen=_PAGE, then=_ONE, again=_again, summary="回答書の受付")
async def answer(ctx: Ctx, registration_no: int, body: Answer = _ANSWER) -> RegistrationResult:
    """回答書: the registration becomes good and the card is given."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.answer_inquiry(session, registration_no, body, figures, ctx.now)


@router.post(
    f"{_ONE}/acts",
    permission=_DECIDE,
    screen=_PAGE,
    then=_ONE,
    again=_again,
    summary="一時停止・解除・抹消・復活・不受理",
)
async def act(ctx: Ctx, registration_no: int, body: RegistrationAct = _ACT) -> RegistrationResult:
    """What the table of transitions allows in the state."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await service.act_on_registration(session, registration_no, body, figures, ctx.now)


@router.post(
    f"{_ONE}/cards",
    permission=_EDIT,
    screen=_PAGE,
    then=_ONE,
    again=_again,
    summary="登録証の亡失・再交付・引替え・返納",
)
async def act_on_card(ctx: Ctx, registration_no: int, body: CardAct = _CARD) -> RegistrationResult:
    """亡失届 stops the registration; 再交付 and 引替え give a new number and end the old one."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.write() as session:
        return await change_card(session, registration_no, body, figures, ctx.now)


@router.get(f"{_ONE}/preview", permission="seal_registration.issue", summary="証明書の見本 (PDF)")
async def show_preview(ctx: Ctx, registration_no: int) -> Response:
    """The certificate as it would be printed now, marked 見本."""
    figures = figures_of(ctx.config, ctx.today)
    async with ctx.read() as session:
        return pdf(
            await preview_certificate(session, registration_no, ctx.config, figures, ctx.now, practice=_practice(ctx))
        )


@document(router, f"{_ONE}/inquiry", permission=_EDIT, summary="印鑑登録の照会書")
async def show_inquiry(ctx: Ctx, registration_no: int) -> Document:
    """照会書 with the 回答書, addressed to the person."""
    async with ctx.read() as session:
        made = await print_inquiry(session, registration_no, ctx.config, ctx.now, practice=_practice(ctx))
    return Document(lambda: made, f"照会書_{registration_no}", f"seal_registration:{registration_no}")


@document(router, f"{_ONE}/end-notice", permission=_EDIT, summary="印鑑登録の抹消通知書")
async def show_end_notice(ctx: Ctx, registration_no: int) -> Document:
    """抹消通知書 of an ended registration."""
    async with ctx.read() as session:
        made = await print_end_notice(session, registration_no, ctx.config, ctx.now, practice=_practice(ctx))
    return Document(lambda: made, f"抹消通知書_{registration_no}", f"seal_registration:{registration_no}")


@router.get(
    "/households/{household_no}/comparison",
    permission=_IMAGE,
    screen="seal_registration/comparison.html",
    summary="世帯の印影の比較",
)
async def show_comparison(ctx: Ctx, household_no: int) -> Comparison:
    """The impressions registered in one household, side by side."""
    async with ctx.read() as session:
        return await get_comparison(session, household_no)


@router.get("/reviews", permission=_VIEW, screen="seal_registration/reviews.html", summary="判断を要するものの一覧")
async def show_reviews(ctx: Ctx) -> ReviewList:
    """Seals that no longer fit a name, and 照会書 without an answer in time."""
    async with ctx.read() as session:
        return await list_reviews(session, ctx.today)


async def _reviews_again(ctx: Ctx) -> ReviewList:
    async with ctx.read() as session:
        return await list_reviews(session, ctx.today)


@router.post(
    "/reviews/{review_id}/close",
    permission=_DECIDE,
    screen="seal_registration/reviews.html",
    then="/reviews",
    again=_reviews_again,
    summary="氏名変更後の印影の判断",
)
async def close_review(ctx: Ctx, review_id: int, body: ReviewClosed = _REVIEW) -> ReviewResult:
    """End the registration, or keep it with a reason."""
    async with ctx.write() as session:
        return await service.close_review(session, review_id, body, ctx.now)


@router.get(
    "/guardianships", permission=_DECIDE, screen="seal_registration/guardianships.html", summary="後見開始の通知の一覧"
)
async def show_guardianships(ctx: Ctx, addressee_no: int | None = None) -> GuardianshipForm:
    """The notices that stand."""
    async with ctx.read() as session:
        return await get_guardianship_form(session, addressee_no, ctx.today)


async def _guardianships_again(ctx: Ctx) -> GuardianshipForm:
    async with ctx.read() as session:
        return await get_guardianship_form(session, None, ctx.today)


@router.post(
    "/guardianships",
    permission=_DECIDE,
    screen="seal_registration/guardianships.html",
    then="/guardianships",
    again=_guardianships_again,
    summary="後見開始の通知の記録",
)
async def record_guardianship(ctx: Ctx, body: GuardianshipNotice = _NOTICE) -> GuardianshipResult:
    """Record a notice; a registration there is ends by it."""
    async with ctx.write() as session:
        return await service.record_guardianship(session, body, ctx.now)


def _practice(ctx: Ctx) -> bool:
    practice: bool = ctx.request.app.state.settings.practice
    return practice
