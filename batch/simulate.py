"""The night at other scales, with a virtual clock: what capacity staggering needs, how a run on it goes. Pure but for timing.

Demand and sizes are assumed (`batch/reference/`). The real durations of a simulated run are the estimates times a factor
drawn from a log-normal distribution by hash, so that the same seed gives the same night on every machine.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from math import exp
from statistics import NormalDist
from typing import Any

from batch.planner import (
    Instance,
    PlanJob,
    build_instance,
    check_deadlines,
    check_plan,
    least_capacity,
    peak_use,
    plan,
    plan_bounds,
    plan_unstaggered,
)
from batch.reference_demand import ReferenceDemand
from batch.replay import replay_night
from batch.season_demand import AMPLE, SeasonMunicipality, plan_jobs
from yoriai.calendar.operating import NATIONAL

RESOURCES = ("cpu", "io", "connections", "print")
SPREAD_PERCENT = 25
"""How far real durations lie around the estimate: the deviation of their logarithm."""
STRAGGLER_PER_MILLE = 5
STRAGGLER_FACTOR = 3
RESERVE_PERCENT = 10
"""What is bought beyond the least capacity, for the nights that are slower than planned."""
_HOUR_MS = 3_600_000
_START_HOURS = 5
"""Left alone, municipalities begin on the hours from 20:00 to 24:00."""
_DRAWS = 1 << 64


@dataclass(frozen=True)
class SimulatedNight:
    """A night planned and played through. Times are milliseconds from the window's start."""

    name: str
    business_date: date
    instance: Instance
    window: int
    capacity: Mapping[str, int]
    starts: Mapping[str, int]
    makespan: int
    bound: int
    plan_seconds: float
    levelling_seconds: float
    faults: tuple[str, ...]
    real_end: int
    real_bound: int
    reserve_end: int

    @cached_property
    def floor(self) -> dict[str, int]:
        """What no plan within the window can do without."""
        return least_capacity(self.instance, self.window)

    @cached_property
    def planned_peak(self) -> dict[str, int]:
        """The peak of the staggered plan."""
        return peak_use(self.instance, self.starts)

    @cached_property
    def at_once_peak(self) -> dict[str, int]:
        """The peak when every municipality begins at the window's start and nobody waits: what that would need."""
        return peak_use(self.instance, plan_unstaggered(self.instance).starts)

    @cached_property
    def uncoordinated_peak(self) -> dict[str, int]:
        """The peak when each begins at an hour of its own choice and nobody waits for another."""
        groups = sorted({job.group for job in self.instance.jobs})
        hour = {group: _draw(group, 0) * _START_HOURS // _DRAWS for group in groups}
        jobs = [_begun_at(job, hour[job.group] * _HOUR_MS) for job in self.instance.jobs]
        shifted = build_instance(self.instance.capacity, jobs)
        return peak_use(shifted, plan_unstaggered(shifted).starts)

    @cached_property
    def own_machines(self) -> dict[str, int]:
        """What all need together when each has a machine of its own, at the very least."""
        total = dict.fromkeys(RESOURCES, 0)
        by_group: dict[str, list[PlanJob]] = {}
        for job in self.instance.jobs:
            by_group.setdefault(job.group, []).append(job)
        for jobs in by_group.values():
            alone = least_capacity(Instance(self.instance.capacity, tuple(_without_after(jobs))), self.window)
            for name in RESOURCES:
                total[name] += alone[name]
        return total

    @property
    def work_hours(self) -> int:
        """The hours one processor would take, rounded up."""
        work = sum(job.duration * job.uses.get("cpu", 0) for job in self.instance.jobs)
        return -(-work // _HOUR_MS)

    def to_json(self) -> dict[str, Any]:
        """All figures. Shares and gaps are in percent, rounded up to a hundredth."""
        return {
            "night": self.name,
            "business_date": self.business_date.isoformat(),
            "municipalities": len({job.group for job in self.instance.jobs}),
            "jobs": len(self.instance.jobs),
            "cpu_hours": self.work_hours,
            "capacity": dict(self.capacity),
            "capacity_floor": self.floor,
            "at_once": self.at_once_peak,
            "uncoordinated": self.uncoordinated_peak,
            "own_machines": self.own_machines,
            "planned_peak": self.planned_peak,
            "makespan_ms": self.makespan,
            "bound_ms": self.bound,
            "gap": _percent_above(self.makespan, self.bound),
            "plan_seconds": round(self.plan_seconds, 2),
            "levelling_seconds": round(self.levelling_seconds, 2),
            "simulated_end_ms": self.real_end,
            "simulated_to_bound": _percent_above(self.real_end, self.real_bound),
            "end_with_reserve_ms": self.reserve_end,
            "faults": list(self.faults),
        }


def jobs_of_night(
    reference: ReferenceDemand, municipalities: Sequence[SeasonMunicipality], business_date: date, window: int
) -> list[PlanJob]:
    """The jobs of all nets that fall on the date by the national calendar."""
    names = [net.name for net in reference.nets if NATIONAL.is_operating_day(net.calendar, business_date)]
    pairs = [(at, name) for at in range(len(municipalities)) for name in names]
    return list(plan_jobs(reference, municipalities, pairs, window))


def simulate_night(
    name: str, business_date: date, jobs: Sequence[PlanJob], window: int, *, seed: int
) -> SimulatedNight:
    """Find the least capacity, plan on it, and play the night through on it and with a reserve."""
    instance = build_instance(dict.fromkeys(RESOURCES, AMPLE), jobs)
    begun = time.perf_counter()
    capacity = least_balanced(instance, window)
    levelled = time.perf_counter()
    on_least = instance.capped(capacity)
    schedule = plan(on_least)
    planned = time.perf_counter()
    real = [job.duration * drawn_percent(job.id, seed) // 100 for job in jobs]
    reserve = {name: -(-amount * (100 + RESERVE_PERCENT) // 100) for name, amount in capacity.items()}
    return SimulatedNight(
        name=name,
        business_date=business_date,
        instance=instance,
        window=window,
        capacity=capacity,
        starts=schedule.starts,
        makespan=schedule.makespan,
        bound=plan_bounds(on_least).best,
        plan_seconds=planned - levelled,
        levelling_seconds=levelled - begun,
        faults=(*check_plan(on_least, schedule.starts), *check_deadlines(on_least, schedule.starts)),
        real_end=replay_night(on_least, schedule.starts, real).end,
        real_bound=plan_bounds(_with_durations(on_least, real)).best,
        reserve_end=replay_night(_on(instance, reserve), schedule.starts, real).end,
    )


def least_balanced(instance: Instance, window: int) -> dict[str, int]:
    """The least capacity found on which a plan ends in time, all resources the same percentage above their floor.

    Making one resource as small as can be first would make the others dear; a machine is bought whole. Where even endless
    capacity misses the window, it is the floor, and the checker then names what is late.
    """
    floor = least_capacity(instance, window)

    def at(percent: int) -> dict[str, int]:
        return {name: -(-amount * percent // 100) for name, amount in floor.items()}

    def fits(percent: int) -> bool:
        return plan(instance.capped(at(percent)).within(window)).is_feasible

    low, high, step = 100, 100, 5
    is_hopeless = plan_bounds(instance).critical_path > window
    while not is_hopeless and not fits(high):
        low, high, step = high + 1, high + step, step * 2
    while low < high:
        middle = (low + high) // 2
        if fits(middle):
            high = middle
        else:
            low = middle + 1
    return at(high)


def drawn_percent(key: str, seed: int) -> int:
    """A job's real duration in percent of its estimate: log-normal, and now and then a straggler."""
    z = NormalDist().inv_cdf((_draw(key, seed) + 0.5) / _DRAWS)
    factor = STRAGGLER_FACTOR if _draw(key, seed + 1) * 1000 // _DRAWS < STRAGGLER_PER_MILLE else 1
    return max(1, round(100 * factor * exp(z * SPREAD_PERCENT / 100)))


def clock_at(milliseconds: int, start: timedelta) -> str:
    """A moment of the night on the business date's 25:00-style clock, rounded up to the minute; also past 47:59."""
    minutes = -(-milliseconds // 60_000) + start // timedelta(minutes=1)
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _draw(key: str, seed: int) -> int:
    return int.from_bytes(sha256(f"{seed}/{key}".encode()).digest()[:8], "big")


def _begun_at(job: PlanJob, moment: int) -> PlanJob:
    return PlanJob(
        job.id, job.duration, job.uses, job.after, max(job.release, moment), None, group=job.group, net=job.net
    )


def _without_after(jobs: Sequence[PlanJob]) -> list[PlanJob]:
    return [PlanJob(job.id, job.duration, job.uses, group=job.group) for job in jobs]


def _with_durations(instance: Instance, durations: Sequence[int]) -> Instance:
    jobs = [
        PlanJob(job.id, duration, job.uses, job.after, job.release, group=job.group, net=job.net)
        for job, duration in zip(instance.jobs, durations, strict=True)
    ]
    return build_instance(instance.capacity, jobs)


def _on(instance: Instance, capacity: Mapping[str, int]) -> Instance:
    return Instance(dict(capacity), instance.jobs)


def _percent_above(value: int, bound: int) -> str:
    if not bound:
        return "0.00%"
    hundredths = -((bound - value) * 10_000 // bound)
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
