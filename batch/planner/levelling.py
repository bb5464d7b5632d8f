"""Resource levelling: the least capacity on which everything still ends in time, for the peak is what is paid for."""

import math
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial

from batch.planner.bounds import least_capacity
from batch.planner.instance import Instance
from batch.planner.making import improve, plan_quickly, starts_of
from batch.planner.peaks import peak_use
from batch.planner.schedule import Schedule, make_schedule

Amounts = dict[str, int]

_IN_TIME = (0, 1 << 60)
"""Any plan without lateness."""
_SHORT = 0.5
"""Seconds that are not worth dividing."""


def plan_levelled(
    instance: Instance,
    horizon: int,
    *,
    seconds: float = 0.0,
    seed: int = 0,
    rotation: int = 0,
    known: Schedule | None = None,
) -> tuple[Amounts, Schedule]:
    """The smallest amounts found on which all jobs end by the horizon and their deadlines, and the plan on them.

    With several resources the largest share (peak ÷ the most there is) is made small first: the machine is bought for
    the resource that is shortest. Then each resource, the largest share first, is made small on its own. Where even all there
    is misses the horizon, the plan on that comes back, with the jobs that are late. `known` is a plan to begin with.
    """
    levelling = _Levelling(instance, horizon, seconds, seed, rotation)
    if known is not None:
        levelling.begin_with(known)
    return levelling.run()


class _Levelling:
    """Trials of smaller amounts, each answered by a plan: made quickly at first, then searched for while there is time."""

    def __init__(self, instance: Instance, horizon: int, seconds: float, seed: int, rotation: int) -> None:
        self._demand = instance.within(horizon)
        self._floor = least_capacity(instance, horizon)
        self._whole = max(instance.ceiling.values(), default=1)
        self._begin, self._seconds = time.monotonic(), seconds
        self._seed, self._rotation = seed, rotation
        self._amounts: Amounts = dict(instance.ceiling)
        self._best = plan_quickly(self._demand, rotation=rotation)

    def begin_with(self, known: Schedule) -> None:
        """Take a plan that is better than the one made quickly."""
        schedule = make_schedule(self._demand, starts_of(self._demand, known))
        if schedule.is_better_than(self._best):
            self._best = schedule

    def run(self) -> tuple[Amounts, Schedule]:
        """All resources together, then each alone."""
        if not self._best.is_feasible and self._seconds:
            self._best = improve(self._demand, self._best, until=self._at(0.5), seed=self._seed, target=_IN_TIME)
        if self._best.is_feasible:
            self._note(self._best)
            self._halve(
                lambda parts: self._together(Fraction(parts, self._whole)),
                math.ceil(self._share() * self._whole),
                math.ceil(self._least_share() * self._whole),
            )
            if self._seconds:
                self._descend_together(self._at(0.8))
            self._each_alone()
        return self._amounts, self._best

    def _each_alone(self) -> None:
        names = sorted(self._floor, key=self._part, reverse=True)
        for number, name in enumerate(names):
            self._halve(partial(self._alone, name), self._amounts[name], self._floor[name])
            if self._seconds:
                self._descend_alone(name, self._at(0.8 + 0.2 * (number + 1) / len(names)))

    def _halve(self, amounts_at: Callable[[int], Amounts], high: int, low: int) -> None:
        """Bisection with plans that are made quickly; where the seconds are few for that, as far as they go."""
        while low < high and not (self._seconds and time.monotonic() >= self._at(1.0)):
            middle = (low + high) // 2
            if self._try(amounts_at(middle), None):
                high = middle
            else:
                low = middle + 1

    def _descend_together(self, until: float) -> None:
        """Smaller shares with plans that are searched for, in longer and longer steps while they succeed."""
        step = 0
        while (share := self._share()) > (least := self._least_share()) and time.monotonic() < until:
            # The first step is the smallest there is: every resource below the present share by no more than it must.
            target = max(least, share - Fraction(step, self._whole))
            is_found = self._try(self._together(target) if step else self._just_below(share), self._midway(until))
            step = max(1, step * 2) if is_found else 0

    def _descend_alone(self, name: str, until: float) -> None:
        """The same for one resource, the others kept."""
        step = 1
        while (amount := self._amounts[name]) > (least := self._floor[name]) and time.monotonic() < until:
            is_found = self._try(self._alone(name, max(least, amount - step)), self._midway(until))
            step = step * 2 if is_found else 1

    def _midway(self, until: float) -> float:
        """Half of the time that is left for one trial; all of it when that is little."""
        now = time.monotonic()
        return until if until - now < _SHORT else now + (until - now) / 2

    def _try(self, amounts: Amounts, until: float | None) -> bool:
        """Whether a plan on these amounts was found; it is kept then."""
        demand = self._demand.capped(amounts)
        schedule = plan_quickly(demand, rotation=self._rotation)
        if until is not None and not schedule.is_feasible:
            self._seed += 1
            known = [starts_of(demand, self._best), starts_of(demand, schedule)]
            schedule = improve(
                demand, schedule, known=known, until=until, seed=self._seed, target=_IN_TIME, is_target_all=True
            )
        if schedule.is_feasible:
            self._note(schedule)
        return schedule.is_feasible

    def _note(self, schedule: Schedule) -> None:
        """Keep the plan; what it uses is enough."""
        peak = peak_use(self._demand, schedule.starts)
        self._amounts = {name: max(peak[name], 1) for name in self._amounts}
        self._best = schedule

    def _together(self, share: Fraction) -> Amounts:
        """The amounts at a share of what there is; a resource that has less already does not get more."""
        return {
            name: min(self._amounts[name], max(self._floor[name], math.floor(ceiling * share)))
            for name, ceiling in self._demand.ceiling.items()
        }

    def _just_below(self, share: Fraction) -> Amounts:
        """The largest amounts that are all less than a share of what there is."""
        return {
            name: min(self._amounts[name], max(self._floor[name], math.ceil(ceiling * share) - 1))
            for name, ceiling in self._demand.ceiling.items()
        }

    def _alone(self, name: str, amount: int) -> Amounts:
        return {**self._amounts, name: amount}

    def _share(self) -> Fraction:
        """The largest share in use."""
        return max((self._part(name) for name in self._amounts), default=Fraction(0))

    def _least_share(self) -> Fraction:
        """A share that no plan can be below."""
        ceiling = self._demand.ceiling
        return max((Fraction(least, ceiling[name]) for name, least in self._floor.items()), default=Fraction(0))

    def _part(self, name: str) -> Fraction:
        return Fraction(self._amounts[name], self._demand.ceiling[name])

    def _at(self, part: float) -> float:
        return self._begin + self._seconds * part
