"""All job nets the businesses declare, checked before anything is planned."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from batch.planner import PlanInputError
from yoriai.calendar import is_clock, parse_clock
from yoriai.errors import FieldError, NotFound
from yoriai.jobs import Job, JobNet
from yoriai.registry import businesses, load
from yoriai.settings import ROOT

_MINUTES = re.compile(r"^\+[0-9]{1,4}$")


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
        errors += [*self._event_errors(), *self._cycle_errors()]
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
        wrong = [clock for clock in (job.release, job.deadline) if not is_clock(clock)]
        for clock in wrong:
            yield _error(net, job, f"時刻として読めません（00:00～47:59）: {clock}", "clock")
        yield from (
            _error(net, job, f"監視の時刻として読めません（00:00～47:59、または計画からの分 +30）: {clock}", "clock")
            for clock in (job.start_by, job.end_by)
            if clock and not is_clock(clock) and not _MINUTES.match(clock)
        )
        if not wrong and parse_clock(job.deadline) < parse_clock(job.release):
            message = f"打切時刻 {job.deadline} が開始可能時刻 {job.release} より前です。"
            yield _error(net, job, message, "deadline_before_release")

    def _event_errors(self) -> Iterable[FieldError]:
        for net in self.nets:
            for event in net.waits_for:
                if not is_clock(event.expected):
                    message = f"「{event.label}」の届く予定が時刻として読めません: {event.expected}"
                    yield _error(net, net.jobs[0], message, "clock")
                for name in event.jobs:
                    if name not in {job.name for job in net.jobs}:
                        message = f"「{event.label}」を待つジョブ「{name}」がジョブネットにありません。"
                        yield _error(net, net.jobs[0], message, "unknown_job")

    def _cycle_errors(self) -> Iterable[FieldError]:
        """Nets may run on the same night, so a cycle over several nets is one too."""
        graph = {job.name: [name for name in job.after if name in self.jobs] for job in self.jobs.values()}
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            names: list[str] = error.args[1]
            path = " → ".join(reversed(names))
            yield _error(self.net_of[names[0]], self.jobs[names[0]], f"先行関係が循環しています: {path}", "cycle")


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
