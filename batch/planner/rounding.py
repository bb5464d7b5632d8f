"""Needs rounded so that what fits together still fits: the work bound of rounded needs is a bound too, and often a larger one.

Of three units, two jobs of two units each take turns, though their work is spread evenly over four thirds of the time. Dual
feasible functions say so: whatever needs fit a capacity together, their images fit the capacity's. Martello, Toth (1990), Lower
bounds and reduction procedures for the bin packing problem; Fekete, Schepers (2001), New classes of fast lower bounds for bin
packing problems.
"""

from collections.abc import Iterator, Sequence

_DIVISIONS = 8


def roundings(limit: int, needs: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """Capacities with the needs that go with them, rounded in different ways; not as they are. No need may exceed the limit."""
    sizes = set(needs) - {0}
    for least in sorted({min(size, limit + 1 - size) for size in sizes}):
        # A need of at least this is counted whole where nothing else that counts fits beside it; smaller ones do not count.
        if least > 1 or any(2 * size > limit for size in sizes):
            yield limit, [_by_size(need, limit, least) for need in needs]
    for parts in range(1, min(limit, _DIVISIONS + 1)):
        yield limit * parts, [_by_parts(need, limit, parts) for need in needs]


def _by_size(need: int, limit: int, least: int) -> int:
    if need > limit - least:
        return limit
    return need if need >= least else 0


def _by_parts(need: int, limit: int, parts: int) -> int:
    """The need in whole parts of which no more than `parts` fit; one that is so many parts exactly stays as it is."""
    whole, rest = divmod(need * (parts + 1), limit)
    return need * parts if rest == 0 else whole * limit
