"""The centre's lists, each as a screen, as JSON and as a CSV file: nights, workers, alerts, acts, plans, requests."""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, Field

from batch.queue.notices import acknowledge_alert
from batch.reads import lists
from batch.reads.board import ALIVE_SECONDS
from batch.reads.nights import NIGHT_LABELS, read_names, shown_span
from batch.states import Act, Rerun
from batch.web.acts import in_queue
from batch.web.listing import Column, Query, csv_rows, make_list, select
from batch.web.pages import AlertPage, ListPage
from batch.web.routers import center
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader
from yoriai.web import form_or_json
from yoriai.web.context import CenterCtx
from yoriai.web.files import csv_response

Rows = list[dict[str, Any]]
_SEVERITIES = {"critical": ("重大", "danger"), "warning": ("警告", "warn"), "info": ("情報", "info")}
_DECISIONS = {"open": ("承認待ち", "warn"), "approved": ("承認", "ok"), "refused": ("却下", "neutral")}
_NIGHT_KINDS = {"running": "info", "ended": "ok", "planned": "warn", "cancelled": "neutral"}
_AUDITED = {
    "batch.night.confirmed": "計画の確定",
    "batch.night.started": "夜間処理の開始",
    "batch.night.cancelled": "計画の取消",
    "batch.night.replanned": "再計画",
    "batch.alert.acknowledged": "通知の確認",
    "batch.arrived": "外部到着の記録",
    "batch.force.asked": "強制正常の申請",
    "batch.force.approved": "強制正常の承認",
    "batch.force.refused": "強制正常の却下",
}


@dataclass(frozen=True)
class Listing:
    """A list: where it is, what it is called, its columns, and how its rows are read."""

    path: str
    title: str
    columns: tuple[Column, ...]
    read: Callable[[Reader, CenterCtx, str], Awaitable[Rows]]
    note: str = ""


def _register(listing: Listing) -> None:
    """A route for the screen and one for the file."""

    async def show(
        ctx: CenterCtx, q: str = "", sort: str = "", order: str = "asc", page: int = 1, night: str = ""
    ) -> ListPage:
        async with ctx.read() as session:
            rows = await listing.read(session, ctx, night)
        query = Query(q=q, sort=sort, order=order, page=page, night=night)
        return make_list(listing.title, listing.path, listing.columns, rows, query, listing.note)

    async def save(ctx: CenterCtx, q: str = "", sort: str = "", order: str = "asc", night: str = "") -> Any:
        async with ctx.read() as session:
            rows = await listing.read(session, ctx, night)
        chosen = select(listing.columns, rows, Query(q=q, sort=sort, order=order, night=night))
        return csv_response(
            listing.title, [column.label for column in listing.columns], csv_rows(listing.columns, chosen)
        )

    show.__doc__ = f"{listing.title}: 語で絞り込み、列で並べ替えます。"
    save.__doc__ = f"{listing.title}を、同じ絞り込みと並びでファイルにします。"
    center.get(listing.path, permission="batch.view", summary=listing.title, screen="batch/list.html")(show)
    center.get(f"{listing.path}/csv", permission="batch.view", summary=f"{listing.title}のCSV")(save)


async def _nights(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    found = []
    for row in await lists.list_night_results(session):
        took = row["ended_at"] - row["started_at"] if row["ended_at"] and row["started_at"] else None
        found.append(
            {
                **dict(row),
                "status": _chip(NIGHT_LABELS[row["status"]], _NIGHT_KINDS[row["status"]]),
                "took": shown_span(int(took / timedelta(milliseconds=1))) if took else "",
                "took_sort": took.total_seconds() if took else 0,
                # Of a night that was cleared away there is no more than this.
                "href": "" if row["is_cleared"] else f"/{ctx.place.code}/batch/?night={_quoted(row['night_key'])}",
                "plan": "",
            }
        )
    return [row for row in found if not night or row["night_key"] == night]


async def _workers(session: Reader, ctx: CenterCtx, _night: str) -> Rows:
    names = await read_names(session)
    found = []
    for row in await lists.list_workers(session):
        silent = lists.seconds_since(row["seen_at"], ctx.now)
        alive = silent <= ALIVE_SECONDS
        place = names.get(row["municipality_code"] or "", row["municipality_code"] or "")
        found.append(
            {
                **dict(row),
                "state": _chip("稼働" if alive else f"応答なし {silent}秒", "ok" if alive else "danger"),
                "doing": f"{place} {row['label']}" if row["job_id"] else "待機",
                "memory": row["memory_kilobytes"] // 1024,
                "href": f"/{ctx.place.code}/batch/jobs/{row['job_id']}" if row["job_id"] else "",
            }
        )
    return found


async def _alerts(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    names = await read_names(session)
    return [
        {
            **dict(row),
            "severity": _chip(*_SEVERITIES[row["severity"]]),
            "severity_sort": list(_SEVERITIES).index(row["severity"]),
            "name": names.get(row["municipality_code"], row["municipality_code"]),
            "state": _chip("解消", "ok")
            if row["cleared_at"]
            else _chip("確認済", "info")
            if row["acknowledged_by"]
            else _chip("未確認", "warn"),
            "href": f"/{ctx.place.code}/batch/alerts/{row['id']}",
        }
        for row in await lists.list_alerts(session, night)
    ]


async def _acts(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    names = await read_names(session)
    found = []
    for row in await lists.list_acts(session, night):
        detail = json.loads(row["detail"]) if isinstance(row["detail"], str) else row["detail"]
        code = detail.get("municipality", "")
        kind, _, number = row["subject"].partition(":")
        found.append(
            {
                "at": row["at"],
                "staff": row["staff"],
                "act": audited_label(row["action"]),
                "night": detail.get("night", number if kind == "night" else ""),
                "name": names.get(code, code),
                "label": detail.get("label") or (row["subject"] if kind != "night" else ""),
                "reason": row["reason"],
                "terminal": row["terminal"],
                "href": f"/{ctx.place.code}/batch/jobs/{number}" if kind == "job" else "",
            }
        )
    return found


async def _plans(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    return [
        {**dict(row), "href": f"/{ctx.place.code}/batch/?night={_quoted(row['night_key'])}"}
        for row in await lists.list_plans(session, night)
    ]


async def _requests(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    names = await read_names(session)
    return [
        {
            **dict(row),
            "name": names.get(row["municipality_code"], row["municipality_code"]),
            "status": _chip(*_DECISIONS[row["status"]]),
            "href": f"/{ctx.place.code}/batch/jobs/{row['job_id']}",
        }
        for row in await lists.list_requests(session, night)
    ]


async def _mails(session: Reader, ctx: CenterCtx, night: str) -> Rows:
    names = await read_names(session)
    return [
        {
            **dict(row),
            "what": f"通知 {names.get(row['municipality_code'] or '', '')}" if row["alert_id"] else "日次運用報告",
            "state": _chip("送信済", "ok")
            if row["sent_at"]
            else _chip("失敗" if row["attempts"] else "送信待ち", "danger" if row["attempts"] else "info"),
            "href": f"/{ctx.place.code}/batch/alerts/{row['alert_id']}" if row["alert_id"] else "",
        }
        for row in await lists.list_mails(session, night)
    ]


LISTINGS = (
    Listing(
        "/nights",
        "運用履歴",
        (
            Column("business_date", "業務日付", "date", is_link=True),
            Column("rerun_no", "再実行", "number"),
            Column("status", "状態", "chip"),
            Column("started_at", "開始"),
            Column("ended_at", "終了"),
            Column("took", "所要"),
            Column("jobs", "ジョブ", "number"),
            Column("good", "正常", "number"),
            Column("warned", "警告", "number"),
            Column("stopped", "異常", "number"),
            Column("forced", "強制正常", "number"),
            Column("reruns", "リラン", "number"),
            Column("confirmed_by", "確定者"),
        ),
        _nights,
    ),
    Listing(
        "/workers",
        "ワーカー",
        (
            Column("name", "ワーカー"),
            Column("state", "状態", "chip"),
            Column("host", "機器"),
            Column("pid", "プロセス", "number"),
            Column("doing", "処理中", is_link=True),
            Column("cpu_millicores", "CPU(千分の1)", "number"),
            Column("io_kilobytes", "入出力(kB/秒)", "number"),
            Column("memory", "メモリ(MB)", "number"),
            Column("started_at", "起動"),
            Column("seen_at", "最後の応答"),
        ),
        _workers,
        f"{ALIVE_SECONDS}秒を超えて応答のないものは、応答なしとします。",
    ),
    Listing(
        "/alerts",
        "通知",
        (
            Column("raised_at", "発生"),
            Column("severity", "重大度", "chip"),
            Column("state", "状態", "chip"),
            Column("name", "団体"),
            Column("message", "内容", is_link=True),
            Column("affected", "待機中の後続", "number"),
            Column("acknowledged_by", "確認者"),
            Column("note", "対応"),
            Column("escalated_at", "責任者へ通報"),
            Column("cleared_at", "解消"),
        ),
        _alerts,
    ),
    Listing(
        "/mails",
        "メールの送信",
        (
            Column("created_at", "作成"),
            Column("state", "状態", "chip"),
            Column("what", "内容", is_link=True),
            Column("night_key", "夜間処理"),
            Column("attempts", "試した回数", "number"),
            Column("tried_at", "最後に試した時刻"),
            Column("sent_at", "送信"),
            Column("error", "送れない理由"),
        ),
        _mails,
        "送れないものは、間隔をあけて約2日のあいだ送り直します。",
    ),
    Listing(
        "/operations",
        "操作の記録",
        (
            Column("at", "日時"),
            Column("staff", "操作者"),
            Column("act", "操作"),
            Column("night", "夜間処理"),
            Column("name", "団体"),
            Column("label", "対象", is_link=True),
            Column("reason", "理由"),
            Column("terminal", "端末"),
        ),
        _acts,
        "監査の記録から、新しい順に5,000件まで。",
    ),
    Listing(
        "/plans",
        "計画の変更履歴",
        (
            Column("night_key", "夜間処理", is_link=True),
            Column("plan_no", "版", "number"),
            Column("made_at", "作成"),
            Column("made_by", "作成者"),
            Column("reason", "理由"),
            Column("moved", "動いたジョブ", "number"),
            Column("expected_end", "終了予定"),
        ),
        _plans,
    ),
    Listing(
        "/requests",
        "強制正常の申請",
        (
            Column("asked_at", "申請"),
            Column("status", "状態", "chip"),
            Column("name", "団体"),
            Column("label", "ジョブ", is_link=True),
            Column("reason", "理由"),
            Column("asked_by", "申請者"),
            Column("decided_by", "決裁者"),
            Column("decided_at", "決裁"),
            Column("decision", "決裁の理由"),
        ),
        _requests,
    ),
)
for _listing in LISTINGS:
    _register(_listing)


class Note(BaseModel):
    """What is done about an alert."""

    note: str = Field(default="", max_length=500, title="対応")


class Noted(BaseModel):
    """The alert that was acknowledged."""

    alert_id: int


@center.get("/alerts/{alert_id}", permission="batch.view", summary="通知", screen="batch/alert.html")
async def show_alert(ctx: CenterCtx, alert_id: int) -> AlertPage:
    """One alert: what it is about, who saw to it. Raises NotFound."""
    return await _alert_page(ctx, alert_id)


async def _again(ctx: CenterCtx) -> AlertPage:
    return await _alert_page(ctx, int(ctx.request.path_params["alert_id"]))


@center.post(
    "/alerts/{alert_id}",
    permission="batch.operate",
    summary="通知を確認する",
    screen="batch/alert.html",
    then="/alerts/{alert_id}",
    again=_again,
)
async def do_acknowledge(ctx: CenterCtx, alert_id: int, body: Note = form_or_json(Note)) -> Noted:
    """Say that somebody sees to it; it is not escalated any more. Conflict when somebody else was first."""
    await in_queue(ctx, lambda connection: acknowledge_alert(connection, alert_id, by=ctx.principal, note=body.note))
    return Noted(alert_id=alert_id)


async def _alert_page(ctx: CenterCtx, alert_id: int) -> AlertPage:
    async with ctx.read() as session:
        row = await lists.find_alert(session, alert_id)
        names = await read_names(session)
    if row is None:
        raise NotFound(f"通知{alert_id}はありません。")
    label, kind = _SEVERITIES[row["severity"]]
    return AlertPage(
        **{
            name: row[name]
            for name in AlertPage.__dataclass_fields__
            if name not in ("name", "severity_label", "severity_kind")
        },
        name=names.get(row["municipality_code"], row["municipality_code"]),
        severity_label=label,
        severity_kind=kind,
    )


def audited_label(action: str) -> str:
    """An action of the audit trail in Japanese."""
    if action in _AUDITED:
        return _AUDITED[action]
    name = action.removeprefix("batch.")
    try:
        return f"リラン {Rerun(name.removeprefix('rerun.')).label}" if name.startswith("rerun.") else Act(name).label
    except ValueError:
        return action


def _chip(label: str, kind: str) -> Mapping[str, str]:
    return {"label": label, "kind": kind}


def _quoted(night_key: str) -> str:
    return night_key.replace("#", "%23")
