"""Plan a night: all municipalities' jobs of one business date on one capacity. Pure but for its inputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from batch.catalogue import Catalogue
from batch.demand import NightJob, build_demand, job_key, list_night_jobs
from batch.estimates import History
from batch.plan_figures import capacity_curve, critical_chain, fairness_of
from batch.planner import (
    Bounds,
    Instance,
    PlanJob,
    Relaxation,
    Schedule,
    check_plan,
    peak_use,
    plan,
    plan_bounds,
    plan_unstaggered,
    relax,
)
from batch.queue import JobRow, NightRow
from batch.request import RESOURCES, NightRequest
from yoriai.calendar import format_clock, is_clock, moment_of, parse_clock
from yoriai.tenancy.config import TenantConfig

__all__ = ["RESOURCES", "NightJob", "NightPlan", "NightRequest", "job_key", "plan_night"]

_MAX_ATTEMPTS = 5
_MINUTE_MS = 60_000


@dataclass(frozen=True)
class NightPlan:
    """A planned night. Times of the instance are milliseconds from the request's origin."""

    request: NightRequest
    jobs: tuple[NightJob, ...]
    instance: Instance
    schedule: Schedule

    @cached_property
    def bounds(self) -> Bounds:
        """What no plan of these jobs can beat."""
        return plan_bounds(self.instance)

    @cached_property
    def peak(self) -> dict[str, int]:
        """The planned peak of each resource."""
        return {**dict.fromkeys(RESOURCES, 0), **peak_use(self.instance, self.schedule.starts)}

    @cached_property
    def unstaggered_peak(self) -> dict[str, int]:
        """The peak if every municipality began at once and nobody waited."""
        return {**dict.fromkeys(RESOURCES, 0), **peak_use(self.instance, plan_unstaggered(self.instance).starts)}

    @cached_property
    def reasons(self) -> list[str]:
        """What does not hold, from the independent checker; empty for a plan that fits the window."""
        faults = check_plan(self.instance, self.schedule.starts) if self.request.is_staggered else []
        return faults + [self._late(job) for job in self.instance.jobs if self._end_of(job) > (job.deadline or 0)]

    @cached_property
    def relaxations(self) -> list[dict[str, Any]]:
        """The smallest changes with which everything would fit, each planned and checked; empty where it does."""
        if not self.reasons or not self.request.is_staggered:
            return []
        found = relax(self.instance, self.schedule)
        return [{**change.to_json(), "message": self._worded(change)} for change in found]

    def _end_of(self, job: PlanJob) -> int:
        return self.schedule.starts[job.id] + job.duration if job.deadline is not None else 0

    def _late(self, job: PlanJob) -> str:
        end, limit = self.clock_of(self._end_of(job)), self.clock_of(job.deadline or 0)
        return f"{job.id}: 終了予定 {end} が打切 {limit} より後です。"

    def _worded(self, change: Relaxation) -> str:
        if change.kind != "later_end":
            return change.message
        minutes = -(-change.extra // _MINUTE_MS)
        return f"打切をすべて{minutes}分遅らせれば収まります（終了 {self.clock_of(change.end)}）。"

    def summary(self) -> dict[str, Any]:
        """The plan in figures; times in milliseconds."""
        return {
            "business_date": self.request.business_date.isoformat(),
            "jobs": len(self.jobs),
            "municipalities": len({job.config.code for job in self.jobs}),
            "capacity": dict(self.instance.capacity),
            "planned_peak": self.peak,
            "unstaggered_peak": self.unstaggered_peak,
            "makespan_ms": self.schedule.makespan,
            "bounds_ms": {"critical_path": self.bounds.critical_path, "work_area": dict(self.bounds.work_area)},
            "bound_ms": self.bounds.best,
            "gap": self.bounds.gap_percent(self.schedule.makespan),
            "expected_end": self.clock_of(self.schedule.makespan),
            "is_feasible": not self.reasons,
            "reasons": self.reasons,
        }

    def to_json(self) -> dict[str, Any]:
        """The summary with every job's planned time."""
        chain = critical_chain(self.instance, self.schedule)
        return {
            **self.summary(),
            "relaxations": self.relaxations,
            "what_if": self.request.what_if.to_json(),
            "fairness": fairness_of(self.instance, self.schedule),
            "critical_path": [
                {"job": link.job, "start_ms": link.start, "end_ms": link.end, "cause": link.cause} for link in chain
            ],
            "curve": capacity_curve(self.instance, self.schedule.starts),
            "plan": [self._job_json(job) for job in self.jobs],
        }

    def clock_of(self, moment: int) -> str:
        """A moment of the plan on the business date's 25:00-style clock, or in full where it runs on another day."""
        at = self._moment(moment)
        text = format_clock(self.request.business_date, at)
        return text if is_clock(text) else f"{at:%Y-%m-%d %H:%M}"

    def night_row(self) -> NightRow:
        """The night for the queue."""
        request = self.request
        return NightRow(
            business_date=request.business_date,
            is_staggered=request.is_staggered,
            capacity=request.supply,
            origin=request.origin,
            plan=self.summary(),
            counter_limit_ms=request.counter_limit_ms,
            steps=self._steps(),
            blackouts=self._blackouts(),
            municipality_limit=request.jobs_per_municipality,
            class_limits=request.class_limits,
            use_limits=request.use_limits,
            parameters=self._parameters(),
        )

    def job_rows(self) -> list[JobRow]:
        """The jobs for the queue."""
        return [self._job_row(job) for job in self.jobs]

    def _job_row(self, job: NightJob) -> JobRow:
        plan = self.instance.jobs[self.instance.index[job.key]]
        start = self.schedule.starts[job.key]
        end_of_window = self.request.origin + (self.request.window_end - self.request.window_start)
        return JobRow(
            municipality_code=job.config.code,
            net=job.net.name,
            job_name=job.job.name,
            label=job.job.label,
            priority=job.priority,
            cpu=job.job.needs.cpu,
            io=job.job.needs.io,
            connections=job.job.needs.connections,
            size=job.size,
            print=job.job.needs.print,
            job_class=job.job.job_class,
            estimate_ms=job.estimate_ms,
            high_ms=job.estimate.high_ms if job.estimate.runs else None,
            timeout_seconds=job.job.timeout_seconds,
            start_by=self._watched(job.job.start_by, self._moment(start)),
            end_by=self._watched(job.job.end_by, self._moment(start)),
            max_ms=job.job.max_minutes * _MINUTE_MS or None,
            waits_for=job.awaited,
            planned_start=self._moment(start),
            planned_end=self._moment(start + plan.duration),
            not_before=self._moment(plan.release),
            deadline_at=end_of_window if plan.deadline is None else self._moment(plan.deadline),
            max_attempts=_MAX_ATTEMPTS,
            after=job.after,
            is_held=job.adjustment.hold,
        )

    def _steps(self) -> list[dict[str, Any]]:
        """The capacity from each moment on: what a step leaves as it was, an earlier one has set."""
        moments = sorted({moment for steps in self.instance.steps.values() for moment, _ in steps})
        levels = []
        for moment in moments:
            known = {
                name: [amount for at, amount in steps if at <= moment] for name, steps in self.instance.steps.items()
            }
            amounts = {name: values[-1] for name, values in known.items() if values}
            levels.append({"at": self._moment(moment), "capacity": amounts})
        return levels

    def _blackouts(self) -> list[dict[str, Any]]:
        labels = {
            (self.request.moment_of(span.start), self.request.moment_of(span.end)): span.label
            for span in self.request.blackouts
        }
        return [
            {
                "start": self._moment(span.start),
                "end": self._moment(span.end),
                "municipality_code": span.group,
                "reason": labels.get((span.start, span.end), ""),
            }
            for span in self.instance.blackouts
        ]

    def _parameters(self) -> dict[str, Any]:
        """What was asked for, as evidence."""
        request = self.request
        return {
            "business_date": request.business_date,
            "window": list(request.window),
            "capacity": request.supply,
            "nets": sorted(request.extra_nets),
            "is_immediate": request.is_immediate,
            "is_staggered": request.is_staggered,
            "what_if": request.what_if.to_json(),
        }

    def _watched(self, text: str, planned: datetime) -> datetime | None:
        """The moment of a watch: minutes after the planned start, or a time, which an immediate night does not keep to."""
        if text.startswith("+"):
            return planned + timedelta(minutes=int(text[1:]))
        if not text or self.request.is_immediate:
            return None
        return moment_of(self.request.business_date, parse_clock(text))

    def _job_json(self, job: NightJob) -> dict[str, Any]:
        start = self.schedule.starts[job.key]
        return {
            "municipality": job.config.code,
            "net": job.net.name,
            "job": job.job.name,
            "label": job.job.label,
            "size": job.size,
            "start_ms": start,
            "duration_ms": job.estimate_ms,
            "start": self.clock_of(start),
            "after": list(job.after),
            "waits_for": list(job.awaited),
            "estimate": {"low_ms": job.estimate.low_ms, "high_ms": job.estimate.high_ms, "runs": job.estimate.runs},
        }

    def _moment(self, milliseconds: int) -> datetime:
        return self.request.origin + timedelta(milliseconds=milliseconds)


def plan_night(
    catalogue: Catalogue,
    configs: Sequence[TenantConfig],
    sizes: Mapping[str, Mapping[str, int]],
    history: History,
    request: NightRequest,
) -> NightPlan:
    """Plan the jobs that run that night; `sizes` are counts by municipality code and driver.

    Raises PlanInputError naming net and job when the demand is wrong in itself. A demand that does not fit the window
    is planned all the same, with the reasons.
    """
    jobs = list_night_jobs(catalogue, configs, sizes, history, request)
    instance = build_demand(jobs, request)
    rotation = request.business_date.toordinal()
    schedule = (
        plan(instance, rotation=rotation, seconds=request.seconds)
        if request.is_staggered
        else plan_unstaggered(instance)
    )
    return NightPlan(request, tuple(jobs), instance, schedule)
