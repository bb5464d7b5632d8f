"""The night beside an open counter: how much slower the counter gets, and what staggering does to the peak."""

import asyncio
import multiprocessing
import os
import random
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import quote

from batch.catalogue import load_catalogue
from batch.night import NightPlan, job_key
from batch.planner import build_instance, plan_bounds
from batch.progress import make_view
from batch.queue import list_jobs
from batch.run import RunOptions, prepare_plan, run_night
from batch.tonight import make_request
from loadtests.dice import seeded
from loadtests.keystrokes import type_name
from loadtests.measuring.figures import Row, percentile
from loadtests.measuring.http_client import HttpClient, log_in
from loadtests.measuring.installation import Installation
from loadtests.measuring.people import Counter, draw_person
from loadtests.measuring.rates import Act, PacedLoad
from loadtests.measuring.serving import serve
from yoriai.priority import yield_processor
from yoriai.tenancy.session import platform_connection

CLERKS = 8
PAUSE_SECONDS = 0.25
_WARM_UP_SECONDS = 3.0
_MOST_WORKERS = 32
_SHARE_OF_SEARCHES = 0.6
_LATENCY, _PEAK = "latency", "peak"


@dataclass(frozen=True)
class Night:
    """A night that was run with the counter open: its plan, its summary, and the counter's times before, during and after it."""

    plan: NightPlan
    summary: dict[str, Any]
    measured_bound_ms: int
    before: list[float]
    during: list[float]
    after: list[float]

    @property
    def latency_ratio(self) -> float:
        """p95 during the night ÷ p95 without it: as long before it as after it, when the pages show what it has made."""
        return percentile(self.during, 0.95) / percentile(self.before + self.after, 0.95)


async def measure_nights(place: Installation, seconds: float) -> list[Row]:
    """The staggered night and the one where everything starts at once, each on its own copy of the database."""
    staggered = await measure_night(place, seconds, stagger=True)
    at_once = await measure_night(place, seconds, stagger=False)
    return [*latency_rows(staggered, at_once), *peak_rows(staggered, at_once)]


def latency_rows(staggered: Night, at_once: Night) -> list[Row]:
    """The counter's p95 during the night over without it."""
    label = "counter p95, during the {} night ÷ before and after it"
    return [
        Row(_LATENCY, label.format("staggered"), staggered.latency_ratio, None, _counted(staggered)),
        Row(_LATENCY, label.format("all-at-once"), at_once.latency_ratio, None, _counted(at_once)),
    ]


def peak_rows(staggered: Night, at_once: Night) -> list[Row]:
    """Peaks planned and measured, and the makespan over what no plan can beat."""
    planned, measured = staggered.summary["planned"], staggered.summary["measured"]
    other = at_once.summary["measured"]
    rows = [
        Row(
            _PEAK,
            f"planned {name}, staggered ÷ all at once",
            planned["planned_peak"][name] / planned["unstaggered_peak"][name],
        )
        for name in planned["planned_peak"]
        if planned["unstaggered_peak"][name]
    ]
    for name, label in (
        ("running_peak", "measured jobs at the same time, staggered ÷ all at once"),
        ("database_connections_peak", "measured database connections, staggered ÷ all at once"),
        ("cpu_millicores_peak", "measured processors, staggered ÷ all at once"),
    ):
        rows.append(Row(_PEAK, label, (measured[name] or 0) / (other[name] or 1)))
    rows.append(Row(_PEAK, "makespan ÷ bound, planned", planned["makespan_ms"] / max(1, planned["bound_ms"])))
    bound = max(1, staggered.measured_bound_ms)
    note = "the bound made of the measured durations"
    rows.append(Row(_PEAK, "makespan ÷ bound, measured", measured["makespan_ms"] / bound, None, note))
    return rows


def measured_bound_ms(plan: NightPlan, jobs: Sequence[dict[str, Any]]) -> int:
    """The least makespan of the night's jobs if each takes as long as it took."""
    took = {job_key(job["municipality_code"], job["job_name"]): _milliseconds(job) for job in jobs}
    durations = [replace(job, duration=took[job.id], deadline=None) for job in plan.instance.jobs]
    return plan_bounds(build_instance(plan.instance.capacity, durations)).best


async def measure_night(place: Installation, seconds: float, *, stagger: bool) -> Night:
    """Open the counter on a copy of the database, measure it for some seconds, run the night beside it, measure it again."""
    request = make_request(place.as_of, nets=frozenset(net.name for net in load_catalogue().nets), stagger=stagger)
    if not stagger:
        # As it is where every municipality's server starts its night by itself: nothing waits for anybody's counter.
        request = replace(request, counter_limit_ms=None)
    async with AsyncExitStack() as stack:
        settings = stack.enter_context(place.copy("bench_night"))
        plan = prepare_plan(settings.app_dsn, load_catalogue(), request)
        port = stack.enter_context(serve(settings.app_dsn))
        load = await stack.enter_async_context(
            PacedLoad(await open_counters(stack, port, place.counters), PAUSE_SECONDS)
        )
        await asyncio.sleep(_WARM_UP_SECONDS)
        before = await _listen(load, seconds)
        # In a process of its own: in this one it would keep the clerks waiting for the interpreter.
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as runner:
            night = asyncio.get_running_loop().run_in_executor(runner, _run, settings.app_dsn, plan)
            summary, bound = await night
        during = load.take()
        await asyncio.sleep(_WARM_UP_SECONDS)
        return Night(plan, summary, bound, before, during, await _listen(load, seconds))


async def _listen(load: PacedLoad, seconds: float) -> list[float]:
    """The counter's times of the next seconds."""
    load.take()
    await asyncio.sleep(seconds)
    return load.take()


def _run(dsn: str, plan: NightPlan) -> tuple[dict[str, Any], int]:
    """Run the night with as many workers as may have work at once; this process of the benchmark takes no part in it."""
    yield_processor()
    peak = plan.peak if plan.request.is_staggered else plan.unstaggered_peak
    workers = min(_MOST_WORKERS, max(os.cpu_count() or 1, peak["cpu"]))
    view = make_view({job.config.code: job.config.name for job in plan.jobs})
    summary = run_night(dsn, plan, RunOptions(workers=workers, actor="bench"), view)
    with platform_connection(dsn) as connection:
        jobs = list_jobs(connection, summary["night_key"])
    if not summary["ok"]:
        raise RuntimeError(f"the night did not end well: {summary['problems']}")
    return summary, measured_bound_ms(plan, jobs)


async def open_counters(stack: AsyncExitStack, port: int, counters: Sequence[Counter]) -> list[Act]:
    """Clerks of all municipalities who search and open people; what they hold is closed with the stack."""
    tokens = {c.config.code: await log_in(port, c.config.code, c.login, c.password) for c in counters}
    acts = []
    for seed in range(CLERKS):
        client = await HttpClient.connect(port)
        stack.push_async_callback(client.close)
        acts.append(_clerk(client, counters, tokens, seeded(seed)))
    return acts


def _clerk(client: HttpClient, counters: Sequence[Counter], tokens: dict[str, str], dice: random.Random) -> Act:
    async def act() -> None:
        counter, (number, name, kana) = draw_person(counters, dice)
        code = counter.config.code
        if dice.random() < _SHARE_OF_SEARCHES:
            await client.get(
                f"/{code}/resident/persons?q={quote(dice.choice(type_name(name, kana, dice)))}", tokens[code]
            )
        else:
            await client.get(f"/{code}/resident/persons/{number}", tokens[code])

    return act


def _counted(night: Night) -> str:
    before, during, after = (percentile(times, 0.95) * 1000 for times in (night.before, night.during, night.after))
    answers = f"{len(night.before)}, {len(night.during)} and {len(night.after)} answers"
    return f"{CLERKS} clerks; p95 {before:.0f} ms before, {during:.0f} during, {after:.0f} after ({answers})"


def _milliseconds(job: dict[str, Any]) -> int:
    begun, ended = job["started_at"], job["ended_at"]
    return (ended - begun) // timedelta(milliseconds=1) if begun and ended else 0
