"""`yoriai batch`: plan a night, run it, see how it stands, act on a job."""

import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, cast, get_args

import psutil
import typer

from batch import act_commands, night_commands, season_commands
from batch.catalogue import load_catalogue
from batch.night import NightPlan, NightRequest
from batch.planner import Objective
from batch.planner.kernels import is_warm
from batch.planner.neutral import read_instance, solve_instance
from batch.planner.warm import warm_up
from batch.process import work
from batch.queue import find_night, list_jobs
from batch.report import night_lines, plan_lines, summary_lines
from batch.report_command import run_report
from batch.run import night_summary, prepare_plan
from batch.tonight import execute_night, make_request, present_business_date, resume_night
from batch.what_if import parse_what_if
from yoriai.commands.output import FAILED, Json, emit, refusing
from yoriai.errors import FieldError, Invalid, NotFound
from yoriai.settings import load_settings
from yoriai.tenancy.session import platform_connection

commands = typer.Typer(no_args_is_help=True, help="the night: plan, run and watch all municipalities' batch")
commands.command("worker")(work)
commands.command("season")(season_commands.show_season)
commands.command("simulate")(season_commands.run_simulation)
commands.add_typer(act_commands.commands, name="act")
night_commands.register(commands)
commands.command("report")(run_report)

_DateOption = Annotated[datetime | None, typer.Option("--date", formats=["%Y-%m-%d"], help="business date; today")]
_CapacityOption = Annotated[str, typer.Option(help="cpu=2,io=2,connections=16; as in tenants/deployment.yaml")]
_NetOption = Annotated[list[str] | None, typer.Option("--net", help="also run this net, whatever its calendar says")]
_ScheduledOption = Annotated[bool, typer.Option("--scheduled", help="begin at the window's start instead of now")]
_PER_JOB_SECONDS = 40e-6
_INSTANCE_SECONDS = 5.0
_StaggerOption = Annotated[bool, typer.Option("--stagger/--no-stagger", help="no-stagger: all at once, for comparison")]


@commands.command("plan")
@refusing
def show_plan(
    date_: _DateOption = None,
    capacity: _CapacityOption = "",
    net: _NetOption = None,
    scheduled: _ScheduledOption = False,
    instance: Annotated[Path | None, typer.Option(help="plan a neutral JSON instance instead of a night")] = None,
    objective: Annotated[str, typer.Option(help="makespan or peak (of an instance)")] = "makespan",
    seconds: Annotated[
        float | None, typer.Option(min=0, help="search so long for a better plan; 5 for an instance, 0 for a night")
    ] = None,
    scale: Annotated[
        list[str] | None, typer.Option(help="what if a municipality were of another size: CODE=3/2")
    ] = None,
    move: Annotated[list[str] | None, typer.Option(help="what if a net ran on another date: net=2026-07-10")] = None,
    seed: Annotated[int, typer.Option(help="chance of the search")] = 0,
    prove: Annotated[bool, typer.Option(help="compare the plan of an instance with ortools CP-SAT")] = False,
    as_json: Json = False,
) -> None:
    """Plan without running: every start, the peak, the bounds no plan can beat; exit code 1 when it does not fit."""
    if instance is not None:
        result = _solve(instance, objective, _INSTANCE_SECONDS if seconds is None else seconds, seed, prove=prove)
        emit(result, as_json=as_json, lines=lambda: plan_lines(result))
        is_feasible = result["feasible"]
    else:
        request = _request(date_, capacity, net, scheduled, stagger=True)
        tried = parse_what_if(scale or (), move or (), load_catalogue())
        plan = _plan(replace(request, what_if=tried, seconds=seconds or 0.0))
        emit(plan.to_json(), as_json=as_json, lines=lambda: night_lines(plan))
        is_feasible = not plan.reasons
    if not is_feasible:
        raise typer.Exit(FAILED)


@commands.command("run")
@refusing
def run_batch(
    date_: _DateOption = None,
    capacity: _CapacityOption = "",
    workers: Annotated[int, typer.Option(min=1, help="worker processes on this machine")] = 2,
    rerun: Annotated[bool, typer.Option(help="run the business date again from the top")] = False,
    resume: Annotated[bool, typer.Option(help="attend the date's open night, after its runner was killed")] = False,
    net: _NetOption = None,
    scheduled: _ScheduledOption = False,
    stagger: _StaggerOption = True,
    as_json: Json = False,
) -> None:
    """Plan, run with worker processes of its own, wait for the end; exit code 1 when a job did not end well."""
    request = _request(date_, capacity, net, scheduled, stagger=stagger)
    if resume:
        result = resume_night(request.business_date, workers=workers)
    else:
        result = execute_night(request, workers=workers, rerun=rerun)
    emit(result, as_json=as_json, lines=lambda: summary_lines(result))
    if not result["ok"]:
        raise typer.Exit(FAILED)


@commands.command("status")
@refusing
def show_status(date_: _DateOption = None, as_json: Json = False) -> None:
    """How the last night, or the date's, stands."""
    with platform_connection(load_settings().app_dsn) as connection:
        night_key = find_night(connection, date_.date() if date_ else None)
        if night_key is None:
            raise NotFound("夜間処理はまだ実行されていません。")
        summary = night_summary(connection, night_key)
        jobs = list_jobs(connection, night_key)
    emit({**summary, "list": jobs}, as_json=as_json, lines=lambda: summary_lines(summary, jobs))


def _request(
    day: datetime | None, capacity: str, nets: list[str] | None, scheduled: bool, *, stagger: bool
) -> NightRequest:
    business_date = day.date() if day else present_business_date()
    return make_request(
        business_date, capacity=capacity, nets=frozenset(nets or ()), immediate=not scheduled, stagger=stagger
    )


def _plan(request: NightRequest) -> NightPlan:
    return prepare_plan(load_settings().app_dsn, load_catalogue(), request)


def _solve(path: Path, objective: str, seconds: float, seed: int, *, prove: bool) -> dict[str, Any]:
    if objective not in get_args(Objective):
        raise Invalid(fields=[FieldError("objective", "makespan か peak を指定してください。", "choice")])
    # The seconds are those of the whole command: starting it, reading and writing count.
    begun = time.monotonic() - (time.time() - psutil.Process().create_time())
    if seconds and not is_warm():
        typer.echo("計画の計算部品を準備しています（この計算機で初回のみ、十数秒）。", err=True)
        warm_up()
        begun = time.monotonic()
    demand, horizon = read_instance(path)
    left = seconds - (time.monotonic() - begun) - _PER_JOB_SECONDS * len(demand.jobs)
    return solve_instance(
        demand, horizon, cast("Objective", objective), seconds=max(left, seconds / 2), seed=seed, prove=prove
    )
