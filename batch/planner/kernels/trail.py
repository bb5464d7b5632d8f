"""Bounds of starts, and the trail of how they came about: what a solver that learns from conflicts thinks with.

A start s has two sides: side 2·job says s ≥ bound, side 2·job + 1 says -s ≥ bound. A statement (side, value) is that the side's
bound is at least the value; its opposite is (side ^ 1, 1 - value). Every statement that the windows leave open has a number,
those of the even sides first; the opposite's number is half of all numbers further.
"""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import NEVER, Ints

GUESS = -1
"""An entry's reason: it was assumed. From 0 up the reason is a clause."""
ORDER = -2
"""The job waits for another: `why` is the arc."""
NO_ROOM = -3
"""From here down: at the moment `why` the others leave too little of resource NO_ROOM - reason."""
ENTRIES, NEXT, LEVEL, ROOT = range(4)
"""Of `Trail.counts`: entries, the first of them whose consequences are not drawn, guesses, entries that depend on none."""
_COUNTS = 4


class Facts(NamedTuple):
    """A demand and the windows of its starts. Lists of lists are (`…_at`, values), as in `Demand`.

    Statement (side, value) has the number first[side] ± value (+ for even sides). An arc (from, to, by) says that the bound of
    side `to` is at least that of side `from` plus `by`. `use_as` is a use's place among the members of its resource;
    `room` is of every resource and moment from 0 on.
    """

    duration: Ints
    first: Ints
    side_of: Ints
    value_of: Ints
    arc_at: Ints
    arc_from: Ints
    arc_to: Ints
    arc_by: Ints
    use_at: Ints
    use_of: Ints
    use_need: Ints
    use_as: Ints
    member_at: Ints
    member: Ints
    member_need: Ints
    room: Ints


class Trail(NamedTuple):
    """Bounds, and an entry for every time one was raised: from `old` to `value`, with its reason, after the side's entry `before`.

    `used` is what compulsory parts (from a job's latest start to its earliest end) take of each resource at each moment;
    `since` and `until` are where that grew (at first everywhere), `stale` the resources and `pending` the members to look at
    again. `level_at` is the first entry of each guess.
    """

    bound: Ints
    latest: Ints
    side: Ints
    value: Ints
    old: Ints
    reason: Ints
    why: Ints
    before: Ints
    level: Ints
    level_at: Ints
    used: Ints
    since: Ints
    until: Ints
    stale: Ints
    pending: Ints
    counts: Ints


def make_trail(earliest: Ints, latest: Ints, used: Ints, members: int) -> Trail:
    """A trail without entries: the windows, what compulsory parts take, and so many members of resources, all to be looked at."""
    entries = 2 * int((latest - earliest).sum()) + 1
    resources, moments = used.shape
    return Trail(
        bound=np.stack([earliest, -latest], axis=1).reshape(-1),
        latest=np.full(2 * earliest.size, -1, np.int64),
        side=np.zeros(entries, np.int64),
        value=np.zeros(entries, np.int64),
        old=np.zeros(entries, np.int64),
        reason=np.zeros(entries, np.int64),
        why=np.zeros(entries, np.int64),
        before=np.zeros(entries, np.int64),
        level=np.zeros(entries, np.int64),
        level_at=np.zeros(entries + 1, np.int64),
        used=used,
        since=np.zeros(resources, np.int64),
        until=np.full(resources, moments, np.int64),
        stale=np.ones(resources, np.int64),
        pending=np.ones(members, np.int64),
        counts=np.zeros(_COUNTS, np.int64),
    )


@inlined
def number_of(facts: Facts, side: int, value: int) -> int:
    """The number of an open statement."""
    number: int = facts.first[side] + (-value if side & 1 else value)
    return number


@inlined
def opposite(facts: Facts, number: int) -> int:
    """The number of a statement's opposite."""
    half = facts.side_of.size // 2
    return number - half if number >= half else number + half


@inlined
def holds(facts: Facts, trail: Trail, number: int) -> bool:
    """Whether the statement is true by the present bounds."""
    return bool(trail.bound[facts.side_of[number]] >= facts.value_of[number])


@inlined
def fails(facts: Facts, trail: Trail, number: int) -> bool:
    """Whether the statement is false by the present bounds."""
    return bool(trail.bound[facts.side_of[number] ^ 1] >= 1 - facts.value_of[number])


@inlined
def entry_of(trail: Trail, side: int, value: int) -> int:
    """The entry that made a true statement true; -1 where the window says it."""
    entry: int = trail.latest[side]
    while entry >= 0 and trail.old[entry] >= value:
        entry = trail.before[entry]
    return entry


@compiled
def raise_bound(facts: Facts, trail: Trail, side: int, value: int, reason: int, why: int) -> None:
    """A new entry: the side's bound is now this value, which is more than it was."""
    entry = trail.counts[ENTRIES]
    trail.counts[ENTRIES] = entry + 1
    old = trail.bound[side]
    trail.side[entry] = side
    trail.value[entry] = value
    trail.old[entry] = old
    trail.reason[entry] = reason
    trail.why[entry] = why
    trail.before[entry] = trail.latest[side]
    trail.level[entry] = trail.counts[LEVEL]
    trail.latest[side] = entry
    trail.bound[side] = value
    job = side >> 1
    for at in range(facts.use_at[job], facts.use_at[job + 1]):
        trail.stale[facts.use_of[at]] = 1
        trail.pending[facts.use_as[at]] = 1
    _change_used(facts, trail, side, old, value, 1)


@inlined
def take_back(facts: Facts, trail: Trail, entry: int) -> None:
    """Undo the last entry."""
    side = trail.side[entry]
    _change_used(facts, trail, side, trail.old[entry], trail.value[entry], -1)
    trail.bound[side] = trail.old[entry]
    trail.latest[side] = trail.before[entry]
    trail.counts[ENTRIES] = entry


@inlined
def forget_stale(facts: Facts, trail: Trail) -> None:
    """Nothing is to be looked at again."""
    for resource in range(trail.stale.size):
        trail.since[resource] = NEVER
        trail.until[resource] = -1
        if trail.stale[resource]:
            trail.stale[resource] = 0
            for at in range(facts.member_at[resource], facts.member_at[resource + 1]):
                trail.pending[at] = 0


@inlined
def _change_used(facts: Facts, trail: Trail, side: int, old: int, value: int, sign: int) -> None:
    """Add or take back what the compulsory part gains when the side's bound goes from the old one to the value."""
    job = side >> 1
    other = trail.bound[side ^ 1]
    length = facts.duration[job]
    if side & 1:
        begin = -value
        end = min(-old, other + length)
    else:
        begin = max(-other, old + length)
        end = value + length
    if begin >= end:
        return
    for at in range(facts.use_at[job], facts.use_at[job + 1]):
        resource = facts.use_of[at]
        change = sign * facts.use_need[at]
        for moment in range(begin, end):
            trail.used[resource, moment] += change
        if sign > 0:
            trail.since[resource] = min(trail.since[resource], begin)
            trail.until[resource] = max(trail.until[resource], end)
