"""All job nets the businesses declare, checked before anything is planned."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from batch.calendar import parse_clock
from batch.planner import PlanInputError
from yoriai.errors import FieldError, NotFound
from yoriai.jobs import Job, JobNet
from yoriai.registry import businesses, load
from yoriai.settings import ROOT


@dataclass(frozen=True)
class Catalogue:
    """Job nets, the counts that sizes go by, and which business declares a net."""

    nets: tuple[JobNet, ...]
    size_drivers: Mapping[str, str]
    business_of: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def jobs(self) -> dict[str, Job]:
        """Every job by name."""
        return {job.name: job for net in self.nets for job in net.jobs}

    @cached_property
    def net_of(self) -> dict[str, JobNet]:
        """The net of each job."""
        return {job.name: net for net in self.nets for job in net.jobs}

    def get_job(self, name: str) -> Job:
        """The job; raises NotFound when this installation does not have it."""
        job = self.jobs.get(name)
        if job is None:
            raise NotFound(f"ジョブ「{name}」の定義がありません。")
        return job

    def check(self) -> None:
        """Raises PlanInputError with every wrong declaration."""
        names = [job.name for net in self.nets for job in net.jobs]
        errors = [error for net in self.nets for job in net.jobs for error in self._errors_of(net, job)]
        errors += [
            _error(self.net_of[name], self.jobs[name], "同じ名前のジョブが二つあります。", "duplicate")
            for name in sorted({name for name in names if names.count(name) > 1})
        ]
        if errors:
            raise PlanInputError(fields=errors)

    def _errors_of(self, net: JobNet, job: Job) -> Iterable[FieldError]:
        for name in job.after:
            if name not in self.jobs:
                yield _error(net, job, f"先行ジョブ「{name}」がありません。", "unknown_predecessor")
        if job.size_driver not in self.size_drivers:
            yield _error(
                net, job, f"件数の基準「{job.size_driver}」を公開する業務がありません。", "unknown_size_driver"
            )
        if job.rows_per_second <= 0:
            yield _error(net, job, "標準の処理速度が正の数ではありません。", "rate")
        for clock in (job.release, job.deadline):
            try:
                parse_clock(clock)
            except ValueError as problem:
                yield _error(net, job, str(problem), "clock")


def load_catalogue() -> Catalogue:
    """What the installed businesses declare; raises PlanInputError when declarations contradict each other."""
    nets: list[JobNet] = []
    drivers: dict[str, str] = {}
    business_of: dict[str, str] = {}
    for business in businesses():
        drivers |= business.size_drivers
        for net in load(business.jobs) if business.jobs else ():
            nets.append(net)
            business_of[net.name] = business.name
    catalogue = Catalogue(tuple(nets), drivers, business_of)
    catalogue.check()
    return catalogue


def declared_in(job: Job) -> tuple[str, int]:
    """File and line of the function that does the job: where its declaration is looked for."""
    code = getattr(job.run_chunk, "__code__", None)
    if code is None:
        return job.run_chunk.__module__, 0
    path = Path(code.co_filename)
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path), code.co_firstlineno


def _error(net: JobNet, job: Job, message: str, rule: str) -> FieldError:
    file, line = declared_in(job)
    return FieldError(field=f"{net.name}/{job.name}", message=message, rule=rule, file=file, line=line)
