"""A municipality's own night: the same screens over the rows the database shows to it, and its error lists."""

from typing import Any

from batch.reads.errors import count_errors, list_errors
from batch.reads.gantt import read_extent
from batch.reads.jobs import JobRow, get_job, get_job_detail, list_jobs
from batch.reads.nights import Night, get_night
from batch.web.board import any_night, lanes_of, municipality_page
from batch.web.drawing import net_page
from batch.web.labels import net_label
from batch.web.pages import ErrorPage, GanttPage, JobPage, MunicipalityPage, NetPage
from batch.web.pictures import Scale, draw_gantt
from batch.web.routers import own
from batch.web.window import moves_of, window_of
from yoriai.audit import AuditEvent
from yoriai.web import Ctx
from yoriai.web.files import csv_response

SHOWN_ERRORS = 500


@own.get(
    "/",
    permission="batch.view",
    summary="自団体の夜間処理",
    screen="batch/municipality.html",
    fragment="batch/_municipality_live.html",
)
async def show_own_night(ctx: Ctx, night: str = "") -> MunicipalityPage:
    """The nets and jobs of the municipality's own night."""
    async with ctx.read_own_rows() as session:
        return await municipality_page(session, ctx.tenant.code, ctx.config.name, ctx.now, night)


@own.get("/gantt", permission="batch.view", summary="自団体の予定と実績", screen="batch/gantt.html")
async def show_own_gantt(ctx: Ctx, night: str = "", since: str = "", until: str = "", lanes: str = "") -> GanttPage:
    """A lane for each job of the municipality, or (`lanes=net`) for each net; the use of resources is the centre's."""
    async with ctx.read_own_rows() as session:
        found = await any_night(session, night)
        extent = await read_extent(session, found, ctx.now)
        jobs = await list_jobs(session, found.night_key, ctx.tenant.code, ctx.now)
    first, last = window_of(found, extent, since, until)
    at = ctx.now if found.status == "running" else None
    return GanttPage(
        night=found,
        at=ctx.now,
        picture=draw_gantt(found, Scale(first, last), lanes_of(jobs, lanes, "", ctx.now), at),
        charts=(),
        window=(since, until),
        first=first,
        last=last,
        moves=moves_of(first, last, ctx.now),
        municipality=ctx.tenant.code,
        name=ctx.config.name,
        lanes=lanes,
    )


@own.get(
    "/nets/{net}",
    permission="batch.view",
    summary="自団体のジョブネット図",
    screen="batch/net.html",
    fragment="batch/_net_live.html",
)
async def show_own_net(ctx: Ctx, net: str, night: str = "") -> NetPage:
    """A net of the municipality as a graph."""
    async with ctx.read_own_rows() as session:
        found = await any_night(session, night)
        return await net_page(session, found, ctx.tenant.code, ctx.config.name, net, ctx.now)


@own.get("/jobs/{job_id}", permission="batch.view", summary="自団体のジョブの状況", screen="batch/job.html")
async def show_own_job(ctx: Ctx, job_id: int) -> JobPage:
    """A job of the municipality: log, counts, neighbours. It is operated by the centre."""
    async with ctx.read_own_rows() as session:
        detail = await get_job_detail(session, job_id, ctx.now, of_center=False)
        night = await get_night(session, detail.job.night_key)
    return JobPage(night=night, name=ctx.config.name, net_label=net_label(detail.job.net), detail=detail, is_own=True)


@own.get("/jobs/{job_id}/errors", permission="batch.view", summary="エラーの一覧", screen="batch/errors.html")
async def show_errors(ctx: Ctx, job_id: int) -> ErrorPage:
    """The rows a job could not process and why: 500 on the screen, all of them in the CSV file."""
    night, job = await _own_job(ctx, job_id)
    async with ctx.read() as session:
        rows = await list_errors(session, job.run_key, SHOWN_ERRORS)
        total = await count_errors(session, job.run_key)
        session.audit(AuditEvent("batch.errors.view", f"job:{job_id}", detail={"run": job.run_key, "rows": len(rows)}))
    return ErrorPage(night=night, job=job, rows=tuple(rows), total=total, may_open_persons=ctx.may("resident.view"))


@own.get("/jobs/{job_id}/errors/csv", permission="batch.view", summary="エラーの一覧のCSV")
async def get_errors_csv(ctx: Ctx, job_id: int) -> Any:
    """The error list as a file; who took it is recorded."""
    _, job = await _own_job(ctx, job_id)
    async with ctx.read() as session:
        rows = await list_errors(session, job.run_key)
        session.audit(
            AuditEvent("batch.errors.extract", f"job:{job_id}", detail={"run": job.run_key, "rows": len(rows)})
        )
    lines = [(row.chunk_no, row.line_no, row.subject, row.reason) for row in rows]
    return csv_response(f"エラー一覧_{job.label}", ("分割", "行", "対象", "理由"), lines)


async def _own_job(ctx: Ctx, job_id: int) -> tuple[Night, JobRow]:
    """The job, when it is the municipality's own. Raises NotFound."""
    async with ctx.read_own_rows() as session:
        job = await get_job(session, job_id, ctx.now)
        return await get_night(session, job.night_key), job
