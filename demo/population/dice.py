"""Chance by whole numbers only: the same on every machine and Python version, whatever the hash seed.

Of `random.Random` only `getrandbits` is used, because the other methods may change between versions.
"""

import random
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Generic, TypeVar

T = TypeVar("T")
_BITS = 32
_THOUSAND = 1000


class Weighted(Generic[T]):
    """Things to draw from, each with a whole-number weight."""

    def __init__(self, choices: Iterable[tuple[T, int]]) -> None:
        pairs = [(item, weight) for item, weight in choices if weight > 0]
        self.items = [item for item, _ in pairs]
        self._ends = list(accumulate(weight for _, weight in pairs))
        self.total = self._ends[-1] if self._ends else 0

    def at(self, roll: int) -> T:
        """The thing at a roll of 0 to total - 1."""
        return self.items[bisect_right(self._ends, roll)]


class Steps:
    """A value that holds from an age on: `{0: 10, 65: 30}` is 10 below 65 and 30 from then on."""

    _OLDEST = 130

    def __init__(self, steps: Mapping[int, int]) -> None:
        starts = sorted(steps)
        self._by_age = [steps[starts[max(bisect_right(starts, age) - 1, 0)]] for age in range(self._OLDEST + 1)]

    def at(self, age: int) -> int:
        """The value at an age in years."""
        return self._by_age[age]


class Distribution:
    """A distribution by its points: `{0: low, 500: median, 1000: high}`, straight lines between them."""

    def __init__(self, points: Mapping[int, int]) -> None:
        self._marks = sorted(points)
        self._values = [points[mark] for mark in self._marks]

    def at(self, rank: int, parts: int = _THOUSAND) -> int:
        """The value at rank / parts of the distribution, rank being 0 to parts - 1."""
        scaled = rank * _THOUSAND
        index = bisect_right(self._marks, scaled // parts) - 1
        low, high = self._marks[index], self._marks[index + 1]
        base, rise = self._values[index], self._values[index + 1] - self._values[index]
        return base + rise * (scaled - low * parts) // ((high - low) * parts)


class Dice:
    """A stream of chance of its own for each purpose, so that a change in one stage leaves the others as they were."""

    def __init__(self, *key: object) -> None:
        self._bits = random.Random("/".join(str(part) for part in key)).getrandbits

    def below(self, bound: int) -> int:
        """A whole number from 0 to bound - 1."""
        return (self._bits(_BITS) * bound) >> _BITS

    def between(self, low: int, high: int) -> int:
        """A whole number from low to high, both possible."""
        return low + ((self._bits(_BITS) * (high - low + 1)) >> _BITS)

    def chance(self, per_mille: int) -> bool:
        """True so many times in a thousand."""
        return (self._bits(_BITS) * _THOUSAND) >> _BITS < per_mille

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[(self._bits(_BITS) * len(items)) >> _BITS]

    def draw(self, weighted: Weighted[T]) -> T:
        """One of the weighted items."""
        return weighted.at((self._bits(_BITS) * weighted.total) >> _BITS)

    def sample(self, distribution: Distribution) -> int:
        """A value of the distribution."""
        return distribution.at(self._bits(20), 1 << 20)

    def shuffle(self, items: list[T]) -> None:
        """Reorder the list in place."""
        for last in range(len(items) - 1, 0, -1):
            other = self.below(last + 1)
            items[last], items[other] = items[other], items[last]
