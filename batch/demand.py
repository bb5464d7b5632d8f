"""From nets, configurations and sizes to what has to be done in a night. Pure but for reading a file to word an error."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from batch.catalogue import Catalogue, declared_in
from batch.estimates import Estimate, History
from batch.locations import tenant_line
from batch.municipalities import JobAdjustment, NetAdjustment, adjustment_of, nets_of_day, operating_calendar
from batch.planner import Blackout, Instance, PlanInputError, PlanJob, build_instance
from batch.request import ClosedSpan, NightRequest
from yoriai.calendar import CalendarYearMissing, parse_clock
from yoriai.dates import fiscal_year_of
from yoriai.errors import FieldError
from yoriai.jobs import Job, JobNet, OutsideEvent
from yoriai.tenancy.config import TenantConfig


@dataclass(frozen=True)
class NightJob:
    """A job of tonight with its size, its estimate, its place among the others and what it waits for from outside."""

    config: TenantConfig
    net: JobNet
    job: Job
    net_adjustment: NetAdjustment
    adjustment: JobAdjustment
    size: int
    estimate: Estimate
    after: tuple[str, ...]
    waits_for: tuple[OutsideEvent, ...] = ()

    @property
    def key(self) -> str:
        """The job's name in the plan."""
        return job_key(self.config.code, self.job.name)

    @property
    def priority(self) -> int:
        """The priority, 1 the highest: the municipality's, else the declared one."""
        return self.job.priority if self.adjustment.priority is None else self.adjustment.priority

    @property
    def estimate_ms(self) -> int:
        """The duration the plan reckons with."""
        return self.estimate.ms

    @property
    def awaited(self) -> tuple[str, ...]:
        """The names of the outside events that must have arrived."""
        return tuple(dict.fromkeys((*self.job.waits_for, *(event.name for event in self.waits_for))))

    @property
    def is_first(self) -> bool:
        """Whether no other job of tonight's comes before it within its net."""
        own = {job.name for job in self.net.jobs}
        return not own.intersection(self.after)


def job_key(municipality_code: str, job_name: str) -> str:
    """The name of a municipality's job within a night."""
    return f"{municipality_code}/{job_name}"


def list_night_jobs(
    catalogue: Catalogue,
    configs: Sequence[TenantConfig],
    sizes: Mapping[str, Mapping[str, int]],
    history: History,
    request: NightRequest,
) -> list[NightJob]:
    """All municipalities' jobs of the business date.

    Raises PlanInputError with every net and municipality whose calendar has not been made for the year.
    """
    served = {config.code for config in configs}
    unknown = sorted(request.what_if.scales.keys() - served)
    if unknown:
        errors = [FieldError("scale", f"団体「{code}」はありません。", "unknown_municipality") for code in unknown]
        raise PlanInputError("試算の指定に誤りがあります。", fields=errors)
    errors = []
    jobs: list[NightJob] = []
    for config in configs:
        missing = list(_calendar_errors(catalogue, config, request))
        if missing:
            errors += missing
        else:
            jobs += _jobs_of(catalogue, config, sizes[config.code], history, request)
    if errors:
        raise PlanInputError("暦がないため、計画できません。", fields=errors)
    return jobs


def build_demand(jobs: Sequence[NightJob], request: NightRequest) -> Instance:
    """The planner's instance of these jobs. Raises PlanInputError naming net, job and file.

    A mistake that a municipality's adjustment has made is named with the line of its file.
    """
    try:
        return build_instance(
            request.supply,
            [_plan_job(job, request) for job in jobs],
            steps={} if request.is_immediate else _steps(request),
            blackouts=() if request.is_immediate else _blackouts(jobs, request),
            group_limit=request.jobs_per_municipality,
        )
    except PlanInputError as error:
        known = {f"{job.net.name}/{job.key}": job for job in jobs}
        raise PlanInputError(fields=[_located(field, known) for field in error.fields]) from error


def _steps(request: NightRequest) -> dict[str, tuple[tuple[int, int], ...]]:
    found: dict[str, tuple[tuple[int, int], ...]] = {}
    for step in request.steps:
        for name, amount in step.amounts.items():
            if name in request.supply:
                found[name] = (*found.get(name, ()), (request.moment_of(step.clock), amount))
    return found


def _blackouts(jobs: Sequence[NightJob], request: NightRequest) -> list[Blackout]:
    spans = [("", span) for span in request.blackouts]
    for config in {job.config.code: job.config for job in jobs}.values():
        spans += [(config.code, ClosedSpan.of(entry)) for entry in config.section("batch").get("blackouts") or ()]
    return [
        Blackout(request.moment_of(span.start), request.moment_of(span.end), group)
        for group, span in spans
        if span.holds_on(request.business_date) and request.moment_of(span.end) > 0
    ]


def _jobs_of(
    catalogue: Catalogue, config: TenantConfig, sizes: Mapping[str, int], history: History, request: NightRequest
) -> Iterator[NightJob]:
    nets = nets_of_day(catalogue, config, request.business_date, request.extra_nets, request.what_if.moves)
    tonight = {job.name for net in nets for job in net.jobs}
    for net in nets:
        adjustment = adjustment_of(config, net)
        events = adjustment.waits_for(net)
        for job in net.jobs:
            size = request.what_if.size_of(config.code, sizes[job.size_driver])
            # A predecessor whose net does not run tonight is not waited for.
            after = tuple(name for name in job.after if name in tonight)
            found = NightJob(
                config=config,
                net=net,
                job=job,
                net_adjustment=adjustment,
                adjustment=adjustment.of_job(job.name),
                size=size,
                estimate=history.estimate(config.code, job, size),
                after=after,
            )
            yield replace(found, waits_for=tuple(_waited_for(found, events)))


def _waited_for(job: NightJob, events: Iterable[OutsideEvent]) -> Iterator[OutsideEvent]:
    """An event that a job of the net names itself is waited for by that job; another by the jobs listed or the first ones."""
    named = {name for other in job.net.jobs for name in other.waits_for}
    for event in events:
        if (
            event.name in job.job.waits_for
            or job.job.name in event.jobs
            or (not event.jobs and event.name not in named and job.is_first)
        ):
            yield event


def _calendar_errors(catalogue: Catalogue, config: TenantConfig, request: NightRequest) -> Iterator[FieldError]:
    if not operating_calendar(config).covers(request.business_date):
        missing = CalendarYearMissing(f"{fiscal_year_of(request.business_date)}年度の暦がありません。")
        yield from (_calendar_error(net, config, missing, request.business_date) for net in catalogue.nets)
        return
    for net in catalogue.nets:
        try:
            nets_of_day(Catalogue((net,), {}), config, request.business_date, frozenset(), request.what_if.moves)
        except CalendarYearMissing as error:
            yield _calendar_error(net, config, error, request.business_date)


def _calendar_error(net: JobNet, config: TenantConfig, error: CalendarYearMissing, day: date) -> FieldError:
    file, line = tenant_line(config.code, "calendar")
    names = "、".join(job.name for job in net.jobs)
    message = (
        f"業務日付{day}の運用日を決められません。{error.message}"
        f"calendar.fiscal_years に年度を加えてください。ジョブ: {names}"
    )
    return FieldError(f"{net.name}/{config.code}", message, rule="calendar_year", file=file, line=line)


def _plan_job(job: NightJob, request: NightRequest) -> PlanJob:
    declared, own = job.job, job.adjustment
    release = max(map(parse_clock, (own.release or declared.release, *(event.expected for event in job.waits_for))))
    deadline = min(parse_clock(own.deadline or declared.deadline), request.window_end) - request.window_start
    source, line = declared_in(declared)
    # Only what waits for no other job can be promised to begin at a time.
    start = job.net_adjustment.start if not (job.after or request.is_immediate) else None
    if start is not None:
        release = max(release, parse_clock(start))
    return PlanJob(
        id=job.key,
        duration=job.estimate_ms,
        uses={name: amount for name, amount in vars(declared.needs).items() if amount},
        after=tuple(job_key(job.config.code, name) for name in job.after),
        release=0 if request.is_immediate else _milliseconds(max(release - request.window_start, timedelta())),
        deadline=_milliseconds(deadline),
        priority=job.priority,
        group=job.config.code,
        net=job.net.name,
        source=source,
        line=line,
        start=None if start is None else _milliseconds(release - request.window_start),
    )


def _located(error: FieldError, jobs: Mapping[str, NightJob]) -> FieldError:
    job = jobs.get(error.field)
    if job is None or not error.rule.startswith(("deadline", "negative", "start", "held")):
        return error
    adjustment = job.net_adjustment.document
    keys = {"release", "deadline", "start", "waits_for"}
    own = (adjustment.get("jobs") or {}).get(job.job.name) or {}
    path = f"batch.nets.{job.net.name}"
    if keys & own.keys():
        path = f"{path}.jobs.{job.job.name}"
    elif not keys & adjustment.keys():
        return error
    file, line = tenant_line(job.config.code, path)
    return replace(error, file=file, line=line)


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
