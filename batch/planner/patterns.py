"""What can run at once at all, as patterns of jobs; how long any mixture of patterns takes for all the work.

Where capacity is a few jobs wide, a resource stays partly idle whatever is done: of two units, a job of two and a job of one take
turns. The least time of all work, cut into pieces at will, is a linear program over patterns; its columns are made as they are
needed. Gilmore, Gomory (1961), A linear programming approach to the cutting-stock problem; for projects Mingozzi, Maniezzo,
Ricciardelli, Bianco (1998), An exact algorithm for the RCPSP based on a new mathematical formulation. Whatever prices come out, the
bound is taken from whole numbers: no pattern is worth more than the best one, so the time is at least all work's worth over that.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from batch.planner.instance import Instance

_MOST_KINDS = 40
_STEPS = 60_000
"""Patterns looked at for all prices together."""
_ROUNDS = 400
_SCALE = 1 << 40
_NEARLY = 1e-9
_EXACTLY = 10**8
"""The best pattern may be worth one part in so many more than what the search for it says, which stops that near."""


class _TooMany(Exception):
    """More patterns than can be looked at."""


@dataclass(frozen=True)
class _Kinds:
    """Jobs with the same needs: how long all take, how many there are, what the resources hold, and by kind as bits, what is apart.

    Two kinds are apart only where both are of a single job.
    """

    needs: list[tuple[int, ...]]
    work: list[int]
    count: list[int]
    limits: tuple[int, ...]
    apart: list[int]


def pattern_bound(instance: Instance, starts: Sequence[int], rests: Sequence[int], apart: Sequence[int]) -> int:
    """A lower bound of the makespan, by heads and tails (`bounds`) and pairs that cannot run at once (`exclusion`).

    0 where too much can be combined to look at it all.
    """
    users = [
        at for at, job in enumerate(instance.jobs) if job.start is None and job.duration and any(instance.needs[at])
    ]
    kinds = _kinds_of(instance, users, apart)
    if not users or len(kinds.needs) > _MOST_KINDS:
        return 0
    if any(need > limit for needs in kinds.needs for need, limit in zip(needs, kinds.limits, strict=True)):
        return 0
    pricing = _Pricing(kinds)
    prices = [int(price * _SCALE) for price in _prices(kinds, pricing)]
    try:
        pricing.steps = 0
        worth, _ = pricing.best_pattern(prices)
    except _TooMany:
        return 0
    value = sum(map(mul, kinds.work, prices))
    time = -(-value * _EXACTLY // (int(worth) * (_EXACTLY + 1))) if worth else 0
    return min(starts[at] for at in users) + time + min(rests[at] for at in users)


def _kinds_of(instance: Instance, users: Sequence[int], apart: Sequence[int]) -> _Kinds:
    members: defaultdict[tuple[int, ...], list[int]] = defaultdict(list)
    for at in users:
        members[instance.needs[at]].append(at)
    needs = list(members)
    single = {members[need][0]: kind for kind, need in enumerate(needs) if len(members[need]) == 1}
    bits = [0] * len(needs)
    for at, kind in single.items():
        if apart:
            bits[kind] = sum(1 << other for job, other in single.items() if apart[at] >> job & 1)
    return _Kinds(
        needs,
        [sum(instance.jobs[at].duration for at in members[need]) for need in needs],
        [len(members[need]) for need in needs],
        tuple(instance.ceiling.values()),
        bits,
    )


def _prices(kinds: _Kinds, pricing: "_Pricing") -> list[float]:
    """Prices of the kinds' time under which patterns are worth little and all work much: the best of the revised simplex."""
    size = len(kinds.needs)
    alone = [min(count, _copies(need, kinds.limits)) for need, count in zip(kinds.needs, kinds.count, strict=True)]
    inverse = [[1.0 / alone[row] if row == column else 0.0 for column in range(size)] for row in range(size)]
    amounts = [work / copies for work, copies in zip(kinds.work, alone, strict=True)]
    prices = [1.0 / copies for copies in alone]
    best, best_prices = 0.0, prices
    for _ in range(_ROUNDS):
        kind = min(range(size), key=lambda at: prices[at])
        if prices[kind] < -_NEARLY:
            column, reduced = [-1.0 if at == kind else 0.0 for at in range(size)], prices[kind]
        else:
            prices = [max(price, 0.0) for price in prices]
            try:
                worth, pattern = pricing.best_pattern(prices)
            except _TooMany:
                break
            value = sum(map(mul, kinds.work, prices)) / max(worth, 1.0)
            if value > best:
                best, best_prices = value, prices
            if worth <= 1.0 + _NEARLY:
                break
            column, reduced = [float(copies) for copies in pattern], 1.0 - worth
        direction = [sum(map(mul, row, column)) for row in inverse]
        rows = [row for row in range(size) if direction[row] > _NEARLY]
        if not rows:
            break
        out = min(rows, key=lambda row: amounts[row] / direction[row])
        pivot = [value / direction[out] for value in inverse[out]]
        step = amounts[out] / direction[out]
        for row in range(size):
            if row != out and direction[row]:
                factor = direction[row]
                inverse[row] = [value - factor * other for value, other in zip(inverse[row], pivot, strict=True)]
                amounts[row] = max(0.0, amounts[row] - factor * step)
        inverse[out], amounts[out] = pivot, step
        prices = [price + reduced * value for price, value in zip(prices, pivot, strict=True)]
    return best_prices


def _copies(need: Sequence[int], limits: Sequence[int]) -> int:
    return min(limit // amount for amount, limit in zip(need, limits, strict=True) if amount)


class _Pricing:
    """The pattern that is worth most, by depth-first search with bounds."""

    def __init__(self, kinds: _Kinds) -> None:
        self._kinds = kinds
        self._share = [
            max(amount / limit for amount, limit in zip(need, kinds.limits, strict=True)) for need in kinds.needs
        ]
        self.steps = 0
        self._best: float = 0
        self._pattern: list[int] = []

    def best_pattern(self, prices: Sequence[float]) -> tuple[float, list[int]]:
        """Its worth and how often each kind is in it; raises _TooMany after too many steps."""
        self._prices = prices
        self._order = sorted(
            (kind for kind, price in enumerate(prices) if price > 0), key=lambda kind: -prices[kind] / self._share[kind]
        )
        count, needs = self._kinds.count, self._kinds.needs
        self._all_left = [0.0] * (len(self._order) + 1)
        self._density = [[0.0] * len(self._kinds.limits) for _ in range(len(self._order) + 1)]
        for place in range(len(self._order) - 1, -1, -1):
            kind = self._order[place]
            self._all_left[place] = self._all_left[place + 1] + prices[kind] * count[kind]
            self._density[place] = [
                max(known, prices[kind] / need if need else float("inf"))
                for known, need in zip(self._density[place + 1], needs[kind], strict=True)
            ]
        self._best, self._pattern = 0, [0] * len(prices)
        self._look(0, self._kinds.limits, 0, 0, [0] * len(prices))
        return self._best, self._pattern

    def _look(self, place: int, left: tuple[int, ...], blocked: int, worth: float, pattern: list[int]) -> None:
        self.steps += 1
        if self.steps > _STEPS:
            raise _TooMany
        if worth > self._best:
            self._best, self._pattern = worth, pattern.copy()
        kinds = self._kinds
        while place < len(self._order):
            # Two bounds: everything that is left, or the room of one resource at the best price for it.
            most = min(self._all_left[place], *map(_times, left, self._density[place]))
            if worth + most <= self._best * (1 + _NEARLY):
                return
            kind = self._order[place]
            place += 1
            if blocked >> kind & 1:
                continue
            need = kinds.needs[kind]
            copies = min(kinds.count[kind], _copies(need, left))
            for number in range(copies, 0, -1):
                pattern[kind] = number
                rest = tuple([room - number * amount for room, amount in zip(left, need, strict=True)])
                self._look(place, rest, blocked | kinds.apart[kind], worth + number * self._prices[kind], pattern)
            pattern[kind] = 0


def _times(room: int, price: float) -> float:
    """What room is worth at most; without end where something needs none of it."""
    return float("inf") if price == float("inf") else room * price
