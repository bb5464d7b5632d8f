"""Parallel schedule generation for large nights: whenever something ends, what goes best with what runs starts.

A list says who comes first whatever is free; with thousands of jobs waiting it is better to ask which of them fill what is
left of all resources together. Waiting jobs of one kind (equal needs) queue by their latest start; the heads of the queues
compete by urgency and either by how well their needs match what is free (the cosine between the two), or by how much they take
of the resources that are shortest over the whole night. The matching is that of multi-resource packing in clusters: Grandl,
Ananthanarayanan, Kandula, Rao, Akella (2014), Multi-resource packing for cluster schedulers.
"""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.compiled import allocating, compiled, inlined
from batch.planner.kernels.demand import Demand, Ints
from batch.planner.kernels.skyline import Sky, clear, earliest, segment, take


class _Loom(NamedTuple):
    """What parallel generation writes on. Events and the queues, one after another, are binary heaps of (key, job)."""

    missing: Ints
    ready: Ints
    weight: Ints
    free: Ints
    begin: Ints
    queued: Ints
    queue_key: Ints
    queue_job: Ints
    event_key: Ints
    event_job: Ints


@allocating
def weave(demand: Demand, sky: Sky, latest: Ints, balance: float, is_matched: bool, start: Ints) -> None:
    """Place all jobs; `balance` is the weight of filling resources (matched, or the shortest) against urgency."""
    jobs, kinds = start.size, demand.kinds[0]
    if jobs == 0:
        return
    sizes = np.zeros(kinds + 1, np.int64)
    for job in range(jobs):
        sizes[demand.kind[job] + 1] += 1
    loom = _Loom(
        (demand.before_at[1:] - demand.before_at[:-1]).copy(),
        demand.release.copy(),
        _weights(demand),
        np.zeros(demand.most.size),
        np.cumsum(sizes),
        np.zeros(kinds, np.int64),
        np.empty(jobs, np.int64),
        np.empty(jobs, np.int64),
        np.empty(2 * jobs + 1, np.int64),
        np.empty(2 * jobs + 1, np.int64),
    )
    width = float(max(1, latest.max() - latest.min()))
    clear(demand, sky)
    _run(demand, sky, loom, latest, width, balance, is_matched, start)


@compiled
def _run(
    demand: Demand, sky: Sky, loom: _Loom, latest: Ints, width: float, balance: float, is_matched: bool, start: Ints
) -> None:
    """From event to event until nothing waits."""
    jobs, kinds = start.size, loom.queued.size
    missing, ready, begin, queued = loom.missing, loom.ready, loom.begin, loom.queued
    queue_key, queue_job, event_key, event_job = loom.queue_key, loom.queue_job, loom.event_key, loom.event_job
    events, placed = 0, 0
    for job in range(jobs):
        if missing[job] == 0:
            events = _push(event_key, event_job, 0, events, ready[job], job)
    while events:
        now = event_key[0]
        while events and event_key[0] == now:
            job = event_job[0]
            events = _pop(event_key, event_job, 0, events)
            if job < jobs:
                kind = demand.kind[job]
                queued[kind] = _push(queue_key, queue_job, begin[kind], queued[kind], latest[job], job)
                continue
            job -= jobs
            for at in range(demand.after_at[job], demand.after_at[job + 1]):
                follower = demand.after[at]
                missing[follower] -= 1
                ready[follower] = max(ready[follower], now)
                if missing[follower] == 0:
                    events = _push(event_key, event_job, 0, events, ready[follower], follower)
        while True:
            best, best_score = -1, -np.inf
            if is_matched:
                _free_now(demand, sky, now, loom.free)
            for kind in range(kinds):
                if queued[kind]:
                    job = queue_job[begin[kind]]
                    if earliest(demand, sky, job, now) == now:
                        fill = loom.weight[job]
                        if is_matched:
                            fill = _match(demand, loom.free, job)
                        score = (now - latest[job]) / width + balance * fill
                        if score > best_score:
                            best, best_score = kind, score
            if best < 0:
                break
            job = queue_job[begin[best]]
            queued[best] = _pop(queue_key, queue_job, begin[best], queued[best])
            start[job] = now
            placed += 1
            take(demand, sky, job, now)
            events = _push(event_key, event_job, 0, events, now + demand.duration[job], job + jobs)
        if not events and placed < jobs:
            events = _wake(demand, sky, loom, now)


@compiled
def _wake(demand: Demand, sky: Sky, loom: _Loom, now: int) -> int:
    """Nothing runs and nothing fits: go on when the first of the waiting jobs does, after a blackout or a step."""
    begin, queued, queue_key, queue_job = loom.begin, loom.queued, loom.queue_key, loom.queue_job
    soonest, first = now, -1
    for kind in range(queued.size):
        if queued[kind]:
            moment = earliest(demand, sky, queue_job[begin[kind]], now)
            if first < 0 or moment < soonest:
                soonest, first = moment, kind
    if first < 0:
        return 0
    job = queue_job[begin[first]]
    queued[first] = _pop(queue_key, queue_job, begin[first], queued[first])
    return _push(loom.event_key, loom.event_job, 0, 0, soonest, job)


@allocating
def _weights(demand: Demand) -> Ints:
    """How much of what is short a job takes: shares of the capacities, each weighed by the work there is for it; 0 to 1."""
    needs, most = demand.needs, demand.most
    work = np.zeros(most.size)
    for job in range(needs.shape[0]):
        for resource in range(most.size):
            work[resource] += needs[job, resource] * demand.duration[job] / max(most[resource], 1)
    weight = np.zeros(needs.shape[0])
    for job in range(needs.shape[0]):
        for resource in range(most.size):
            weight[job] += needs[job, resource] / max(most[resource], 1) * work[resource]
    largest = max(weight.max(), 1e-9)
    for job in range(weight.size):
        weight[job] /= largest
    return weight


@inlined
def _match(demand: Demand, free: Ints, job: int) -> float:
    """The cosine between the shares that a job needs and those that are free; 0 for a job that needs nothing."""
    dot = needed = left = 0.0
    for resource in range(free.size):
        share = demand.needs[job, resource] / max(demand.most[resource], 1)
        dot += share * free[resource]
        needed += share * share
        left += free[resource] ** 2
    return dot / np.sqrt(needed * left) if needed > 0.0 and left > 0.0 else 0.0


@inlined
def _free_now(demand: Demand, sky: Sky, now: int, free: Ints) -> None:
    """What is free of each resource at a moment, as shares of the most there is."""
    word, room = -1, 0
    for resource in range(free.size):
        if demand.field_word[resource] != word:
            word = demand.field_word[resource]
            room = sky.room[segment(demand, sky, word, now)]
        amount = (room >> demand.field_shift[resource]) & demand.field_mask[resource]
        free[resource] = amount / max(demand.most[resource], 1)


@inlined
def _push(keys: Ints, jobs: Ints, begin: int, size: int, key: int, job: int) -> int:
    """Put a job into the heap that begins there; equals by number. Gives the new size."""
    at = size
    while at:
        parent = (at - 1) >> 1
        if keys[begin + parent] < key or (keys[begin + parent] == key and jobs[begin + parent] < job):
            break
        keys[begin + at], jobs[begin + at] = keys[begin + parent], jobs[begin + parent]
        at = parent
    keys[begin + at], jobs[begin + at] = key, job
    return size + 1


@inlined
def _pop(keys: Ints, jobs: Ints, begin: int, size: int) -> int:
    """Remove the first of the heap; gives the new size."""
    size -= 1
    key, job = keys[begin + size], jobs[begin + size]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        right = child + 1
        if right < size and (
            keys[begin + right] < keys[begin + child]
            or (keys[begin + right] == keys[begin + child] and jobs[begin + right] < jobs[begin + child])
        ):
            child = right
        if key < keys[begin + child] or (key == keys[begin + child] and job < jobs[begin + child]):
            break
        keys[begin + at], jobs[begin + at] = keys[begin + child], jobs[begin + child]
        at = child
    keys[begin + at], jobs[begin + at] = key, job
    return size
