"""個人番号 and 住民票コード of a person. Numbers come in bodies only, never in an address, and are shown for a purpose only."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.household_pages import base_of
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.numbers.kinds import EDIT, KINDS, REASONS, VIEW
from modules.resident.basic_register.numbers.notice import get_notice
from modules.resident.basic_register.numbers.service import (
    Holder,
    NumberEntry,
    NumberQuery,
    NumberResult,
    NumberRow,
    NumberSight,
    find_holder,
    list_numbers,
    record_number,
)
from modules.resident.basic_register.reads.person import get_row
from modules.resident.basic_register.reads.rows import to_card
from modules.resident.basic_register.reads.shapes import PersonCard
from yoriai.documents import render_pdf
from yoriai.web import Ctx, form_or_json
from yoriai.web.documents import Document, hand_out, wants_file

_ENTRY = form_or_json(NumberEntry)
_SIGHT = form_or_json(NumberSight)
_QUERY = form_or_json(NumberQuery)
_SCREEN = "resident/numbers.html"
_LAW = "住民基本台帳法7条8号の2・13号"
"""The 個人番号 and the 住民票コード are items of the 住民票 itself."""
_NOTICE = Path(__file__).parent / "documents" / "number_notice.typ"


class NumbersView(BaseModel):
    """A person's numbers; `is_open` says that they were asked for with a purpose."""

    person: PersonCard
    rows: list[NumberRow]
    kinds: list[tuple[str, str]]
    reasons: list[tuple[str, str]]
    is_open: bool
    initial: dict[str, Any]


class NumberSearch(BaseModel):
    """A search by number and whom it found."""

    kinds: list[tuple[str, str]]
    is_asked: bool
    holder: Holder | None
    href: str


async def _view(ctx: Ctx, addressee_no: int, purpose: str = "") -> NumbersView:
    async with ctx.read() as session:
        row, veil = await get_row(session, addressee_no, "numbers")
        rows = await list_numbers(session, ctx.sealer, ctx.tenant, addressee_no, purpose)
    return NumbersView(
        person=to_card(row, ctx.today, base_of(ctx), veil),
        rows=rows,
        kinds=[(code, kind.label) for code, kind in KINDS.items()],
        reasons=list(REASONS.items()),
        is_open=bool(purpose),
        initial={"valid_from": ctx.today.isoformat(), "reason": "assigned"},
    )


async def _again(ctx: Ctx) -> NumbersView:
    return await _view(ctx, int(ctx.request.path_params["addressee_no"]))


@router.get(
    "/persons/{addressee_no}/numbers",
    permission=VIEW,
    summary="個人番号・住民票コードの有無",
    screen=_SCREEN,
    number_use=_LAW,
)
async def show_numbers(ctx: Ctx, addressee_no: int) -> NumbersView:
    """Which numbers the person has and had, masked."""
    return await _view(ctx, addressee_no)


@router.post(
    "/persons/{addressee_no}/numbers/sight",
    permission=VIEW,
    summary="個人番号・住民票コードの照会",
    screen=_SCREEN,
    again=_again,
    number_use=_LAW,
)
async def see_numbers(ctx: Ctx, addressee_no: int, body: NumberSight = _SIGHT) -> NumbersView:
    """The numbers in plain digits; audited with the purpose."""
    return await _view(ctx, addressee_no, body.purpose)


@router.post(
    "/persons/{addressee_no}/numbers/notice",
    permission=EDIT,
    summary="住民票コード通知票",
    screen=_SCREEN,
    number_use=_LAW,
    again=_again,
)
async def print_notice(ctx: Ctx, addressee_no: int, body: NumberSight = _SIGHT) -> Any:
    """The notice of the 住民票コード to the person as PDF/A, its data for JSON; audited with the purpose."""
    async with ctx.read() as session:
        data = await get_notice(session, ctx.sealer, ctx.config, addressee_no, body.purpose, ctx.today)
        if not (body.printer or wants_file(ctx.request)):
            return data
        values, now = {**data, "practice": ctx.request.app.state.settings.practice}, ctx.now
        made = Document(
            lambda: render_pdf(_NOTICE, values, made_at=now),
            f"住民票コード通知票_{addressee_no}",
            f"addressee:{addressee_no}",
        )
        return await hand_out(ctx, session, made, "住民票コード通知票", body.printer)


@router.post(
    "/persons/{addressee_no}/numbers",
    permission=EDIT,
    summary="個人番号・住民票コードの付番・変更",
    screen=_SCREEN,
    then="/persons/{addressee_no}/numbers",
    again=_again,
    number_use=_LAW,
)
async def write_number(ctx: Ctx, addressee_no: int, body: NumberEntry = _ENTRY) -> NumberResult:
    """Give, change or correct a number."""
    async with ctx.write() as session:
        return await record_number(session, ctx.sealer, ctx.tenant, addressee_no, body, ctx.now)


@router.get("/numbers", permission=VIEW, summary="番号による検索の入力", screen="resident/number_search.html")
async def show_search(ctx: Ctx) -> NumberSearch:
    """The search by number; a number stands in no address."""
    return _search(ctx, None, is_asked=False)


async def _search_again(ctx: Ctx) -> NumberSearch:
    return _search(ctx, None, is_asked=False)


@router.post(
    "/numbers",
    permission=VIEW,
    summary="番号による検索",
    screen="resident/number_search.html",
    again=_search_again,
    number_use=_LAW,
)
async def search_number(ctx: Ctx, body: NumberQuery = _QUERY) -> NumberSearch:
    """Whom a number belongs to; audited with the purpose."""
    async with ctx.read() as session:
        holder = await find_holder(session, ctx.sealer, ctx.tenant, body)
    return _search(ctx, holder, is_asked=True)


def _search(ctx: Ctx, holder: Holder | None, *, is_asked: bool) -> NumberSearch:
    href = f"{base_of(ctx)}/persons/{holder.addressee_no}" if holder else ""
    kinds = [(code, kind.label) for code, kind in KINDS.items()]
    return NumberSearch(kinds=kinds, is_asked=is_asked, holder=holder, href=href)
