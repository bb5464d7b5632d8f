"""A night played through with a virtual clock: jobs start as the queue would start them, and take what they really take.

The rules are those of the queue (`batch/queue/admission.py`): plan order, a job starts when its predecessors are done and its
reservations fit; one that does not fit is overtaken, until it is late by more than the patience. Pure.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from batch.planner import Blackout, Instance

PATIENCE_MS = 30_000
"""How long a job that does not fit may be late before nothing planned after it overtakes it."""

Needs = tuple[int, ...]


@dataclass(frozen=True)
class Replay:
    """When each job of the instance (by position) started and ended; both None for one that could never start."""

    starts: tuple[int | None, ...]
    ends: tuple[int | None, ...]

    @property
    def end(self) -> int:
        """When the last job ended; 0 when none ran."""
        return max((end for end in self.ends if end is not None), default=0)


def replay_night(
    instance: Instance,
    planned: Mapping[str, int],
    durations: Sequence[int],
    *,
    now: int = 0,
    patience: int = PATIENCE_MS,
) -> Replay:
    """Run the jobs from `now` on; `durations` are the real ones by position, `planned` gives the order.

    Jobs with a `start` are running; all times are in the instance's unit. Estimates (the instance's durations) decide
    whether a job may begin before a blackout or before capacity shrinks, as nobody knows better beforehand.
    """
    return _Player(instance, planned, durations, now, patience).play()


class _Player:
    def __init__(
        self, instance: Instance, planned: Mapping[str, int], durations: Sequence[int], now: int, patience: int
    ) -> None:
        self._instance = instance
        self._durations = durations
        self._now = now
        self._patience = patience
        count = len(instance.jobs)
        self._planned = [planned.get(job.id, 0) for job in instance.jobs]
        self._rank = [(self._planned[at], job.priority, at) for at, job in enumerate(instance.jobs)]
        self._left = [len(earlier) for earlier in instance.predecessors]
        self._starts: list[int | None] = [None] * count
        self._ends: list[int | None] = [None] * count
        self._used: list[int] = [0] * len(instance.resources)
        self._running: defaultdict[str, int] = defaultdict(int)
        self._ready: defaultdict[Needs, list[tuple[int, int, int]]] = defaultdict(list)
        self._parked: defaultdict[str, list[int]] = defaultdict(list)
        self._wakes: list[tuple[int, int]] = []
        self._blackouts = _by_group(instance)

    def play(self) -> Replay:
        for at, job in enumerate(self._instance.jobs):
            if job.start is not None:
                self._begin(at, job.start)
        for at, job in enumerate(self._instance.jobs):
            if job.start is None and not self._left[at]:
                self._offer(at)
        self._wake_at_changes()
        self._dispatch()
        while self._wakes:
            self._now = max(self._now, self._wakes[0][0])
            while self._wakes and self._wakes[0][0] <= self._now:
                _, at = heappop(self._wakes)
                self._happen(at)
            self._dispatch()
        return Replay(tuple(self._starts), tuple(self._ends))

    def _happen(self, at: int) -> None:
        """A job's end, a job's release, or (below zero) a change of what is allowed."""
        if at < 0:
            for group in list(self._parked):
                self._unpark(group)
        elif self._starts[at] is None:
            heappush(self._ready[self._instance.needs[at]], self._rank[at])
        else:
            self._finish(at)

    def _begin(self, at: int, start: int) -> None:
        self._starts[at] = start
        for resource, amount in enumerate(self._instance.needs[at]):
            self._used[resource] += amount
        self._running[self._instance.jobs[at].group] += 1
        heappush(self._wakes, (max(start + self._durations[at], self._now), at))

    def _finish(self, at: int) -> None:
        self._ends[at] = self._now
        for resource, amount in enumerate(self._instance.needs[at]):
            self._used[resource] -= amount
        group = self._instance.jobs[at].group
        self._running[group] -= 1
        self._unpark(group)
        for later in self._instance.successors[at]:
            self._left[later] -= 1
            if not self._left[later]:
                self._offer(later)

    def _offer(self, at: int) -> None:
        release = self._instance.jobs[at].release
        if release > self._now:
            heappush(self._wakes, (release, at))
        else:
            heappush(self._ready[self._instance.needs[at]], self._rank[at])

    def _dispatch(self) -> None:
        """Start all that may. Jobs of equal needs fit or do not fit together, so only the first of each is looked at."""
        heads = [(queue[0], needs) for needs, queue in self._ready.items() if queue]
        heapify(heads)
        while heads:
            (planned, _, at), needs = heappop(heads)
            queue = self._ready[needs]
            if self._is_barred(at):
                heappop(queue)
                self._parked[self._instance.jobs[at].group].append(at)
            elif self._fits(needs, self._instance.jobs[at].duration):
                heappop(queue)
                self._begin(at, self._now)
            elif self._now > planned + self._patience:
                return
            else:
                continue
            if queue:
                heappush(heads, (queue[0], needs))

    def _fits(self, needs: Needs, duration: int) -> bool:
        limits = self._limits_during(duration) if self._instance.steps else self._instance.capacity.values()
        return all(
            used + amount <= limit for used, amount, limit in zip(self._used, needs, limits, strict=True) if amount
        )

    def _limits_during(self, duration: int) -> list[int]:
        """The least there is of each resource until the job should have ended."""
        until = self._now + duration
        limits = []
        for name, amount in self._instance.capacity.items():
            at_now, later = amount, []
            for moment, stepped in self._instance.steps.get(name, ()):
                if moment <= self._now:
                    at_now = stepped
                elif moment < until:
                    later.append(stepped)
            limits.append(min([at_now, *later]))
        return limits

    def _is_barred(self, at: int) -> bool:
        job = self._instance.jobs[at]
        limit = self._instance.group_limit
        if limit is not None and self._running[job.group] >= limit:
            return True
        return any(
            self._now < blackout.end and self._now + job.duration > blackout.start
            for blackout in self._blackouts_of(job.group)
        )

    def _blackouts_of(self, group: str) -> Iterator[Blackout]:
        yield from self._blackouts[""]
        if group:
            yield from self._blackouts[group]

    def _unpark(self, group: str) -> None:
        for at in self._parked.pop(group, ()):
            heappush(self._ready[self._instance.needs[at]], self._rank[at])

    def _wake_at_changes(self) -> None:
        moments = {blackout.end for blackout in self._instance.blackouts}
        moments |= {moment for steps in self._instance.steps.values() for moment, _ in steps}
        for moment in moments:
            if moment > self._now:
                heappush(self._wakes, (moment, -1))


def _by_group(instance: Instance) -> defaultdict[str, list[Blackout]]:
    found: defaultdict[str, list[Blackout]] = defaultdict(list)
    for blackout in instance.blackouts:
        found[blackout.group].append(blackout)
    return found
