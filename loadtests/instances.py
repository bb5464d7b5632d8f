"""Demands to compare planners on: single-mode RCPSP sets of the published design, and nights of many municipalities.

The sets follow Kolisch, Sprecher, Drexl (1995) and Kolisch, Sprecher (1996), PSPLIB: durations 1…10, four resources,
demands 1…10, and a full factorial of network complexity NC (arcs per job), resource factor RF (share of resources a job uses)
and resource strength RS (where capacity lies between the largest demand, 0, and the peak of the earliest starts, 1).
"""

import math
import random
from collections.abc import Iterator
from itertools import product

from batch.planner import Instance, PlanJob, build_instance, peak_use, plan_unstaggered
from loadtests.dice import seeded

COMPLEXITIES = (1.5, 1.8, 2.1)
FACTORS = (0.25, 0.5, 0.75, 1.0)
STRENGTHS = {30: (0.2, 0.5, 0.7, 1.0), 60: (0.2, 0.5, 0.7, 1.0), 120: (0.1, 0.2, 0.3, 0.4, 0.5)}
_RESOURCES = ("r1", "r2", "r3", "r4")
_ENDS = 3
_MOST = 10
_MEDIAN_POPULATION = 23_000
_SIGMA = 1.4
_LARGEST_CITY = 3_700_000


def rcpsp_set(jobs: int, each: int = 1, seed: int = 0) -> Iterator[tuple[str, Instance]]:
    """The factorial set with so many jobs (30, 60 or 120), `each` instances of every cell, with their names."""
    cells = product(COMPLEXITIES, FACTORS, STRENGTHS[jobs], range(each))
    for number, (complexity, factor, strength, _) in enumerate(cells):
        name = f"j{jobs} NC={complexity} RF={factor} RS={strength} #{number}"
        yield name, rcpsp(jobs, complexity, factor, strength, seeded(seed * 10_000 + number))


def rcpsp(jobs: int, complexity: float, factor: float, strength: float, dice: random.Random) -> Instance:
    """One instance of the design."""
    after = _network(jobs, complexity, dice)
    uses = _demands(jobs, factor, dice)
    planned = [
        PlanJob(f"{at}", dice.randint(1, _MOST), uses[at], tuple(f"{earlier}" for earlier in sorted(after[at])))
        for at in range(jobs)
    ]
    largest = {name: max([1, *(use.get(name, 0) for use in uses)]) for name in _RESOURCES}
    endless = build_instance(dict.fromkeys(_RESOURCES, jobs * _MOST), planned)
    peak = peak_use(endless, plan_unstaggered(endless).starts)
    capacity = {
        name: largest[name] + round(strength * (max(peak[name], largest[name]) - largest[name])) for name in _RESOURCES
    }
    return build_instance(capacity, planned)


def municipal_night(
    municipalities: int, *, load: float = 0.8, window: int = 480 * 60, each: int = 0, seed: int = 0, cross: float = 0.3
) -> Instance:
    """A night in seconds: one to three chains of jobs per municipality, 14 to 30 in all (or `each`), some waiting across chains.

    Populations are log-normal, as those of Japan's municipalities nearly are (median 23,000, σ of the logarithm 1.4), and
    durations go with them. The capacity of cpu, io and connections is such that their work fills this share of the window.
    """
    dice = seeded(seed)
    jobs: list[PlanJob] = []
    for number in range(municipalities):
        population = min(_LARGEST_CITY, int(_MEDIAN_POPULATION * math.exp(_SIGMA * dice.gauss(0, 1))))
        jobs += _nets(f"{number:04d}", population, _chains(each, dice), dice, cross)
    capacity = {}
    for name in ("cpu", "io", "connections"):
        work = sum(job.duration * job.uses[name] for job in jobs)
        capacity[name] = max([math.ceil(work / (load * window)), *(job.uses[name] for job in jobs)])
    return build_instance(capacity, jobs)


def dominated_by(instance: Instance, resource: str) -> Instance:
    """The same jobs with twice as much of every other resource."""
    capacity = {name: limit if name == resource else 2 * limit for name, limit in instance.ceiling.items()}
    return build_instance(capacity, instance.jobs)


def _chains(each: int, dice: random.Random) -> list[int]:
    """The lengths of a municipality's chains."""
    if each:
        return [each // 3 + (chain < each % 3) for chain in range(3)]
    return [dice.randint(10, 14), *(dice.randint(4, 8) for _ in range(dice.randint(1, 2)))]


def _nets(code: str, population: int, chains: list[int], dice: random.Random, cross: float) -> list[PlanJob]:
    names: list[str] = []
    jobs = []
    for chain, length in enumerate(chains):
        for link in range(length):
            name = f"{code}.{chain}.{link}"
            after = {f"{code}.{chain}.{link - 1}"} if link else set()
            if names and dice.random() < cross:
                after.add(dice.choice(names))
            rate = dice.choice((4_000, 8_000, 15_000, 30_000))
            cpu = dice.randint(1, 1 + min(7, population // 250_000))
            uses = {"cpu": cpu, "io": dice.choice((1, 1, 2)), "connections": cpu * dice.choice((1, 1, 2))}
            jobs.append(PlanJob(name, 2 + population * 6 // (rate * cpu), uses, tuple(sorted(after)), group=code))
            names.append(name)
    return jobs


def _network(jobs: int, complexity: float, dice: random.Random) -> list[set[int]]:
    """Predecessors: no arc follows from others; three jobs at each end; three arcs at most into and out of a job.

    NC counts the arcs of the dummy start and end too.
    """
    net = _Network(jobs)
    for high in range(_ENDS, jobs):
        net.try_some([(low, high) for low in range(min(high, jobs - _ENDS))], dice)
    for low in range(jobs - _ENDS):
        if not net.after[low]:
            net.try_some([(low, high) for high in range(max(low + 1, _ENDS), jobs)], dice)
    missing = round(complexity * (jobs + 2)) - 2 * _ENDS - net.arcs
    for _ in range(max(0, missing)):
        low_part, high_part = range(jobs - _ENDS), range(_ENDS, jobs)
        net.try_some([(dice.choice(low_part), dice.choice(high_part)) for _ in range(200)], dice)
    return net.before


class _Network:
    """Jobs and arcs from lower to higher numbers, with everything that is above and below each."""

    def __init__(self, jobs: int) -> None:
        self.before: list[set[int]] = [set() for _ in range(jobs)]
        self.after: list[set[int]] = [set() for _ in range(jobs)]
        self.above: list[set[int]] = [set() for _ in range(jobs)]
        self.below: list[set[int]] = [set() for _ in range(jobs)]

    @property
    def arcs(self) -> int:
        return sum(len(earlier) for earlier in self.before)

    def try_some(self, arcs: list[tuple[int, int]], dice: random.Random) -> None:
        """Join the first of these arcs, in an order by chance, that the design allows."""
        dice.shuffle(arcs)
        for low, high in arcs:
            if self._is_allowed(low, high):
                self.before[high].add(low)
                self.after[low].add(high)
                over, under = {low, *self.above[low]}, {high, *self.below[high]}
                for at in under:
                    self.above[at] |= over
                for at in over:
                    self.below[at] |= under
                return

    def _is_allowed(self, low: int, high: int) -> bool:
        """Whether the arc is new, leaves at most three at both jobs, and neither follows from others nor makes others follow."""
        return (
            low < high
            and low not in self.above[high]
            and len(self.after[low]) < _ENDS
            and len(self.before[high]) < _ENDS
            and not any(
                target in self.below[high] or target == high
                for source in (low, *self.above[low])
                for target in self.after[source]
            )
        )


def _demands(jobs: int, factor: float, dice: random.Random) -> list[dict[str, int]]:
    """RF × 4 resources for each job on average, each of the resources as likely; every job uses one at least."""
    total = round(factor * len(_RESOURCES) * jobs)
    cells = [(at, dice.choice(_RESOURCES)) for at in range(jobs)]
    rest = [cell for cell in product(range(jobs), _RESOURCES) if cell not in set(cells)]
    cells += dice.sample(rest, max(0, total - jobs))
    uses: list[dict[str, int]] = [{} for _ in range(jobs)]
    for at, name in cells:
        uses[at][name] = dice.randint(1, _MOST)
    return uses
