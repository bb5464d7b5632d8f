"""Run a night: plan, enqueue, start worker processes, wait until it has settled, report."""

import logging
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import psycopg

from batch.catalogue import Catalogue
from batch.estimates import read_history
from batch.faults import Backoff
from batch.municipalities import count_sizes, list_configurations
from batch.night import NightPlan, NightRequest, plan_night
from batch.pool import WorkerPool
from batch.progress import NightView
from batch.queue import QueueLink, enqueue_night, get_night, list_jobs, open_night
from batch.queue.events import audit_act
from batch.states import DONE
from batch.use import measured_use
from yoriai.audit import Principal
from yoriai.errors import Invalid
from yoriai.tenancy.session import platform_connection

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.2
_POLL_SHARE = 10
"""Of the time, a tenth at most goes into looking: reading fifty thousand jobs takes a second."""
WORKER_COMMAND: tuple[str, ...] = (sys.executable, "-m", "batch.process", "--until-settled")


@dataclass(frozen=True)
class RunOptions:
    """How a night is run. `command` starts a worker; it finds the database in `YORIAI_DSN`."""

    workers: int
    is_rerun: bool = False
    actor: str = "operator"
    command: tuple[str, ...] = field(default_factory=lambda: WORKER_COMMAND)


def prepare_plan(dsn: str, catalogue: Catalogue, request: NightRequest) -> NightPlan:
    """Plan from applied configurations, present counts and past runs. Raises Invalid without a municipality."""
    with platform_connection(dsn) as connection:
        configs = list_configurations(connection)
        history = read_history(connection)
    if not configs:
        raise Invalid("市町村がまだ登録されていません。先に yoriai tenants apply を実行してください。")
    drivers = _used_drivers(catalogue)
    sizes = {config.code: count_sizes(dsn, config.tenant, drivers) for config in configs}
    return plan_night(catalogue, configs, sizes, history, request)


def run_night(dsn: str, plan: NightPlan, options: RunOptions, view: NightView) -> dict[str, Any]:
    """Run a plan to its end and return the summary. Raises Conflict when the business date has run already."""
    with platform_connection(dsn) as connection:
        night_key = enqueue_night(
            connection, plan.night_row(), plan.job_rows(), rerun=options.is_rerun, actor=options.actor
        )
        open_night(connection, night_key, actor=options.actor)
        audit_act(connection, Principal(options.actor), "batch.night.started", f"night:{night_key}", "", {})
    return attend_night(dsn, night_key, options, view)


def attend_night(dsn: str, night_key: str, options: RunOptions, view: NightView) -> dict[str, Any]:
    """Start workers for an open night and wait for its end: also after whoever started it was killed."""
    with WorkerPool(dsn, options.command, options.workers) as pool, view, ExitStack() as stack:
        link = QueueLink(dsn)
        stack.callback(link.close)
        _wait(link, night_key, pool, view)
    with platform_connection(dsn) as connection:
        return night_summary(connection, night_key)


def night_summary(connection: psycopg.Connection, night_key: str) -> dict[str, Any]:
    """A night in figures: jobs by status, peaks, makespan against its bound, what did not end well."""
    night = get_night(connection, night_key)
    jobs = list_jobs(connection, night_key)
    plan: Mapping[str, Any] = night["plan"]
    measured = {**measured_use(connection, night_key), "makespan_ms": _makespan_ms(jobs)}
    open_jobs = [job for job in jobs if job["status"] not in DONE]
    return {
        "night_key": night_key,
        "business_date": night["business_date"].isoformat(),
        "status": night["status"],
        "is_staggered": night["is_staggered"],
        "ok": not open_jobs,
        "jobs": dict(Counter(job["status"] for job in jobs)),
        "rows_in": sum(job["rows_in"] or 0 for job in jobs),
        "rows_out": sum(job["rows_out"] or 0 for job in jobs),
        "rows_error": sum(job["rows_error"] or 0 for job in jobs),
        "planned": plan,
        "measured": measured,
        "ratios": {
            "planned_peak_to_unstaggered": _ratios(plan["planned_peak"], plan["unstaggered_peak"]),
            "measured_peak_to_unstaggered": _ratios(measured["reserved_peak"], plan["unstaggered_peak"]),
            "measured_makespan_to_bound": _ratio(measured["makespan_ms"], plan["bound_ms"]),
        },
        "problems": [_problem(job) for job in open_jobs],
    }


def _wait(link: QueueLink, night_key: str, pool: WorkerPool, view: NightView) -> None:
    backoff = Backoff()
    while True:
        begun = time.monotonic()
        try:
            with link.transaction() as connection:
                jobs = list_jobs(connection, night_key)
                is_over = get_night(connection, night_key)["status"] == "ended"
        except psycopg.OperationalError as error:
            _log.warning("queue not reachable: %s", error)
            time.sleep(backoff.next_wait())
            continue
        backoff = Backoff()
        view.show(jobs)
        if is_over:
            return
        pool.mend()
        time.sleep(max(_POLL_SECONDS, (time.monotonic() - begun) * _POLL_SHARE))


def _used_drivers(catalogue: Catalogue) -> dict[str, str]:
    used = {job.size_driver for job in catalogue.jobs.values()}
    return {name: sql for name, sql in catalogue.size_drivers.items() if name in used}


def _makespan_ms(jobs: Sequence[Mapping[str, Any]]) -> int:
    """From the first start to the last end."""
    ran = [(job["started_at"], job["ended_at"]) for job in jobs if job["started_at"] and job["ended_at"]]
    if not ran:
        return 0
    span: timedelta = max(end for _, end in ran) - min(start for start, _ in ran)
    return span // timedelta(milliseconds=1)


def _ratios(values: Mapping[str, int], bases: Mapping[str, int]) -> dict[str, str]:
    return {name: _ratio(values[name], base) for name, base in bases.items() if name in values}


def _ratio(value: int, base: int) -> str:
    return f"{Decimal(value) / Decimal(base):.3f}" if base else "-"


def _problem(job: Mapping[str, Any]) -> dict[str, Any]:
    names = ("id", "municipality_code", "net", "job_name", "label", "status", "attempts", "message")
    return {name: job[name] for name in names}
