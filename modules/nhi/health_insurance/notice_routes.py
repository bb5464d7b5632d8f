"""The addresses of 納税通知書."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import Query

from modules.nhi.health_insurance import notices
from modules.nhi.health_insurance.notices import NoticeList
from yoriai.dates import fiscal_year_of
from yoriai.documents.letters import Letter, render_letters
from yoriai.web import BusinessRouter, Ctx
from yoriai.web.documents import Document, document
from yoriai.web.fields import NOTHING

_VIEW, _EDIT = "nhi.view", "nhi.edit"
Year = Annotated[int | None, NOTHING, Query(ge=2014, le=2199)]


def add_to(router: BusinessRouter) -> None:
    """Register the routes."""
    router.get("/notices", permission=_VIEW, screen="nhi/notices.html", summary="納税通知書の一覧")(show_notices)
    document(router, "/notices/{fiscal_year}/letters", permission=_EDIT, summary="国保 納税通知書の一括印刷")(
        print_bulk
    )
    document(
        router, "/households/{household_no}/levies/{fiscal_year}/notice", permission=_EDIT, summary="国保 納税通知書"
    )(print_one)


async def show_notices(ctx: Ctx, fiscal_year: Year = None) -> NoticeList:
    """The notices of a 年度, the present one without another: files, and who is withheld."""
    async with ctx.read() as session:
        return await notices.list_notices(session, ctx.config, fiscal_year or fiscal_year_of(ctx.today))


async def print_bulk(
    ctx: Ctx,
    fiscal_year: int,
    kind: Literal["initial", "revised"] = "initial",
    part: Annotated[int, Query(ge=1, le=10_000)] = 1,
) -> Document:
    """A file of notices, 500 letters, by postcode. Audited."""
    async with ctx.read() as session:
        letters = await notices.bulk_letters(session, ctx.config, fiscal_year, kind, part)
    return _document(ctx, letters, f"納税通知書_{fiscal_year}_{kind}_{part}", f"fiscal_year:{fiscal_year}")


async def print_one(ctx: Ctx, household_no: int, fiscal_year: int) -> Document:
    """One household's notice, to where its letters go today. Audited."""
    async with ctx.read() as session:
        letter = await notices.one_letter(session, ctx.config, household_no, fiscal_year, ctx.today)
    return _document(ctx, [letter], f"納税通知書_{household_no}_{fiscal_year}", f"household:{household_no}")


def _document(ctx: Ctx, letters: Sequence[Letter], name: str, subject: str) -> Document:
    practice, now = ctx.request.app.state.settings.practice, ctx.now
    return Document(lambda: render_letters(letters, made_at=now, practice=practice), name, subject, list(letters))
