"""What no plan can beat: the critical path, the work of each resource spread over all the room, and what cannot run at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from batch.planner.exclusion import exclusive_bound, find_apart
from batch.planner.instance import Instance
from batch.planner.patterns import pattern_bound
from batch.planner.profile import ResourceProfile
from batch.planner.room import Room, group_room, resource_room
from batch.planner.rounding import roundings


@dataclass(frozen=True)
class Bounds:
    """Lower bounds of the makespan, in the plan's unit of time; `searched` is one that a search has proven."""

    critical_path: int
    work_area: Mapping[str, int]
    head_tail: Mapping[str, int] = field(default_factory=dict)
    exclusive: int = 0
    patterns: int = 0
    searched: int | None = None

    @property
    def best(self) -> int:
        """The largest of the bounds: the makespan can never be less. Where nothing is left to place it may be before 0."""
        others = (self.exclusive, self.patterns, *self.work_area.values(), *self.head_tail.values())
        proven = self.critical_path if self.searched is None else max(self.critical_path, self.searched)
        return max([proven, *(bound for bound in others if bound > 0)])

    def gap_percent(self, makespan: int) -> str:
        """How much longer than the best bound a plan takes, rounded up: `1.25%`."""
        if self.best <= 0:
            return "0.00%"
        hundredths = -((self.best - makespan) * 10_000 // self.best)
        return f"{hundredths // 100}.{hundredths % 100:02d}%"


def plan_bounds(instance: Instance) -> Bounds:
    """The bounds of an instance. Releases, blackouts, steps and held jobs count.

    `head_tail` is the work of the jobs that cannot start early and have much to follow, between their heads and tails; needs
    that cannot be combined are rounded up (`rounding`). `exclusive` is of jobs of which no two can run at once (`exclusion`),
    `patterns` of all that can run at once (`patterns`).
    """
    starts, rests = heads(instance), tails(instance)
    resources = list(enumerate(instance.resources))
    apart = find_apart(instance)
    return Bounds(
        max((start + job.duration for start, job in zip(starts, instance.jobs, strict=True)), default=0),
        {name: _area(instance, at) for at, name in resources},
        {name: _head_tail(instance, at, instance.ceiling[name], starts, rests) for at, name in resources},
        exclusive_bound(instance, starts, rests, apart),
        pattern_bound(instance, starts, rests, apart),
    )


def work_bound(instance: Instance) -> int:
    """The largest of the work areas alone."""
    return max((_area(instance, at) for at in range(len(instance.resources))), default=0)


def heads(instance: Instance) -> list[int]:
    """The earliest start of each job if capacity were endless; blackouts hold all the same."""
    slots = _blackout_profiles(instance)
    starts = [0] * len(instance.jobs)
    for at in instance.order:
        job = instance.jobs[at]
        if job.start is not None:
            starts[at] = job.start
            continue
        ready = [starts[earlier] + instance.jobs[earlier].duration for earlier in instance.predecessors[at]]
        starts[at] = max([job.release, *ready])
        if job.group in slots:
            starts[at] = slots[job.group].earliest((1,), job.duration, starts[at])
    return starts


def tails(instance: Instance) -> list[int]:
    """How much must at least follow after the end of each job until the end of the plan."""
    rests = [0] * len(instance.jobs)
    for at in reversed(instance.order):
        rests[at] = max((rests[later] + instance.jobs[later].duration for later in instance.successors[at]), default=0)
    return rests


def latest_starts(instance: Instance) -> list[int]:
    """The latest start of each job by its deadline, its successors' and the earliest end the bounds allow."""
    ends = [start + job.duration for start, job in zip(heads(instance), instance.jobs, strict=True)]
    return latest_starts_by(instance, max([work_bound(instance), *ends]))


def latest_starts_by(instance: Instance, horizon: int) -> list[int]:
    """The latest start of each job by its deadline, its successors' and a horizon for all."""
    latest = [0] * len(instance.jobs)
    for at in reversed(instance.order):
        job = instance.jobs[at]
        limits = [horizon, *(latest[later] for later in instance.successors[at])]
        if job.deadline is not None:
            limits.append(job.deadline)
        latest[at] = min(limits) - job.duration
    return latest


def total_work(instance: Instance, resource: int) -> int:
    """Units × time that all jobs use of the resource at this position of `resources`."""
    return sum(job.duration * instance.needs[at][resource] for at, job in enumerate(instance.jobs))


def average_load(instance: Instance, horizon: int) -> dict[str, int]:
    """What all work would need if it were spread evenly from the first start to the horizon, rounded up."""
    first = min((job.release if job.start is None else job.start for job in instance.jobs), default=0)
    span = max(horizon - first, 1)
    return {name: -(-total_work(instance, at) // span) for at, name in enumerate(instance.resources)}


def least_capacity(instance: Instance, horizon: int) -> dict[str, int]:
    """What no plan within the horizon can do without.

    That is the largest job, the load on average and between heads and tails, what must run at the same moment, and what the bounds
    of the makespan ask for to be within the horizon.
    """
    average = average_load(instance, horizon)
    starts, rests = heads(instance), tails(instance)
    least = {}
    for at, name in enumerate(instance.resources):
        largest = max(
            (needs[at] for needs, job in zip(instance.needs, instance.jobs, strict=True) if job.duration), default=0
        )
        between = max(
            (
                -(-work // (horizon - rest - head))
                for head, work, rest in _between(_users(instance, at, starts, rests), _HEAD_TAIL_STEPS)
                if horizon - rest > head
            ),
            default=0,
        )
        low = max(1, average[name], largest, between, _at_once(instance, at, horizon, starts, rests))
        high = max(low, instance.ceiling[name]) if len(instance.jobs) <= _MOST_ROUNDED else low
        while low < high:
            middle = (low + high) // 2
            if _head_tail(instance, at, middle, starts, rests) > horizon:
                low = middle + 1
            else:
                high = middle
        least[name] = low
    return least


def _at_once(instance: Instance, resource: int, horizon: int, starts: Sequence[int], rests: Sequence[int]) -> int:
    """The most that runs at one moment of jobs that cannot avoid it: their latest start is not after it, their earliest end is."""
    changes = []
    for at, job in enumerate(instance.jobs):
        latest = starts[at] if job.start is not None else horizon - rests[at] - job.duration
        amount = instance.needs[at][resource]
        if amount and starts[at] <= latest < starts[at] + job.duration:
            changes += [(latest, amount), (starts[at] + job.duration, -amount)]
    level = most = 0
    for _, change in sorted(changes):
        level += change
        most = max(most, level)
    return most


def _area(instance: Instance, resource: int) -> int:
    """The earliest moment by which there has been room for all the work of the jobs that can still be placed."""
    users = [
        (job.release, job.duration * instance.needs[at][resource])
        for at, job in enumerate(instance.jobs)
        if job.start is None and instance.needs[at][resource] and job.duration
    ]
    if not users:
        return 0
    work = sum(amount for _, amount in users)
    return _filled(resource_room(instance, resource), min(release for release, _ in users), work)


_HEAD_TAIL_STEPS = 200_000
_MOST_ROUNDED = 5_000
"""With more jobs capacity is many jobs wide, and rounding gains nothing."""


def _head_tail(instance: Instance, resource: int, limit: int, starts: Sequence[int], rests: Sequence[int]) -> int:
    """The bound where there is never more than `limit` of the resource, with the needs as they are and rounded."""
    users = _users(instance, resource, starts, rests)
    ways = [(limit, [need for *_, need in users])]
    if len(users) <= _MOST_ROUNDED and all(need <= limit for *_, need in users):
        ways += roundings(limit, ways[0][1])
    bound = 0
    for whole, needs in ways:
        rounded = [
            (head, rest, duration, need) for (head, rest, duration, _), need in zip(users, needs, strict=True) if need
        ]
        # As they are, they get half of the steps.
        steps = _HEAD_TAIL_STEPS if len(ways) == 1 else _HEAD_TAIL_STEPS // 2
        if needs is not ways[0][1]:
            steps //= len(ways) - 1
        for head, work, rest in _between(rounded, steps):
            bound = max(bound, head - (-work // whole) + rest)
    return bound


_User = tuple[int, int, int, int]
"""Head, tail, duration and need of a job."""


def _users(instance: Instance, resource: int, starts: Sequence[int], rests: Sequence[int]) -> list[_User]:
    """The jobs still to be placed that use the resource, the longest tail first."""
    users = [
        (starts[at], rests[at], job.duration, instance.needs[at][resource])
        for at, job in enumerate(instance.jobs)
        if job.start is None and job.duration and instance.needs[at][resource]
    ]
    return sorted(users, key=lambda user: -user[1])


def _between(users: Sequence[_User], steps: int) -> Iterator[tuple[int, int, int]]:
    """Heads and tails with the work of the jobs that have at least these: they do it between the two.

    Of large nights only some heads, for about so many steps.
    """
    thresholds = sorted({head for head, *_ in users})
    thin = max(1, len(thresholds) * len(users) // steps)
    for threshold in thresholds[::thin]:
        work = 0
        for head, rest, duration, need in users:
            if head >= threshold:
                work += duration * need
                yield threshold, work, rest


def _filled(room: Room, start: int, work: int) -> int:
    for (begin, amount), following in zip(room, [*room[1:], None], strict=True):
        first = max(begin, start)
        if following is None:
            return first + -(-work // amount) if amount else first
        if amount and following[0] > first:
            if (following[0] - first) * amount >= work:
                return first + -(-work // amount)
            work -= (following[0] - first) * amount
    return start


def _blackout_profiles(instance: Instance) -> dict[str, ResourceProfile]:
    if not instance.blackouts:
        return {}
    profiles = {}
    for group in {job.group for job in instance.jobs}:
        room = group_room(Instance(instance.capacity, instance.jobs, blackouts=instance.blackouts), group)
        if room is not None:
            profiles[group] = ResourceProfile([moment for moment, _ in room], [(amount,) for _, amount in room])
    return profiles
