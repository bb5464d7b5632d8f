"""What to assume next: the statement that conflicts had most to do with of late, or its opposite, as a good plan has it.

Moskewicz and others (2001), Chaff (weights that fade); the plan as in Demirović, Chu, Stuckey (2018), Solution-based phase saving.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import Ints
from batch.planner.kernels.trail import Facts, Trail, fails, holds, number_of, opposite

Weights = NDArray[Any]
"""Numbers without unit, of binary fractions; nothing but an order is made of them."""
_MUCH = 1e100
"""A weight that all are divided by before they are too large to be compared."""
_FADES = 0.95
"""What a conflict counts after the next."""


class Guesses(NamedTuple):
    """How much conflicts had to do with each statement or its opposite (`weight`, without unit), and a heap of the heaviest.

    `seat` is a statement's place in the heap, -1 outside; only what had to do with a conflict ever gets in. `gain` is what the
    next conflict adds. `wish` are the starts that are guessed for, inside their windows or not.
    """

    weight: Weights
    gain: Weights
    heap: Ints
    seat: Ints
    size: Ints
    wish: Ints


def make_guesses(pairs: int, wish: Ints) -> Guesses:
    """Nothing weighs anything yet of so many statements with their opposites."""
    return Guesses(
        weight=np.zeros(pairs),
        gain=np.ones(1),
        heap=np.zeros(pairs, np.int64),
        seat=np.full(pairs, -1, np.int64),
        size=np.zeros(1, np.int64),
        wish=wish.copy(),
    )


@inlined
def _pair_of(facts: Facts, side: int, value: int) -> int:
    """The number that a statement and its opposite are weighed under."""
    number = number_of(facts, side, value)
    return min(number, opposite(facts, number))


@compiled
def weigh(facts: Facts, guesses: Guesses, side: int, value: int) -> None:
    """A conflict had to do with the statement."""
    pair = _pair_of(facts, side, value)
    guesses.weight[pair] += guesses.gain[0]
    if guesses.weight[pair] > _MUCH:
        for other in range(guesses.weight.size):
            guesses.weight[other] /= _MUCH
        guesses.gain[0] /= _MUCH
    if guesses.seat[pair] < 0:
        _add(guesses, pair)
    else:
        _lift(guesses, guesses.seat[pair])


@inlined
def fade(guesses: Guesses) -> None:
    """Earlier conflicts count less from now on."""
    guesses.gain[0] /= _FADES


@inlined
def reopen(facts: Facts, guesses: Guesses, side: int, old: int, value: int) -> None:
    """The statements between two bounds are open again."""
    for opened in range(old + 1, value + 1):
        pair = _pair_of(facts, side, opened)
        if guesses.seat[pair] < 0 and guesses.weight[pair] > 0:
            _add(guesses, pair)


@compiled
def next_guess(facts: Facts, trail: Trail, guesses: Guesses) -> int:
    """The number of the statement to assume; -1 where every start is settled."""
    while guesses.size[0] > 0:
        pair = _take_first(guesses)
        if not holds(facts, trail, pair) and not fails(facts, trail, pair):
            is_wished = guesses.wish[facts.side_of[pair] >> 1] >= facts.value_of[pair]
            return pair if is_wished else opposite(facts, pair)
    first = -1
    for job in range(facts.duration.size):
        is_open = trail.bound[2 * job] < -trail.bound[2 * job + 1]
        if is_open and (first < 0 or _is_before(trail, job, first)):
            first = job
    return -1 if first < 0 else number_of(facts, 2 * first + 1, -trail.bound[2 * first])


@inlined
def _is_before(trail: Trail, job: int, other: int) -> bool:
    """By the earliest start, then the latest."""
    if trail.bound[2 * job] != trail.bound[2 * other]:
        return bool(trail.bound[2 * job] < trail.bound[2 * other])
    return bool(trail.bound[2 * job + 1] > trail.bound[2 * other + 1])


@compiled
def _add(guesses: Guesses, pair: int) -> None:
    last = guesses.size[0]
    guesses.size[0] = last + 1
    guesses.heap[last] = pair
    guesses.seat[pair] = last
    _lift(guesses, last)


@compiled
def _lift(guesses: Guesses, seat: int) -> None:
    """Move what sits here up to where nothing lighter is above it."""
    pair = guesses.heap[seat]
    while seat > 0:
        above = (seat - 1) >> 1
        if guesses.weight[guesses.heap[above]] >= guesses.weight[pair]:
            break
        guesses.heap[seat] = guesses.heap[above]
        guesses.seat[guesses.heap[seat]] = seat
        seat = above
    guesses.heap[seat] = pair
    guesses.seat[pair] = seat


@compiled
def _take_first(guesses: Guesses) -> int:
    first: int = guesses.heap[0]
    guesses.seat[first] = -1
    size = guesses.size[0] - 1
    guesses.size[0] = size
    pair = guesses.heap[size]
    seat = 0
    while size > 0:
        below = 2 * seat + 1
        if below + 1 < size and guesses.weight[guesses.heap[below + 1]] > guesses.weight[guesses.heap[below]]:
            below += 1
        if below >= size or guesses.weight[guesses.heap[below]] <= guesses.weight[pair]:
            guesses.heap[seat] = pair
            guesses.seat[pair] = seat
            break
        guesses.heap[seat] = guesses.heap[below]
        guesses.seat[guesses.heap[seat]] = seat
        seat = below
    return first
