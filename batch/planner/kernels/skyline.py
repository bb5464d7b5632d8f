"""Room over time, as a list of moments and amounts that is cut where jobs begin and end.

A skyline is for all resources that are packed into one word, or for the slots of a group. The segments of skyline k are at
sky_at[k] … sky_at[k] + size[k] of the flat arrays; the last one has no end. Moments are not spread over a grid, so milliseconds
of a night cost no more than minutes.
"""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import NEVER, Demand, Ints

_POWERS = 64


class Sky(NamedTuple):
    """The skylines of one pass. `full` remembers per kind of job and power of two of its length what is full up to where.

    `found` is the segment in which the last look-up of each skyline ended.
    """

    moment: Ints
    room: Ints
    size: Ints
    found: Ints
    full: Ints


def make_sky(demand: Demand, other: Demand) -> Sky:
    """Storage that is large enough for passes over both demands."""
    length = max(int(demand.sky_at[-1]), int(other.sky_at[-1]))
    skylines = len(demand.sky_at) - 1
    full = np.zeros(int(demand.kinds[0]) * _POWERS, np.int64)
    moment, room = np.zeros(length, np.int64), np.zeros(length, np.int64)
    return Sky(moment, room, np.zeros(skylines, np.int64), np.zeros(skylines, np.int64), full)


@compiled
def clear(demand: Demand, sky: Sky) -> None:
    """All room as it is before anything is placed."""
    for line in range(sky.size.size):
        begin, first = demand.sky_at[line], demand.room_at[line]
        count = demand.room_at[line + 1] - first
        sky.size[line] = count
        for at in range(count):
            sky.moment[begin + at] = demand.room_from[first + at]
            sky.room[begin + at] = demand.room_amount[first + at]
    sky.full[:] = -NEVER


@inlined
def segment(demand: Demand, sky: Sky, line: int, moment: int) -> int:
    """The place of the segment in which the moment lies."""
    low: int = demand.sky_at[line]
    high: int = low + sky.size[line]
    while high - low > 1:
        middle = (low + high) >> 1
        if sky.moment[middle] <= moment:
            low = middle
        else:
            high = middle
    return low


@inlined
def fit(demand: Demand, sky: Sky, line: int, needed: int, duration: int, start: int) -> int:
    """The first moment not before `start` from which the skyline has the room for the whole duration."""
    moment, room, guard = sky.moment, sky.room, demand.guard[line]
    end_of_list = demand.sky_at[line] + sky.size[line]
    first = at = segment(demand, sky, line, start)
    while True:
        if (room[at] - needed) & guard != guard:
            at += 1
            while (room[at] - needed) & guard != guard:
                at += 1
            start, first = moment[at], at
        at += 1
        if at >= end_of_list or moment[at] >= start + duration:
            sky.found[line] = first
            return start


@inlined
def fit_uses(demand: Demand, sky: Sky, first: int, last: int, duration: int, start: int) -> int:
    """The first moment not before `start` at which the uses first … last-1 all fit."""
    count = last - first
    agreed, use = 0, first
    while agreed < count:
        later = fit(demand, sky, demand.use_of[use], demand.use_needed[use], duration, start)
        agreed = agreed + 1 if later == start else 1
        start = later
        use = use + 1 if use + 1 < last else first
    return start


@inlined
def earliest(demand: Demand, sky: Sky, job: int, ready: int) -> int:
    """The first moment not before `ready` at which everything the job needs is there for its whole duration.

    Room only shrinks during a pass: a stretch too full for a kind of job is too full for all later ones of at least the
    length, and is not walked over again.
    """
    duration = demand.duration[job]
    first, last = demand.use_at[job], demand.use_at[job + 1]
    if first == last:
        return ready
    own = demand.own_at[job]
    if own > first and demand.duration.size > 300:
        power = 0
        while duration >> (power + 1):
            power += 1
        key = demand.kind[job] * _POWERS + power
        known = max(sky.full[key], demand.room_from[0])
        known = fit_uses(demand, sky, first, own, 1 << power, known)
        sky.full[key] = known
        ready = max(ready, known)
    return fit_uses(demand, sky, first, last, duration, ready)


@inlined
def take(demand: Demand, sky: Sky, job: int, start: int) -> None:
    """Reserve what the job uses from `start` on."""
    end = start + demand.duration[job]
    for use in range(demand.use_at[job], demand.use_at[job + 1]):
        if demand.use_taken[use]:
            _lower(demand, sky, demand.use_of[use], demand.use_taken[use], start, end)


@inlined
def _lower(demand: Demand, sky: Sky, line: int, amount: int, start: int, end: int) -> None:
    moment, room = sky.moment, sky.room
    begin, size, first = demand.sky_at[line], sky.size[line], sky.found[line]
    is_last = first + 1 >= begin + size
    if first < begin or first >= begin + size or moment[first] > start or (not is_last and moment[first + 1] <= start):
        first = segment(demand, sky, line, start)
    last = first + 1
    while last < begin + size and moment[last] < end:
        last += 1
    # `first` is the segment in which the job starts, `last` the first one that begins when it has ended.
    cuts_start = moment[first] < start
    cuts_end = last == begin + size or moment[last] > end
    shift = cuts_start + cuts_end
    if shift:
        for at in range(begin + size - 1, last - 1, -1):
            moment[at + shift] = moment[at]
            room[at + shift] = room[at]
        if cuts_end:
            moment[last - 1 + shift] = end
            room[last - 1 + shift] = room[last - 1]
        if cuts_start:
            for at in range(last - 1, first, -1):
                moment[at + 1] = moment[at]
                room[at + 1] = room[at]
            moment[first + 1] = start
            room[first + 1] = room[first]
            first += 1
            last += 1
        size += shift
    for at in range(first, last):
        room[at] -= amount
    if last < begin + size and room[last] == room[last - 1]:
        size = _drop(moment, room, begin, size, last)
    if first > begin and room[first] == room[first - 1]:
        size = _drop(moment, room, begin, size, first)
    sky.size[line] = size


@inlined
def _drop(moment: Ints, room: Ints, begin: int, size: int, at: int) -> int:
    """Join a segment to the one before it, which has the same room."""
    for later in range(at, begin + size - 1):
        moment[later] = moment[later + 1]
        room[later] = room[later + 1]
    return size - 1
