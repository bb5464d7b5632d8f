"""The assumed municipal year (想定) of `batch/reference/`: what season views and simulations reckon with. Nothing of it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import exp, log
from pathlib import Path
from statistics import NormalDist
from typing import Any

from ruamel.yaml import YAML

from batch.catalogue import Catalogue
from yoriai.calendar import CalendarRule, rule_of
from yoriai.jobs import JobNet
from yoriai.tenancy.files import to_plain

FOLDER = Path(__file__).parent / "reference"
_START_MS = 300
_PREFIX = "reference."


@dataclass(frozen=True)
class ReferenceJob:
    """A job: rows of a size driver at so many rows a second. `after` names jobs as `net.job`."""

    name: str
    label: str
    driver: str
    rate: int
    needs: Mapping[str, int]
    after: tuple[str, ...] = ()

    def duration_ms(self, sizes: Mapping[str, int]) -> int:
        """The expected duration for a municipality's sizes."""
        return _START_MS + sizes[self.driver] * 1000 // self.rate


@dataclass(frozen=True)
class ReferenceNet:
    """A net with its calendar. A run may be moved by so many business days; `after` are nets that come on no later night."""

    name: str
    label: str
    calendar: CalendarRule
    jobs: tuple[ReferenceJob, ...]
    earlier: int = 0
    later: int = 0
    after: tuple[str, ...] = ()
    stands_for: str = ""
    source: str = ""

    @property
    def is_movable(self) -> bool:
        """Whether a run may go to another night."""
        return bool(self.earlier or self.later)


@dataclass(frozen=True)
class ReferenceDemand:
    """All reference nets, and the sizes of a municipality by its population."""

    nets: tuple[ReferenceNet, ...]
    per_thousand: Mapping[str, int]

    def sizes(self, population: int) -> dict[str, int]:
        """The count of every size driver, rounded up."""
        return {name: -(-population * share // 1000) for name, share in self.per_thousand.items()}

    @cached_property
    def by_name(self) -> dict[str, ReferenceNet]:
        """The nets by name."""
        return {net.name: net for net in self.nets}


def load_reference(catalogue: Catalogue | None = None) -> ReferenceDemand:
    """The reference demand; where a net stands for one that a business has declared, the declared jobs take its place."""
    document = _read("demand.yaml")
    shares = document["per_thousand_residents"]
    declared = {net.name: net for net in catalogue.nets} if catalogue else {}
    nets = []
    for entry in document["nets"]:
        real = declared.get(entry.get("stands_for", ""))
        jobs = tuple(_jobs(entry)) if real is None else tuple(_declared_jobs(real, shares))
        nets.append(_net(entry, jobs))
    return ReferenceDemand(tuple(_with_real_predecessors(nets)), shares)


def populations_of(count: int, own: list[int]) -> list[int]:
    """The populations of the set of so many municipalities; `own` are those in `tenants/`. Raises KeyError."""
    entry = _read("municipalities.yaml")["sets"][str(count)]
    if entry.get("demo"):
        return sorted(own, reverse=True)[:count]
    return list(entry["listed"]) if "listed" in entry else spread_populations(count, **entry["spread"])


def label_of(count: int) -> str:
    """What the set of so many municipalities stands for."""
    return str(_read("municipalities.yaml")["sets"][str(count)].get("label", "tenants/ の市町村"))


def spread_populations(count: int, total: int, median: int) -> list[int]:
    """A log-normal distribution at equal steps of its probability, the largest first, scaled to the total.

    The mean of a log-normal is median × exp(σ²/2), which gives σ. The same for the same input.
    """
    deviation = (2 * log(total / count / median)) ** 0.5
    normal = NormalDist()
    raw = [exp(deviation * normal.inv_cdf((at + 0.5) / count)) for at in reversed(range(count))]
    return [max(round(value * total / sum(raw)), 1) for value in raw]


def _read(name: str) -> dict[str, Any]:
    document: dict[str, Any] = to_plain(YAML(typ="safe").load((FOLDER / name).read_text(encoding="utf-8")))
    return document


def _net(entry: Mapping[str, Any], jobs: tuple[ReferenceJob, ...]) -> ReferenceNet:
    nights = entry.get("nights") or {}
    return ReferenceNet(
        name=entry["name"],
        label=entry["label"],
        calendar=rule_of(entry["calendar"]),
        jobs=jobs,
        earlier=nights.get("earlier", 0),
        later=nights.get("later", 0),
        after=tuple(entry.get("after") or ()),
        stands_for=entry.get("stands_for", ""),
        source=entry.get("source", ""),
    )


def _jobs(entry: Mapping[str, Any]) -> Iterator[ReferenceJob]:
    short = entry["name"].removeprefix(_PREFIX)
    for job in entry["jobs"]:
        after = tuple(name if "." in name else f"{short}.{name}" for name in job.get("after") or ())
        yield ReferenceJob(f"{short}.{job['name']}", job["label"], job["driver"], job["rate"], job["needs"], after)


def _declared_jobs(net: JobNet, shares: Mapping[str, int]) -> Iterator[ReferenceJob]:
    """What a business has declared, in the reference's words. A size that the reference lacks is taken for the residents'."""
    for job in net.jobs:
        driver = job.size_driver if job.size_driver in shares else "residents"
        needs = {name: amount for name, amount in vars(job.needs).items() if amount}
        yield ReferenceJob(job.name, job.label, driver, job.rows_per_second, needs, job.after)


def _with_real_predecessors(nets: list[ReferenceNet]) -> Iterator[ReferenceNet]:
    """Let every `after` name a job that is there.

    A job of a net whose place a declared one has taken is that net's job of the same last name, else its last job; what
    the declared jobs come after and nobody has falls away.
    """
    known = {job.name for net in nets for job in net.jobs}
    in_place = {_short(net): net for net in nets}

    def real(name: str) -> str | None:
        if name in known:
            return name
        net_name, _, job_name = name.partition(".")
        jobs = in_place[net_name].jobs if net_name in in_place else ()
        same = (job.name for job in jobs if job.name.rpartition(".")[2] == job_name)
        return next(same, jobs[-1].name if jobs else None)

    for net in nets:
        jobs = [
            replace(job, after=tuple(name for name in map(real, job.after) if name is not None and name != job.name))
            for job in net.jobs
        ]
        yield replace(net, jobs=tuple(jobs))


def _short(net: ReferenceNet) -> str:
    return net.name.removeprefix(_PREFIX)
