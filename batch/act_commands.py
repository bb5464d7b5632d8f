"""`yoriai batch act …`: what operators do to a job or a night, with the reason that is kept with it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Annotated

import typer
from psycopg import Connection

from batch.queue import find_night, get_night
from batch.queue.acts import OPERATOR_ACTS, act_on_job, change_tonight, read_subject
from batch.queue.notices import acknowledge_alert, note_arrival
from batch.queue.requests import ask_force, decide_force
from batch.queue.reruns import rerun_job
from batch.states import Act, Rerun
from yoriai.audit import Principal
from yoriai.calendar import moment_of, parse_clock
from yoriai.commands.output import refusing
from yoriai.commands.terminal import terminal_operator
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.settings import load_settings
from yoriai.tenancy.session import platform_connection

commands = typer.Typer(no_args_is_help=True, help="what operators do to a job: hold, skip, rerun, force, …")

_Job = Annotated[int, typer.Argument(help="the job's number in `yoriai batch status`")]
_Reason = Annotated[str, typer.Option(help="why; kept in the log and the audit trail")]


@commands.command("do")
@refusing
def run_act(
    act: Annotated[str, typer.Argument(help=", ".join(act.value for act in OPERATOR_ACTS))],
    job: _Job,
    reason: _Reason = "",
) -> None:
    """保留, 保留解除, スキップ (as normal, warned or failed), 強制終了, 即時開始."""
    if act not in list(OPERATOR_ACTS):
        names = ", ".join(OPERATOR_ACTS)
        raise Invalid(fields=[FieldError("act", f"操作は {names} のどれかです。", "choice")])
    with _night() as connection:
        status = act_on_job(connection, job, Act(act), by=_operator("batch.operate"), reason=reason)
    typer.echo(status.label)


@commands.command("rerun")
@refusing
def run_rerun(
    job: _Job,
    way: Annotated[str, typer.Option(help="top, failed, after, only or warned")] = Rerun.FAILED.value,
    reason: _Reason = "",
) -> None:
    """リラン: the net from its top, from the failed job, after it, this job only, warned jobs only."""
    if way not in list(Rerun):
        raise Invalid(fields=[FieldError("way", f"リランは {', '.join(Rerun)} のどれかです。", "choice")])
    with _night() as connection:
        again = rerun_job(connection, job, Rerun(way), by=_operator("batch.operate"), reason=reason)
    typer.echo(f"{len(again)}ジョブ: {' '.join(map(str, again))}")


@commands.command("change")
@refusing
def run_change(
    job: _Job,
    start: Annotated[str, typer.Option(help="earliest start tonight, 25:00-style")] = "",
    deadline: Annotated[str, typer.Option(help="cut-off tonight, 25:00-style")] = "",
    priority: Annotated[int | None, typer.Option(help="0 first, 9 last")] = None,
    reason: _Reason = "",
) -> None:
    """今夜限りの変更: the definition stays as it is."""
    with _night() as connection:
        night = get_night(connection, read_subject(connection, job).night_key)
        times = {name: _moment(name, text, night["business_date"]) for name, text in _given(start, deadline)}
        change_tonight(connection, job, **times, priority=priority, by=_operator("batch.operate"), reason=reason)
    typer.echo("変更しました。")


@commands.command("force")
@refusing
def run_force(job: _Job, reason: _Reason) -> None:
    """Ask for 強制正常; another person decides with `approve` or `refuse`."""
    with _night() as connection:
        request = ask_force(connection, job, by=_operator("batch.operate"), reason=reason)
    typer.echo(f"申請番号 {request}")


@commands.command("approve")
@refusing
def run_approve(request: int, reason: _Reason = "") -> None:
    """Approve a 強制正常 that somebody else asked for."""
    with _night() as connection:
        status = decide_force(connection, request, approve=True, by=_operator("batch.approve"), reason=reason)
    typer.echo(status.label)


@commands.command("refuse")
@refusing
def run_refuse(request: int, reason: _Reason) -> None:
    """Refuse a 強制正常."""
    with _night() as connection:
        decide_force(connection, request, approve=False, by=_operator("batch.approve"), reason=reason)
    typer.echo("却下しました。")


@commands.command("acknowledge")
@refusing
def run_acknowledge(alert: int, note: Annotated[str, typer.Option(help="what is being done")] = "") -> None:
    """Say that you see to an alert."""
    with _night() as connection:
        acknowledge_alert(connection, alert, by=_operator("batch.operate"), note=note)
    typer.echo("確認しました。")


@commands.command("arrived")
@refusing
def run_arrived(
    code: str,
    event: Annotated[str, typer.Argument(help="the outside event a job waits for")],
    date_: Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date")] = None,
) -> None:
    """Note that an outside delivery has arrived for a municipality (for the script that receives it, too)."""
    with _night() as connection:
        if date_ is None:
            night_key = find_night(connection)
            if night_key is None:
                raise NotFound("夜間処理がありません。")
            business_date = get_night(connection, night_key)["business_date"]
        else:
            business_date = date_.date()
        note_arrival(connection, business_date, code, event, by=_operator("batch.operate"))
    typer.echo("到着を記録しました。")


def _operator(permission: str) -> Principal:
    return terminal_operator(load_settings(), permission)


@contextmanager
def _night() -> Iterator[Connection]:
    with platform_connection(load_settings().app_dsn) as connection:
        yield connection


def _given(start: str, deadline: str) -> list[tuple[str, str]]:
    return [(name, text) for name, text in (("start", start), ("deadline", deadline)) if text]


def _moment(name: str, text: str, business_date: date) -> datetime:
    try:
        return moment_of(business_date, parse_clock(text))
    except ValueError as error:
        raise Invalid(fields=[FieldError(name, str(error), "clock")]) from error
