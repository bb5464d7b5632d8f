"""Plan a night on the screen: what is asked, what the plan says, confirm, start, take back, plan the rest anew."""

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from typing import Any

from pydantic import BaseModel, Field

from batch.catalogue import load_catalogue
from batch.night import NightPlan, NightRequest
from batch.reads.lists import list_plans
from batch.reads.nights import (
    RESOURCE_LABELS,
    Night,
    NightOfCenter,
    get_night,
    get_night_of_center,
    read_names,
    shown_span,
)
from batch.request import WhatIf
from batch.rest import replan_night
from batch.run import prepare_plan
from batch.tonight import cancel_night, confirm_night, make_request, start_night
from batch.web.acts import in_queue
from batch.web.plan_picture import PlannedPicture, draw_plan
from batch.web.routers import center
from yoriai.errors import Conflict, FieldError, Invalid
from yoriai.tenancy.files import read_deployment
from yoriai.web import form_or_json
from yoriai.web.context import CenterCtx
from yoriai.web.fields import AskedDay, Day

_MOST = 10_000
_PARAMETERS = {
    "business_date": "業務日付",
    "window": "時間帯",
    "capacity": "容量",
    **{name: f"入力した{label}" for name, label in RESOURCE_LABELS.items()},
    "nets": "追加のネット",
    "is_immediate": "今すぐ始める",
    "is_staggered": "分散",
    "is_rerun": "再実行",
    "scale_code": "試算する団体",
    "scale_percent": "試算の規模(%)",
    "move_net": "試算で動かすネット",
    "move_on": "試算で動かす先",
    "what_if": "試算",
}


class PlanBody(BaseModel):
    """A night to plan. Units left out are those of the deployment file; `scale_percent` tries one municipality at another size."""

    business_date: Day = Field(title="業務日付")
    cpu: int | None = Field(default=None, ge=1, le=_MOST, title="CPU")
    io: int | None = Field(default=None, ge=1, le=_MOST, title="入出力")
    connections: int | None = Field(default=None, ge=1, le=_MOST, title="DB接続")
    print: int | None = Field(default=None, ge=1, le=_MOST, title="印刷")
    nets: list[str] = Field(default=[], title="追加のジョブネット")
    is_immediate: bool = Field(default=False, title="今すぐ始める")
    scale_code: str = Field(default="", pattern="^([0-9]{6})?$", title="試算する団体")
    scale_percent: int = Field(default=100, ge=10, le=1000, title="試算の規模(%)")
    move_net: str = Field(default="", max_length=100, title="日を動かすジョブネット")
    move_on: AskedDay = Field(default=None, title="動かす先の業務日付")
    is_rerun: bool = Field(default=False, title="再実行")
    seen_jobs: int | None = None
    """How many jobs the plan had that was looked at: confirming another one is refused."""


@dataclass(frozen=True)
class PlanPage:
    """The form, and once asked the plan: figures, picture, what does not hold."""

    nets: tuple[tuple[str, str], ...]
    municipalities: tuple[tuple[str, str], ...]
    capacity: dict[str, int]
    window: tuple[str, str]
    chosen: tuple[str, ...] = ()
    initial: dict[str, Any] | None = None
    summary: dict[str, Any] | None = None
    picture: PlannedPicture | None = None

    @staticmethod
    def span(milliseconds: int | None) -> str:
        """A length of time in words."""
        return shown_span(milliseconds)

    def name_of(self, code: str) -> str:
        """A municipality's name."""
        return dict(self.municipalities).get(code, code)


@dataclass(frozen=True)
class NightPlanPage:
    """A confirmed or running night: what was entered, what was planned, each version of the plan."""

    night: Night
    center: NightOfCenter
    versions: tuple[dict[str, Any], ...]

    def clock(self, moment: str) -> str:
        """A stored moment on the night's clock."""
        return self.night.clock(datetime.fromisoformat(moment))

    @staticmethod
    def resource(name: str) -> str:
        """A resource's Japanese name."""
        return RESOURCE_LABELS.get(name, name)

    @property
    def entered(self) -> list[tuple[str, str]]:
        """What was entered, in the form's order, in words."""
        values = self.center.parameters
        known = [name for name in _PARAMETERS if name in values]
        return [
            (_PARAMETERS.get(name, name), _worded(values[name])) for name in [*known, *sorted(set(values) - set(known))]
        ]


class NightBody(BaseModel):
    """Which night, and why."""

    night: str = Field(min_length=1, title="夜間処理")
    reason: str = Field(default="", max_length=500, title="理由")


class Planned(BaseModel):
    """The night's key, as an address has it."""

    night: str


@center.get("/plan", permission="batch.plan", summary="夜間処理の計画", screen="batch/plan.html")
async def show_plan_form(ctx: CenterCtx) -> PlanPage:
    """The form with the capacity of the deployment file."""
    return await _page(ctx, initial={"business_date": ctx.now.date().isoformat(), "scale_percent": "100"})


async def _again(ctx: CenterCtx) -> PlanPage:
    raw = getattr(ctx.request.state, "raw", {})
    nets = raw.get("nets", [])
    return await _page(ctx, chosen=tuple(nets) if isinstance(nets, list) else ())


@center.post(
    "/plan", permission="batch.plan", summary="夜間処理を計画する(試算)", screen="batch/plan.html", again=_again
)
async def do_plan(ctx: CenterCtx, body: PlanBody = form_or_json(PlanBody)) -> PlanPage:
    """Plan without storing anything: Gantt, peak, bounds, gap, and what does not hold."""
    plan = await _plan(ctx, body)
    summary = await asyncio.to_thread(plan.to_json)
    entered = {
        name: ("true" if value is True else "" if value in (None, False) else str(value))
        for name, value in body.model_dump(mode="json").items()
        if name != "nets"
    }
    return await _page(ctx, chosen=tuple(body.nets), initial=entered, summary=summary, picture=await _drawn(ctx, plan))


@center.post(
    "/plan/confirm",
    permission="batch.plan",
    summary="計画を確定する",
    screen="batch/plan.html",
    then="/nights/one?night={night}",
    again=_again,
)
async def do_confirm(ctx: CenterCtx, body: PlanBody = form_or_json(PlanBody)) -> Planned:
    """Freeze the plan; what was entered is kept with it. Conflict when the date has a night, unless it is a rerun."""
    plan = await _plan(ctx, body)
    if body.seen_jobs is not None and body.seen_jobs != len(plan.jobs):
        raise Conflict(f"ジョブの数が、確認した計画の{body.seen_jobs}件から{len(plan.jobs)}件に変わりました。")
    if body.scale_percent != 100 and body.scale_code:
        raise Invalid(fields=[FieldError("scale_percent", "規模を変えた試算は確定できません。", "what_if")])
    if body.move_net:
        message = (
            "日を動かした試算は確定できません。動かす先の夜にも入れて初めて動いたことになるため、"
            "市町村の設定(add_dates と skip_dates)で動かしてください。"
        )
        raise Invalid(fields=[FieldError("move_net", message, "what_if")])
    parameters = body.model_dump(mode="json", exclude={"seen_jobs"})
    dsn = ctx.request.app.state.settings.app_dsn
    key = await asyncio.to_thread(
        confirm_night, dsn, plan, by=ctx.principal, parameters=parameters, rerun=body.is_rerun
    )
    return Planned(night=_quoted(key))


@center.get("/nights/one", permission="batch.plan", summary="確定した計画", screen="batch/night_plan.html")
async def show_night_plan(ctx: CenterCtx, night: str) -> NightPlanPage:
    """The plan of a night with what was entered for it and every version of it."""
    return await _night_page(ctx, night)


async def _night_again(ctx: CenterCtx) -> NightPlanPage:
    return await _night_page(ctx, str(getattr(ctx.request.state, "raw", {}).get("night", "")))


@center.post(
    "/nights/start",
    permission="batch.plan",
    summary="夜間処理を開始する",
    screen="batch/night_plan.html",
    then="/?night={night}",
    again=_night_again,
)
async def do_start(ctx: CenterCtx, body: NightBody = form_or_json(NightBody)) -> Planned:
    """Resident workers take it up. Conflict while another night runs."""
    await in_queue(ctx, lambda connection: start_night(connection, body.night, by=ctx.principal))
    return Planned(night=_quoted(body.night))


@center.post(
    "/nights/cancel",
    permission="batch.plan",
    summary="確定した計画を取り消す",
    screen="batch/night_plan.html",
    then="/plan",
    again=_night_again,
)
async def do_cancel(ctx: CenterCtx, body: NightBody = form_or_json(NightBody)) -> Planned:
    """Take back a plan that has not begun; wants a reason."""
    await in_queue(ctx, lambda connection: cancel_night(connection, body.night, by=ctx.principal, reason=body.reason))
    return Planned(night=_quoted(body.night))


@center.post(
    "/nights/replan",
    permission="batch.plan",
    summary="残りを計画し直す",
    screen="batch/night_plan.html",
    then="/nights/one?night={night}",
    again=_night_again,
)
async def do_replan(ctx: CenterCtx, body: NightBody = form_or_json(NightBody)) -> Planned:
    """New starts for what has not begun, around what runs; wants a reason."""
    if not body.reason.strip():
        raise Invalid(fields=[FieldError("reason", "理由を入力してください。", "missing")])
    await in_queue(ctx, lambda connection: replan_night(connection, body.night, by=ctx.principal, reason=body.reason))
    return Planned(night=_quoted(body.night))


async def _plan(ctx: CenterCtx, body: PlanBody) -> NightPlan:
    known = {net.name for net in load_catalogue().nets}
    asked = [("nets", name) for name in body.nets] + [("move_net", body.move_net)] * bool(body.move_net)
    errors = [
        FieldError(field, f"「{name}」というジョブネットはありません。", "unknown")
        for field, name in asked
        if name not in known
    ]
    if bool(body.move_net) != (body.move_on is not None):
        field = "move_on" if body.move_net else "move_net"
        errors.append(FieldError(field, "動かすジョブネットと、動かす先の日の両方を入れてください。", "missing"))
    if errors:
        raise Invalid(fields=errors)
    request = make_request(body.business_date, nets=frozenset(body.nets), immediate=body.is_immediate)
    dsn = ctx.request.app.state.settings.app_dsn
    return await asyncio.to_thread(prepare_plan, dsn, load_catalogue(), _asked(request, body))


def _asked(request: NightRequest, body: PlanBody) -> NightRequest:
    units = {
        name: value for name in ("cpu", "io", "connections", "print") if (value := getattr(body, name)) is not None
    }
    scales = {body.scale_code: Fraction(body.scale_percent, 100)} if body.scale_code else {}
    moves = {body.move_net: body.move_on} if body.move_net and body.move_on else {}
    return replace(request, capacity={**request.capacity, **units}, what_if=WhatIf(scales, moves))


async def _drawn(ctx: CenterCtx, plan: NightPlan) -> PlannedPicture:
    return await asyncio.to_thread(draw_plan, plan)


async def _page(ctx: CenterCtx, **values: Any) -> PlanPage:
    deployment = read_deployment(ctx.request.app.state.settings.tenants)
    async with ctx.read() as session:
        names = await read_names(session)
    return PlanPage(
        nets=tuple((net.name, net.label) for net in load_catalogue().nets),
        municipalities=tuple(sorted(names.items())),
        capacity=dict(deployment.capacity),
        window=(deployment.window["start"], deployment.window["end"]),
        **values,
    )


async def _night_page(ctx: CenterCtx, night_key: str) -> NightPlanPage:
    async with ctx.read() as session:
        night = await get_night(session, night_key)
        facts = await get_night_of_center(session, night_key)
        versions = await list_plans(session, night_key)
    return NightPlanPage(night, facts, tuple(dict(row) for row in versions))


def _worded(value: Any) -> str:
    """A stored value as people read it."""
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, dict):
        parts = [(RESOURCE_LABELS.get(name, name), item) for name, item in value.items() if item not in ({}, [])]
        return "、".join(f"{name} {item}" for name, item in parts) or "なし"
    if isinstance(value, list):
        return "、".join(map(str, value)) or "なし"
    return "設定どおり" if value is None else str(value) or "なし"


def _quoted(night_key: str) -> str:
    return night_key.replace("#", "%23")
