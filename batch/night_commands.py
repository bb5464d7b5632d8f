"""`yoriai batch confirm|start|cancel|replan|alerts|log|workers|rehearse`: a night from its frozen plan to its alerts."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

import typer
from psycopg import Connection
from psycopg.rows import dict_row

from batch.catalogue import load_catalogue
from batch.housekeeping import Keeping, tidy_nights
from batch.municipalities import get_configuration
from batch.queue import find_night
from batch.queue.nights import find_confirmed_night
from batch.rehearsal import Rehearsed, rehearse
from batch.rest import replan_night
from batch.run import prepare_plan
from batch.states import Act, Status
from batch.tonight import cancel_night, confirm_night, make_request, start_night
from yoriai.audit import Principal
from yoriai.clock import JAPAN, now, today
from yoriai.commands.output import Json, emit, refusing
from yoriai.commands.terminal import terminal_operator, terminal_user
from yoriai.dates import fiscal_year_of
from yoriai.errors import NotFound
from yoriai.jobs import JobContext
from yoriai.settings import load_settings
from yoriai.tenancy.bulk import BulkDatabase
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import platform_connection
from yoriai.tenancy.use_cases import UseCases

_Date = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date; the last night's")]
_Reason = Annotated[str, typer.Option(help="why; kept in the audit trail")]
_ALERTS = """
SELECT id, severity, municipality_code, message, raised_at, acknowledged_by, escalated_at IS NOT NULL AS is_escalated
FROM batch_alert WHERE night_key = %s AND (cleared_at IS NULL OR %s)
ORDER BY cleared_at IS NOT NULL, severity = 'critical' DESC, severity = 'warning' DESC, raised_at
"""
_LOG = "SELECT at, act, from_status, to_status, actor, message FROM batch_event WHERE job_id = %s ORDER BY id"
_WORKERS = """
SELECT w.name, w.seen_at, w.cpu_millicores, w.memory_kilobytes, j.municipality_code, j.label,
  w.seen_at < clock_timestamp() - interval '30 seconds' AS is_silent
FROM batch_worker w LEFT JOIN batch_job j ON j.id = w.job_id ORDER BY w.name
"""


def register(commands: typer.Typer) -> None:
    """Add the commands to `yoriai batch`."""
    for name, command in (
        ("confirm", run_confirm),
        ("start", run_start),
        ("cancel", run_cancel),
        ("replan", run_replan),
        ("alerts", show_alerts),
        ("log", show_log),
        ("workers", show_workers),
        ("rehearse", run_rehearsal),
        ("housekeep", run_housekeeping),
    ):
        commands.command(name)(command)


@refusing
def run_housekeeping(as_json: Json = False) -> None:
    """Thin the samples of old nights and clear away those older than `night_history` says; their totals stay. For a daily timer."""
    settings = load_settings()
    keeping = Keeping.of(read_deployment(settings.tenants).document)
    tidied = tidy_nights(settings.admin_dsn, keeping, now())
    lines = [f"測定を間引いた夜 {len(tidied.thinned)}", f"件数だけを残した夜 {len(tidied.cleared)}"]
    emit(asdict(tidied), as_json=as_json, lines=lambda: lines)


@refusing
def run_confirm(
    date_: Annotated[datetime, typer.Option("--date", formats=["%Y-%m-%d"], help="business date")],
    capacity: str = "",
    net: Annotated[list[str] | None, typer.Option("--net", help="also this net")] = None,
    immediate: Annotated[bool, typer.Option(help="begin when started, not at the window's start")] = False,
    rerun: Annotated[bool, typer.Option(help="although the date has run")] = False,
) -> None:
    """計画を確定する: freeze the date's plan; `start` lets the workers take it up."""
    dsn = load_settings().app_dsn
    request = make_request(date_.date(), capacity=capacity, nets=frozenset(net or ()), immediate=immediate)
    night_key = confirm_night(dsn, prepare_plan(dsn, load_catalogue(), request), by=_planner(), rerun=rerun)
    typer.echo(night_key)


@refusing
def run_start(date_: _Date = None) -> None:
    """Start the confirmed night: resident workers take it up."""
    with platform_connection(load_settings().app_dsn) as connection:
        start_night(connection, _confirmed(connection, date_), by=_planner())
    typer.echo("開始しました。")


@refusing
def run_cancel(reason: _Reason, date_: _Date = None) -> None:
    """Take a confirmed plan back before it has begun."""
    with platform_connection(load_settings().app_dsn) as connection:
        cancel_night(connection, _confirmed(connection, date_), by=_planner(), reason=reason)
    typer.echo("取り消しました。")


@refusing
def run_replan(reason: _Reason = "", date_: _Date = None, as_json: Json = False) -> None:
    """Plan the rest of the running night anew: running jobs stay where they are."""
    with platform_connection(load_settings().app_dsn) as connection:
        result = replan_night(connection, _night(connection, date_), by=_planner(), reason=reason)
    emit(
        result,
        as_json=as_json,
        lines=lambda: [f"{result['moved']}ジョブの予定を変更。終了見込み {result['expected_end']}"],
    )


@refusing
def show_alerts(
    date_: _Date = None,
    cleared: Annotated[bool, typer.Option("--all", help="those that have passed, too")] = False,
    as_json: Json = False,
) -> None:
    """What the duty person has to know; `act acknowledge` says that somebody sees to it."""
    with platform_connection(load_settings().app_dsn) as connection:
        alerts = _rows(connection, _ALERTS, (_night(connection, date_), cleared))
    emit({"alerts": alerts}, as_json=as_json, lines=lambda: [_alert_line(alert) for alert in alerts] or ["通知なし"])


@refusing
def show_log(job: int, as_json: Json = False) -> None:
    """Everything that happened to a job."""
    with platform_connection(load_settings().app_dsn) as connection:
        events = _rows(connection, _LOG, (job,))
    if not events:
        raise NotFound(f"ジョブ{job}の記録はありません。")
    emit({"events": events}, as_json=as_json, lines=lambda: [_event_line(event) for event in events])


@refusing
def show_workers(as_json: Json = False) -> None:
    """The worker processes, what each runs and uses."""
    with platform_connection(load_settings().app_dsn) as connection:
        workers = _rows(connection, _WORKERS, ())
    emit(
        {"workers": workers}, as_json=as_json, lines=lambda: [_worker_line(row) for row in workers] or ["ワーカーなし"]
    )


@refusing
def run_rehearsal(
    code: Annotated[str, typer.Argument(help="the municipality")],
    net: Annotated[list[str], typer.Option("--net", help="a net to rehearse")],
    date_: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date; today")] = None,
    as_json: Json = False,
) -> None:
    """リハーサル: run nets on the real data in one transaction and undo it all; says what they would have done."""
    dsn = load_settings().app_dsn
    business_date = date_.date() if date_ else today()
    try:
        tenant = TenantRef(code)
        config = get_configuration(dsn, tenant)
    except (ValueError, LookupError) as error:
        raise NotFound(f"{code} という市町村は適用されていません。") from error
    key = f"{code}:rehearsal"
    use_cases = UseCases(dsn, tenant, f"batch:{key}", undone=True)
    context = JobContext(tenant, config, business_date, fiscal_year_of(business_date), key, now(), use_cases)
    done = rehearse(BulkDatabase(dsn), load_catalogue(), net, context, by=terminal_user())
    result = {"municipality": code, "business_date": business_date.isoformat(), "jobs": [asdict(job) for job in done]}
    emit(result, as_json=as_json, lines=lambda: [line for job in done for line in _rehearsed_lines(job)])


def _rehearsed_lines(job: Rehearsed) -> list[str]:
    head = (
        f"{job.label}  {job.ms / 1000:.1f}秒  分割 {job.chunks}  入力 {job.rows_in}件  出力 {job.rows_out}件"
        f"  エラー {job.rows_error}件  照合合計 {job.control_total:,}"
    )
    return [head, *(f"  {error.subject}  {error.reason}" for error in job.errors)]


def _night(connection: Connection, date_: datetime | None) -> str:
    business_date: date | None = date_.date() if date_ else None
    night_key = find_night(connection, business_date)
    if night_key is None:
        raise NotFound("夜間処理がありません。")
    return night_key


def _confirmed(connection: Connection, date_: datetime | None) -> str:
    """The night that has been confirmed and not begun, of the date or the next one; else what `start` will say is none."""
    return find_confirmed_night(connection, date_.date() if date_ else None) or _night(connection, date_)


def _rows(connection: Connection, statement: str, arguments: tuple[Any, ...]) -> list[dict[str, Any]]:
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement.encode(), arguments).fetchall()


def _alert_line(alert: dict[str, Any]) -> str:
    seen = f"確認 {alert['acknowledged_by']}" if alert["acknowledged_by"] else "未確認"
    mark = "！" if alert["severity"] == "critical" else " "
    escalated = " 上申済" if alert["is_escalated"] else ""
    return f"{mark}{alert['id']:>5}  {_time(alert['raised_at'])}  {seen}{escalated}  {alert['message']}"


def _event_line(event: dict[str, Any]) -> str:
    change = f"{Status(event['from_status']).label}→{Status(event['to_status']).label}"
    line = f"{_time(event['at'])}  {Act(event['act']).label}  {change}  {event['actor']}  {event['message']}"
    return line.rstrip()


def _worker_line(row: dict[str, Any]) -> str:
    work = f"{row['municipality_code']} {row['label']}" if row["label"] else "待機"
    state = "応答なし" if row["is_silent"] else "稼働"
    return f"{row['name']}  {state}  CPU {row['cpu_millicores'] / 10:.0f}%  {row['memory_kilobytes'] // 1024}MB  {work}"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(JAPAN):%m-%d %H:%M:%S}"


def _planner() -> Principal:
    return terminal_operator(load_settings(), "batch.plan")
