"""From the assumed municipal year to nights and runs: which net falls on which night for whom, and what it costs there."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from batch.catalogue import Catalogue
from batch.locations import tenant_line
from batch.municipalities import operating_calendar, schedule_of
from batch.planner import Instance, PlanJob, build_instance
from batch.reference_demand import ReferenceDemand, ReferenceNet
from batch.season import SeasonDemand, SeasonRun, Work
from yoriai.calendar import CalendarYearMissing, OperatingCalendar, OperatingDay
from yoriai.calendar.operating import NATIONAL
from yoriai.errors import FieldError
from yoriai.tenancy.config import TenantConfig

AMPLE = 1_000_000
"""A capacity that never binds, for finding out how little is enough."""


@dataclass(frozen=True)
class SeasonMunicipality:
    """Whom the year is planned for: with a configuration its own calendar and adjustments count."""

    code: str
    name: str
    population: int
    config: TenantConfig | None = None

    @property
    def calendar(self) -> OperatingCalendar:
        """Its business days."""
        return NATIONAL if self.config is None else operating_calendar(self.config)


@dataclass(frozen=True)
class SeasonYear:
    """The demand of a year with the way back from a night to its jobs."""

    demand: SeasonDemand
    reference: ReferenceDemand
    municipalities: tuple[SeasonMunicipality, ...]
    fixed: Mapping[int, Sequence[tuple[int, str]]] = field(repr=False)
    """The (municipality's position, net) that each night has in any case."""

    def jobs_of(self, night: int, assigned: Sequence[int]) -> list[PlanJob]:
        """All jobs of a night when the runs have the nights given; times in milliseconds from the window's start."""
        position = {municipality.code: at for at, municipality in enumerate(self.municipalities)}
        nets = list(self.fixed.get(night, ()))
        nets += [
            (position[run.municipality], run.net)
            for run, chosen in zip(self.demand.runs, assigned, strict=True)
            if chosen == night
        ]
        return list(plan_jobs(self.reference, self.municipalities, nets, self.demand.window))

    def instance_of(self, night: int, assigned: Sequence[int]) -> Instance:
        """The planner's instance of a night, on capacity that never binds."""
        return build_instance(dict.fromkeys(self.demand.resources, AMPLE), self.jobs_of(night, assigned))


def plan_jobs(
    reference: ReferenceDemand,
    municipalities: Sequence[SeasonMunicipality],
    nets: Sequence[tuple[int, str]],
    window: int,
) -> Iterator[PlanJob]:
    """The jobs of nets by (municipality's position, net name). A predecessor whose net is not among them is not waited for."""
    chosen: defaultdict[int, list[ReferenceNet]] = defaultdict(list)
    for at, name in nets:
        chosen[at].append(reference.by_name[name])
    for at, own in chosen.items():
        municipality = municipalities[at]
        sizes = reference.sizes(municipality.population)
        tonight = {job.name for net in own for job in net.jobs}
        for net in own:
            for job in net.jobs:
                yield PlanJob(
                    id=f"{municipality.code}/{job.name}",
                    duration=job.duration_ms(sizes),
                    uses=job.needs,
                    after=tuple(f"{municipality.code}/{name}" for name in job.after if name in tonight),
                    deadline=window,
                    group=municipality.code,
                    net=net.name,
                )


def build_year(
    reference: ReferenceDemand,
    municipalities: Sequence[SeasonMunicipality],
    first: date,
    last: date,
    *,
    capacity: Mapping[str, int],
    window: int,
    catalogue: Catalogue | None = None,
) -> SeasonYear:
    """The nights from first to last. Raises CalendarYearMissing when a calendar has not been made for a year among them."""
    builder = _Builder(reference, municipalities, first, last, capacity, window, catalogue)
    return builder.build()


class _Builder:
    def __init__(
        self,
        reference: ReferenceDemand,
        municipalities: Sequence[SeasonMunicipality],
        first: date,
        last: date,
        capacity: Mapping[str, int],
        window: int,
        catalogue: Catalogue | None,
    ) -> None:
        self._reference = reference
        self._municipalities = tuple(municipalities)
        self._first, self._last = first, last
        self._capacity, self._window = capacity, window
        self._declared = {net.name: net for net in catalogue.nets} if catalogue else {}
        self._nights = tuple(first + timedelta(days=number) for number in range((last - first).days + 1))
        self._base = [[0] * len(capacity) for _ in self._nights]
        self._fixed: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        self._days: dict[tuple[OperatingCalendar, str], list[OperatingDay]] = {}

    def build(self) -> SeasonYear:
        runs: list[SeasonRun] = []
        for at, municipality in enumerate(self._municipalities):
            own: list[SeasonRun] = []
            sizes = self._reference.sizes(municipality.population)
            for net in self._reference.nets:
                work = self._work(net, sizes)
                for entry in self._days_of(municipality, net):
                    if net.is_movable:
                        own.append(self._run(municipality, net, entry.day, work, own))
                    else:
                        self._carry(at, net, entry.day, work)
            runs += own
        base = tuple(tuple(work) for work in self._base)
        demand = SeasonDemand(self._nights, dict(self._capacity), self._window, base, tuple(runs))
        return SeasonYear(demand, self._reference, self._municipalities, dict(self._fixed))

    def _carry(self, at: int, net: ReferenceNet, day: date, work: Work) -> None:
        night = self._night(day)
        self._fixed[night].append((at, net.name))
        for resource, amount in enumerate(work):
            self._base[night][resource] += amount

    def _run(
        self, municipality: SeasonMunicipality, net: ReferenceNet, day: date, work: Work, own: Sequence[SeasonRun]
    ) -> SeasonRun:
        calendar = municipality.calendar
        days = [
            day,
            *self._nights_away(calendar, day, net.earlier, -1),
            *self._nights_away(calendar, day, net.later, 1),
        ]
        usual = self._night(day)
        # Only what comes before it as usual can be kept before it.
        after = {run.net: run.key for run in own if run.net in net.after and run.usual <= usual}
        return SeasonRun(
            key=f"{municipality.code}/{net.name}/{day}",
            municipality=municipality.code,
            net=net.name,
            label=net.label,
            usual=usual,
            nights=tuple(sorted(self._night(other) for other in days)),
            work=work,
            after=tuple(after.values()),
        )

    def _nights_away(self, calendar: OperatingCalendar, day: date, count: int, step: int) -> Iterator[date]:
        """The business days before or after, as far as the season reaches: no day outside it is asked about."""
        while count and self._first <= day + timedelta(step) <= self._last:
            day += timedelta(step)
            if calendar.is_business_day(day):
                count -= 1
                yield day

    def _work(self, net: ReferenceNet, sizes: Mapping[str, int]) -> Work:
        return tuple(
            sum(job.duration_ms(sizes) * job.needs.get(name, 0) for job in net.jobs) for name in self._capacity
        )

    def _days_of(self, municipality: SeasonMunicipality, net: ReferenceNet) -> list[OperatingDay]:
        try:
            return self._operating_days(municipality, net)
        except CalendarYearMissing as error:
            file, line = tenant_line(municipality.code, "calendar") if municipality.config else ("", 0)
            names = "、".join(job.name for job in net.jobs)
            message = f"{error.message}calendar.fiscal_years に年度を加えてください。ジョブ: {names}"
            field_error = FieldError(f"{net.name}/{municipality.code}", message, "calendar_year", file=file, line=line)
            raise CalendarYearMissing(fields=[field_error]) from error

    def _operating_days(self, municipality: SeasonMunicipality, net: ReferenceNet) -> list[OperatingDay]:
        declared = self._declared.get(net.stands_for)
        if declared is not None and municipality.config is not None:
            return schedule_of(declared, municipality.config, self._first, self._last)
        key = (municipality.calendar, net.name)
        if key not in self._days:
            self._days[key] = municipality.calendar.operating_days(net.calendar, self._first, self._last)
        return self._days[key]

    def _night(self, day: date) -> int:
        return (day - self._first).days
