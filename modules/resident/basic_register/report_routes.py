"""住基月報 and 年報 on the screen, as PDF and as CSV."""

from datetime import date
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.documents import print_report
from modules.resident.basic_register.movement_routes import router
from modules.resident.basic_register.reports.files import HEADER, content_of, csv_rows, movement_lines
from modules.resident.basic_register.reports.periods import TITLES, PeriodKind, period_of
from modules.resident.basic_register.reports.reading import FixedReport, ReportView, get_report, list_fixed
from modules.resident.basic_register.reports.tables import Count
from yoriai.dates import parse_date
from yoriai.errors import FieldError, Invalid
from yoriai.web import Ctx
from yoriai.web.documents import Document, document
from yoriai.web.files import csv_response

_VIEW = "resident.view"
_SCREEN = "resident/report.html"


class ReportPage(BaseModel):
    """A report, the lines of its movement, and the reports that are fixed."""

    view: ReportView
    movement: list[Count]
    fixed: list[FixedReport]
    kinds: list[tuple[str, str]]
    initial: dict[str, Any]


async def _report(ctx: Ctx, kind: PeriodKind, on: str) -> ReportView:
    day = _day(ctx, kind, on)
    async with ctx.read() as session:
        return await get_report(session, period_of(kind, day))


def _day(ctx: Ctx, kind: PeriodKind, on: str) -> date:
    """The day asked for; without one the last period that has ended, or today for 基準日の人口."""
    if not on:
        return ctx.today if kind is PeriodKind.DAY else period_of(kind, ctx.today).before.until
    try:
        return parse_date(on)
    except ValueError:
        message = "日付として読めません。例: R8.10.31、2026-10-31"
        raise Invalid(message, fields=[FieldError("on", message, "date")]) from None


@router.get("/reports", permission=_VIEW, summary="住基月報・年報", screen=_SCREEN)
async def show_report(ctx: Ctx, kind: PeriodKind = PeriodKind.MONTH, on: str = "") -> ReportPage:
    """The report of the period in which the day lies: fixed figures where there are any, else counted now."""
    view = await _report(ctx, kind, on)
    async with ctx.read() as session:
        fixed = await list_fixed(session)
    return ReportPage(
        view=view,
        movement=movement_lines(view),
        fixed=fixed,
        kinds=[(str(each), TITLES[each]) for each in PeriodKind],
        initial={"kind": str(kind), "on": view.until.isoformat()},
    )


@document(router, "/reports/pdf", permission=_VIEW, summary="住基月報・年報の印刷")
async def print_a_report(ctx: Ctx, kind: PeriodKind = PeriodKind.MONTH, on: str = "") -> Document:
    """The report as PDF/A."""
    view = await _report(ctx, kind, on)
    practice, now, content = ctx.request.app.state.settings.practice, ctx.now, content_of(view, ctx.config.name)
    return Document(
        lambda: print_report(content, made_at=now, practice=practice), f"{view.title}_{view.until:%Y%m}", "report"
    )


@router.get("/reports/csv", permission=_VIEW, summary="住基月報・年報のファイル")
async def export_report(ctx: Ctx, kind: PeriodKind = PeriodKind.MONTH, on: str = "") -> Any:
    """Every table of the report as CSV."""
    view = await _report(ctx, kind, on)
    return csv_response(f"{view.title}_{view.until:%Y%m}", HEADER, csv_rows(view))
