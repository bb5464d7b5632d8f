"""The addresses of the report."""

from typing import Annotated

from fastapi import Query
from pydantic import BaseModel, Field

from yoriai.security import report
from yoriai.security.policy import policy_of
from yoriai.security.report import Asked, Event, Finding, Review
from yoriai.web import BusinessRouter, Ctx, form_or_json
from yoriai.web.fields import BIGINT_END, AskedDay

_VIEW = "security.view"
_REPORT = "security/report.html"
_Kind = Annotated[str, Query(max_length=20)]
_Staff = Annotated[str, Query(max_length=64)]


class Report(BaseModel):
    """The findings of some days, and the last review. `until_event` is sent back when it is seen to."""

    asked: Asked
    findings: list[Finding]
    kinds: list[tuple[str, str]]
    counts: list[tuple[str, int]]
    review: Review | None
    until_event: int
    limits: dict[str, str | int]


class EventList(BaseModel):
    """The events behind a finding."""

    asked: Asked
    events: list[Event]
    has_more: bool


class Reviewed(BaseModel):
    """That the report was seen to up to an event, with what was found or done."""

    until: int = Field(ge=0, lt=BIGINT_END)
    note: str = Field(min_length=2, max_length=400, title="確認した結果")


_REVIEWED = form_or_json(Reviewed)


async def _report(ctx: Ctx, asked: Asked) -> Report:
    policy = policy_of(ctx.config)
    async with ctx.read() as session:
        until = await report.last_event(session)
        findings = await report.list_findings(session, ctx.config, asked)
        last = await report.find_review(session)
    present = [finding.kind for finding in findings]
    return Report(
        asked=asked,
        findings=findings,
        kinds=list(report.KINDS.items()),
        counts=[(label, present.count(kind)) for kind, label in report.KINDS.items()],
        review=last,
        until_event=until,
        limits={
            "hours": f"{policy.open_from}〜{policy.open_until}",
            "people": policy.viewed_people,
            "rows": policy.exported_rows,
        },
    )


def add_report_routes(router: BusinessRouter) -> None:
    """Add the addresses to the router."""

    @router.get("/report", permission=_VIEW, summary="ログイン・アクセス・閲覧の報告", screen=_REPORT)
    async def show_report(
        ctx: Ctx, since: AskedDay = None, until: AskedDay = None, kind: _Kind = "", staff: _Staff = ""
    ) -> Report:
        """Failed logins, refusals, views out of hours and in masses, by day and person."""
        return await _report(ctx, report.asked_of(since, until, kind, staff.strip(), ctx.today))

    @router.get("/events", permission=_VIEW, summary="報告のもとになった操作", screen="security/events.html")
    async def show_events(
        ctx: Ctx, since: AskedDay = None, until: AskedDay = None, kind: _Kind = "", staff: _Staff = ""
    ) -> EventList:
        """The single events of a finding. Audited."""
        asked = report.asked_of(since, until, kind, staff.strip(), ctx.today)
        async with ctx.read() as session:
            events, has_more = await report.list_events(session, ctx.config, asked)
        return EventList(asked=asked, events=events, has_more=has_more)

    async def again(ctx: Ctx) -> Report:
        return await _report(ctx, report.asked_of(None, None, "", "", ctx.today))

    @router.post("/report/reviews", permission=_VIEW, summary="報告の確認", screen=_REPORT, then="/report", again=again)
    async def review(ctx: Ctx, body: Reviewed = _REVIEWED) -> Reviewed:
        """Note that the report was seen to; the notice on the first screen ends with it. Audited."""
        async with ctx.write() as session:
            await report.review(session, body.until, body.note.strip())
        return body
