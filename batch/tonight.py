"""Run a night of this installation from one call: for the command line and for the demo."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from psycopg import Connection

from batch.catalogue import load_catalogue
from batch.night import RESOURCES, NightPlan, NightRequest
from batch.progress import make_view
from batch.queue import enqueue_night, find_night, get_night, open_night
from batch.queue.events import audit_act
from batch.queue.nights import withdraw_night
from batch.request import night_conditions
from batch.run import RunOptions, attend_night, prepare_plan, run_night
from yoriai.audit import Principal
from yoriai.calendar import business_date_of, parse_clock
from yoriai.clock import now
from yoriai.commands.terminal import terminal_user
from yoriai.errors import Conflict, FieldError, Invalid, NotFound
from yoriai.settings import load_settings
from yoriai.tenancy.files import read_deployment
from yoriai.tenancy.session import platform_connection

_IS_OVER = "SELECT max(deadline_at) < clock_timestamp() FROM batch_job WHERE night_key = %s"
COUNTER_LIMIT_MS = 300
"""Above this 95th percentile at the counters the batch steps back, unless the deployment file says another figure."""


def make_request(
    business_date: date,
    *,
    capacity: str = "",
    nets: frozenset[str] = frozenset(),
    immediate: bool = True,
    stagger: bool = True,
) -> NightRequest:
    """A night with the capacity and window of `tenants/deployment.yaml`; a text like `cpu=2,io=2` overrides.

    Raises Invalid when the text or the file is wrong.
    """
    deployment = read_deployment(load_settings().tenants)
    return NightRequest(
        business_date=business_date,
        capacity=parse_capacity(capacity, dict(deployment.capacity)),
        window=(deployment.window["start"], deployment.window["end"]),
        now=now(),
        is_immediate=immediate,
        is_staggered=stagger,
        extra_nets=nets,
        counter_limit_ms=deployment.document.get("counter_limit_ms", COUNTER_LIMIT_MS),
        **night_conditions(deployment.document),
    )


def present_business_date() -> date:
    """The business date of now: after midnight still the day before, until the hour the deployment file names."""
    deployment = read_deployment(load_settings().tenants)
    turn = deployment.document.get("business_day_turns_at", "00:00")
    return business_date_of(now(), parse_clock(turn))


def execute_night(request: NightRequest, *, workers: int, rerun: bool = False) -> dict[str, Any]:
    """Run a night to its end with a progress display; returns its summary. Raises Conflict when the date has run."""
    dsn = load_settings().app_dsn
    plan = prepare_plan(dsn, load_catalogue(), request)
    view = make_view({job.config.code: job.config.name for job in plan.jobs})
    return run_night(dsn, plan, RunOptions(workers=workers, is_rerun=rerun, actor=terminal_user().login), view)


def confirm_night(
    dsn: str, plan: NightPlan, *, by: Principal, parameters: Mapping[str, Any] | None = None, rerun: bool = False
) -> str:
    """計画を確定する: the plan is frozen and waits to be started; the night's key.

    `parameters` are what was entered on the screen, kept with what the plan itself was asked. Raises Conflict when the date has
    run, or has a confirmed plan, unless it is a rerun; Invalid for a plan that does not fit its window.
    """
    if plan.reasons:
        raise Invalid(fields=[FieldError("plan", reason, "infeasible") for reason in plan.reasons])
    row = plan.night_row()
    row = replace(row, parameters={**row.parameters, **(parameters or {})})
    with platform_connection(dsn) as connection:
        night_key = enqueue_night(connection, row, plan.job_rows(), rerun=rerun, actor=by.login)
        audit_act(connection, by, "batch.night.confirmed", f"night:{night_key}", "", dict(row.parameters))
    return night_key


def start_night(connection: Connection, night_key: str, *, by: Principal) -> None:
    """Let the workers take a confirmed night up. Raises Conflict while another one runs, or when all its deadlines have passed."""
    is_over = connection.execute(_IS_OVER, (night_key,)).fetchone()
    if is_over and is_over[0]:
        message = (
            "すべてのジョブの打切時刻を過ぎています。開始すると直ちに打ち切られるため、取り消して計画し直してください。"
        )
        raise Conflict(message)
    open_night(connection, night_key, actor=by.login)
    audit_act(connection, by, "batch.night.started", f"night:{night_key}", "", {})


def cancel_night(connection: Connection, night_key: str, *, by: Principal, reason: str) -> None:
    """Take a confirmed plan back before it has begun. Raises Conflict once it runs, Invalid without a reason."""
    if not reason.strip():
        raise Invalid(fields=[FieldError("reason", "理由を入力してください。", "missing")])
    withdraw_night(connection, night_key)
    audit_act(connection, by, "batch.night.cancelled", f"night:{night_key}", reason, {})


def resume_night(business_date: date, *, workers: int) -> dict[str, Any]:
    """Attend the date's open night with new workers: after its runner was killed. Raises NotFound when none is open."""
    dsn = load_settings().app_dsn
    with platform_connection(dsn) as connection:
        names = {str(row[0]): str(row[1]) for row in connection.execute("SELECT code, name FROM tenant")}
        night_key = find_night(connection, business_date)
        is_open = night_key is not None and get_night(connection, night_key)["status"] == "running"
    if night_key is None or not is_open:
        raise NotFound(f"業務日付{business_date}に、実行中の夜間処理はありません。")
    return attend_night(dsn, night_key, RunOptions(workers=workers), make_view(names))


def parse_capacity(text: str, default: dict[str, int]) -> dict[str, int]:
    """`cpu=2,io=2` over the default. Raises Invalid."""
    capacity = dict(default)
    for part in text.split(",") if text else ():
        name, _, amount = part.partition("=")
        if name.strip() not in RESOURCES or not amount.strip().isdigit():
            message = f"「{part}」は読めません。例: cpu=2,io=2,connections=16"
            raise Invalid(fields=[FieldError("capacity", message, "capacity")])
        capacity[name.strip()] = int(amount)
    return capacity
