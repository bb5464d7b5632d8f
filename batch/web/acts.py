"""The job page and what an operator may do there: each act is shown with what follows from it, and wants a reason."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import psycopg
from pydantic import BaseModel, Field

from batch.queue.acts import act_on_job, allowed_acts, change_tonight
from batch.queue.requests import ask_force, decide_force
from batch.queue.reruns import rerun_job
from batch.reads.jobs import get_job, get_job_detail, list_behind
from batch.reads.nights import Night, get_night, read_names
from batch.states import Act, Rerun
from batch.web.labels import net_label
from batch.web.pages import ActButton, JobPage
from batch.web.routers import center
from yoriai.calendar import is_clock, moment_of, parse_clock
from yoriai.errors import FieldError, Invalid, NeedsConfirmation, NotFound
from yoriai.tenancy.session import platform_connection
from yoriai.web import form_or_json
from yoriai.web.context import CenterCtx

Result = TypeVar("Result")
_RERUN = "rerun-"
_DANGEROUS = frozenset({"kill", "skip", "skip_warned", "skip_failed", "force", "rerun-top", "rerun-after"})


class ActBody(BaseModel):
    """Why, and for `change` what: times on the 25:00 clock. What cannot be taken back is done only when confirmed."""

    reason: str = Field(min_length=1, max_length=500, title="理由")
    start: str = Field(default="", max_length=5, title="開始時刻")
    deadline: str = Field(default="", max_length=5, title="打切時刻")
    priority: int | None = Field(default=None, ge=0, le=9, title="優先度")
    confirmed: list[str] = []


class Decision(BaseModel):
    """承認 or 却下 of 強制正常, by another person than who asked."""

    approve: bool
    reason: str = Field(default="", max_length=500, title="理由")


@dataclass(frozen=True)
class ActPage:
    """An act before it is done: what it is about and what follows."""

    night: Night
    job_id: int
    label: str
    name: str
    net_label: str
    state_label: str
    state_kind: str
    slug: str
    act: str
    is_danger: bool
    consequences: tuple[str, ...]
    planned_start: str
    deadline: str
    priority: int
    initial: dict[str, Any]


class Acted(BaseModel):
    """The job the act was done to."""

    job_id: int


@center.get("/jobs/{job_id}", permission="batch.view", summary="ジョブの状況", screen="batch/job.html")
async def show_job(ctx: CenterCtx, job_id: int) -> JobPage:
    """A job's log, counts and neighbours, and what may be done to it now."""
    async with ctx.read() as session:
        detail = await get_job_detail(session, job_id, ctx.now, of_center=True)
        night = await get_night(session, detail.job.night_key)
        names = await read_names(session)
    acts: tuple[ActButton, ...] = ()
    if ctx.may("batch.operate"):
        found = await in_queue(ctx, lambda connection: allowed_acts(connection, job_id))
        acts = tuple(sorted(map(_button, found), key=lambda act: act.slug != f"{_RERUN}{Rerun.FAILED}"))
    return JobPage(
        night=night,
        name=names.get(detail.job.municipality_code, detail.job.municipality_code),
        net_label=net_label(detail.job.net),
        detail=detail,
        acts=acts,
        may_approve=ctx.may("batch.approve")
        and detail.request is not None
        and detail.request.asked_by != ctx.principal.login,
    )


@center.get(
    "/jobs/{job_id}/acts/{act}", permission="batch.operate", summary="ジョブの操作の確認", screen="batch/act.html"
)
async def show_act(ctx: CenterCtx, job_id: int, act: str) -> ActPage:
    """What the act means for this job, before it is done."""
    return await _act_page(ctx, job_id, act)


async def _again(ctx: CenterCtx) -> ActPage:
    return await _act_page(ctx, int(ctx.request.path_params["job_id"]), ctx.request.path_params["act"])


@center.post(
    "/jobs/{job_id}/acts/{act}",
    permission="batch.operate",
    summary="ジョブを操作する",
    screen="batch/act.html",
    then="/jobs/{job_id}",
    again=_again,
)
async def do_act(ctx: CenterCtx, job_id: int, act: str, body: ActBody = form_or_json(ActBody)) -> Acted:
    """`act`: hold, release, skip, skip_warned, skip_failed, kill, start_now, change, force (asks for a second person),
    rerun-top, rerun-failed, rerun-after, rerun-only, rerun-warned. Conflict when the job's state does not allow it.
    """
    slug_label(act)
    async with ctx.read() as session:
        job = await get_job(session, job_id, ctx.now)
        night = await get_night(session, job.night_key)
    if act in _DANGEROUS and act not in body.confirmed:
        page = await _act_page(ctx, job_id, act)
        message = f"{page.act}: {' '.join(page.consequences)}"
        raise NeedsConfirmation(fields=[FieldError("confirmed", message, act)])
    who, reason = ctx.principal, body.reason.strip()
    if not reason:
        raise Invalid(fields=[FieldError("reason", "理由を入力してください。", "missing")])
    if act.startswith(_RERUN):
        way = Rerun(act.removeprefix(_RERUN))
        await in_queue(ctx, lambda connection: rerun_job(connection, job_id, way, by=who, reason=reason))
    elif act == Act.FORCE:
        await in_queue(ctx, lambda connection: ask_force(connection, job_id, by=who, reason=reason))
    elif act == Act.CHANGE:
        start, deadline = _times(night, body)
        await in_queue(
            ctx,
            lambda connection: change_tonight(
                connection, job_id, start=start, deadline=deadline, priority=body.priority, by=who, reason=reason
            ),
        )
    else:
        await in_queue(ctx, lambda connection: act_on_job(connection, job_id, Act(act), by=who, reason=reason))
    return Acted(job_id=job_id)


class Decided(BaseModel):
    """The job that was decided about, and its status after it."""

    job_id: int
    status: str


_REQUESTED_JOB = "SELECT job_id FROM batch_request WHERE id = $1"


@center.post(
    "/requests/{request_id}",
    permission="batch.approve",
    summary="強制正常を承認・却下する",
    screen="batch/decided.html",
    then="/jobs/{job_id}",
)
async def decide_request(ctx: CenterCtx, request_id: int, body: Decision = form_or_json(Decision)) -> Decided:
    """The second person of 強制正常; a refusal wants a reason. Forbidden to the person who asked."""
    async with ctx.read() as session:
        job_id = await session.fetchval(_REQUESTED_JOB, request_id)
    if job_id is None:
        raise NotFound(f"申請{request_id}はありません。")
    status = await in_queue(
        ctx,
        lambda connection: decide_force(
            connection, request_id, approve=body.approve, by=ctx.principal, reason=body.reason
        ),
    )
    return Decided(job_id=job_id, status=status.value)


async def in_queue(ctx: CenterCtx, act: Callable[[psycopg.Connection], Result]) -> Result:
    """Do something in one transaction on the queue, outside the event loop."""
    dsn = ctx.request.app.state.settings.app_dsn

    def work() -> Result:
        with platform_connection(dsn) as connection:
            return act(connection)

    return await asyncio.to_thread(work)


def slug_label(slug: str) -> str:
    """The Japanese name of an act in an address. Raises NotFound."""
    try:
        return f"リラン {Rerun(slug.removeprefix(_RERUN)).label}" if slug.startswith(_RERUN) else Act(slug).label
    except ValueError:
        raise NotFound(f"「{slug}」という操作はありません。") from None


def _button(act: Act | Rerun) -> ActButton:
    slug = f"{_RERUN}{act.value}" if isinstance(act, Rerun) else act.value
    label = "強制正常の申請" if act is Act.FORCE else act.label
    return ActButton(slug, label, slug in _DANGEROUS, isinstance(act, Rerun))


async def _act_page(ctx: CenterCtx, job_id: int, slug: str) -> ActPage:
    label = slug_label(slug)
    async with ctx.read() as session:
        job = await get_job(session, job_id, ctx.now)
        night = await get_night(session, job.night_key)
        names = await read_names(session)
        behind = await list_behind(session, job_id)
    return ActPage(
        night=night,
        job_id=job_id,
        label=job.label,
        name=names.get(job.municipality_code, job.municipality_code),
        net_label=net_label(job.net),
        state_label=job.state.label,
        state_kind=job.state.kind,
        slug=slug,
        act="強制正常の申請" if slug == Act.FORCE else label,
        is_danger=slug in _DANGEROUS,
        consequences=tuple(_consequences(slug, behind)),
        planned_start=night.clock(job.planned_start),
        deadline=night.clock(job.deadline_at),
        priority=job.priority,
        initial={},
    )


def _consequences(slug: str, behind: list[str]) -> list[str]:
    """What follows from the act, in sentences for the operator."""
    names = "、".join(behind[:5]) + (f"ほか{len(behind) - 5}件" if len(behind) > 5 else "")
    later = f"後続の未実行ジョブは{len(behind)}件です（{names}）。" if behind else "後続の未実行ジョブはありません。"
    texts = {
        "hold": ["解除するまで、このジョブは始まりません。", later],
        "release": ["先行ジョブが終わっていれば、すぐに実行の対象になります。"],
        "skip": ["このジョブは実行されず、正常に終わったものとして後続が進みます。", later],
        "skip_warned": ["このジョブは実行されず、警告で終わったものとして後続が進みます。", later],
        "skip_failed": ["このジョブは実行されず、異常終了として後続が止まります。", later],
        "kill": ["実行中の処理をその場で止めます。確定済みの分割は残り、リランで続きから再開できます。", later],
        "start_now": ["開始予定を待たず、空きがあればすぐに始まります。"],
        "change": ["今夜だけ変わります。定義と翌日以降の予定は変わりません。"],
        "force": ["別の人が承認すると、未処理の行を残したまま正常終了として扱い、後続が進みます。", later],
        "rerun-top": [
            "この団体のこのネットの終わったジョブを、すべて最初から実行し直します。",
            "結果は前回のものと置き換わります。",
        ],
        "rerun-failed": ["確定済みの分割の続きから実行します。二重に計上されることはありません。", later],
        "rerun-after": ["このジョブはスキップ扱いになり、後続から実行します。", later],
        "rerun-only": ["このジョブだけを実行し直します。待っている後続は保留になります。", later],
        "rerun-warned": ["この団体のこのネットで警告になったジョブを、最初から実行し直します。"],
    }
    return texts.get(slug, [])


def _times(night: Night, body: ActBody) -> tuple[datetime | None, datetime | None]:
    """The times typed on the night's clock. Raises Invalid with both mistakes."""
    typed = {"start": body.start, "deadline": body.deadline}
    errors = [
        FieldError(field, f"「{text}」は時刻として読めません。例: 22:30、25:00", "clock")
        for field, text in typed.items()
        if text and not is_clock(text)
    ]
    if errors:
        raise Invalid(fields=errors)
    moments = [moment_of(night.business_date, parse_clock(text)) if text else None for text in typed.values()]
    return moments[0], moments[1]
