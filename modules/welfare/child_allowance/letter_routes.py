"""The addresses of the letters of 児童手当."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Query

from modules.welfare.child_allowance import letters
from modules.welfare.child_allowance.reads import find_newest_month
from yoriai.documents.letters import Letter, render_letters
from yoriai.web import BusinessRouter, Ctx
from yoriai.web.documents import Document, document
from yoriai.web.fields import AskedMonth

_EDIT = "child_allowance.edit"


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    document(router, "/cases/{case_no}/notices/{act_id}", permission=_EDIT, summary="児童手当の通知書")(print_decision)
    document(router, "/payments/letters", permission=_EDIT, summary="児童手当 支払通知書の一括印刷")(print_payments)


async def print_decision(ctx: Ctx, case_no: int, act_id: int) -> Document:
    """What was decided on a case, as a letter. Audited."""
    async with ctx.read() as session:
        letter = await letters.decision_letter(session, ctx.config, case_no, act_id, ctx.today)
    return _document(ctx, [letter], f"児童手当通知書_{case_no}_{act_id}", f"child_allowance_case:{case_no}")


async def print_payments(
    ctx: Ctx, month: AskedMonth = None, part: Annotated[int, Query(ge=1, le=10_000)] = 1
) -> Document:
    """A file of 支払通知, 500 letters; without a month of the newest list. Audited."""
    async with ctx.read() as session:
        day = month or await find_newest_month(session) or ctx.today.replace(day=1)
        found = await letters.payment_letters(session, ctx.config, day, part, ctx.today)
    return _document(ctx, found, f"児童手当支払通知書_{day:%Y%m}_{part}", f"payment_month:{day:%Y-%m}")


def _document(ctx: Ctx, found: Sequence[Letter], name: str, subject: str) -> Document:
    practice, now = ctx.request.app.state.settings.practice, ctx.now
    return Document(lambda: render_letters(found, made_at=now, practice=practice), name, subject, list(found))
