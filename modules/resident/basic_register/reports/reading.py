"""A report as it is shown: fixed figures where there are any, else counted now."""

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel

from modules.resident.basic_register.labels import countries
from modules.resident.basic_register.protections.kinds import SEE
from modules.resident.basic_register.reports.counting import FIGURES, FIXED
from modules.resident.basic_register.reports.periods import TITLES, Period, PeriodKind
from modules.resident.basic_register.reports.tables import Figure, Report, differences, figures_of, make_report
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

_FIXED_AT = "SELECT fixed_at FROM population_report WHERE kind = $1 AND until = $2"
_TOWNS = "SELECT town_code, name FROM town"
_LATEST = "SELECT kind, until, fixed_at FROM population_report ORDER BY until DESC, kind LIMIT 60"


class Difference(BaseModel):
    """A figure that has changed since it was fixed."""

    label: str
    fixed: int
    now: int
    change: int


class ReportView(BaseModel):
    """A period's report. `differences` are what later corrections would change in fixed figures; `shows_all` says that protected
    people are counted in their 町字."""

    kind: str
    title: str
    label: str
    since: date
    until: date
    fixed_at: datetime | None
    closes: bool
    report: Report
    differences: list[Difference]
    shows_all: bool


class FixedReport(BaseModel):
    """A report whose figures are fixed."""

    kind: str
    title: str
    label: str
    until: date
    fixed_at: datetime


async def get_report(session: Reader, period: Period) -> ReportView:
    """The report of the period for the session's principal. Audited as a statistic."""
    shows_all = session.principal.may(SEE)
    towns = {row["town_code"]: row["name"] for row in await session.fetch(_TOWNS)}
    counted = figures_of(await session.fetch(FIGURES, period.since, period.until))
    fixed_at: datetime | None = await session.fetchval(_FIXED_AT, str(period.kind), period.until)
    before = await _fixed(session, period.before) if period.kind is not PeriodKind.DAY else []
    recounted = make_report(counted, before, towns, countries(), shows_all=shows_all)
    report = recounted
    if fixed_at:
        report = make_report(await _fixed(session, period), before, towns, countries(), shows_all=shows_all)
    session.audit(
        AuditEvent("resident.report", detail={"kind": period.kind, "until": period.until, "shows_all": shows_all})
    )
    return ReportView(
        kind=period.kind,
        title=TITLES[period.kind],
        label=period.label,
        since=period.since,
        until=period.until,
        fixed_at=fixed_at,
        closes=report.closes,
        report=report,
        differences=[
            Difference(label=label, fixed=old, now=new, change=new - old)
            for label, old, new in differences(report, recounted)
        ],
        shows_all=shows_all,
    )


async def list_fixed(session: Reader) -> list[FixedReport]:
    """The reports that are fixed, the newest first."""
    found: list[FixedReport] = []
    for row in await session.fetch(_LATEST):
        kind = PeriodKind(row["kind"])
        values: dict[str, Any] = {"until": row["until"], "fixed_at": row["fixed_at"]}
        found.append(
            FixedReport(kind=kind, title=TITLES[kind], label=Period(kind, row["until"], row["until"]).label, **values)
        )
    return found


async def _fixed(session: Reader, period: Period) -> list[Figure]:
    return figures_of(await session.fetch(FIXED, str(period.kind), period.until))
