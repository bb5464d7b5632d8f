"""A demand that does not fit: why, and the smallest changes with which it would. Each is planned again before it is offered."""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from batch.planner.bounds import heads, total_work, work_bound
from batch.planner.checker import check_plan
from batch.planner.instance import Instance, PlanJob
from batch.planner.making import improve, plan_quickly, starts_of
from batch.planner.schedule import Schedule, make_schedule

_IN_TIME = (0, 1 << 60)
_MOST_SECONDS = 10.0
"""Without a search too, what is offered for a very large night is what was found by then."""
_FEWEST_TRIALS = 4
_JOBS_TRIED = 4_000
"""How many jobs together are planned again to find one whose going is enough."""


@dataclass(frozen=True)
class Relaxation:
    """A change with which everything fits, and the plan that shows it.

    `kind` is `later_end` (all deadlines later by `extra`; the last job then ends at `end`), `more_capacity` (`more`
    units of the resources, at all times) or `move_jobs` (the plan is without `jobs`, which are for another night).
    """

    kind: str
    schedule: Schedule
    extra: int = 0
    end: int = 0
    more: Mapping[str, int] = field(default_factory=dict)
    jobs: tuple[str, ...] = ()

    @property
    def message(self) -> str:
        """The change in words, for staff."""
        if self.kind == "later_end":
            return f"打切をすべて{self.extra}遅らせれば収まります（終了{self.end}）。"
        if self.kind == "more_capacity":
            return "、".join(f"資源「{name}」を{extra}" for name, extra in self.more.items()) + "増やせば収まります。"
        return f"{'、'.join(self.jobs)}を別の夜に移せば収まります。"

    def to_json(self) -> dict[str, Any]:
        """The change as JSON; the plan aside."""
        values: dict[str, Any] = {"kind": self.kind, "message": self.message, "makespan": self.schedule.makespan}
        if self.kind == "move_jobs":
            return {**values, "jobs": list(self.jobs)}
        if self.kind == "more_capacity":
            return {**values, "more": dict(self.more)}
        return {**values, "extra": self.extra, "end": self.end}


def explain(instance: Instance, schedule: Schedule) -> list[str]:
    """Why each job that is late, or has no room at all, cannot end in time in this plan."""
    endless = heads(instance)
    without_blackouts = heads(replace(instance, blackouts=()))
    reasons = []
    for at, job in enumerate(instance.jobs):
        end = schedule.starts[job.id] + job.duration
        if job.id in schedule.without_room:
            reasons.append(f"{job.id}: 容量が足りる時間帯がありません。")
        elif job.deadline is not None and end > job.deadline:
            place = f"{job.id}: 終了予定{end}が打切{job.deadline}より後です。"
            reasons.append(place + _cause(instance, job, endless[at], without_blackouts[at]))
    return reasons


def relax(instance: Instance, schedule: Schedule, *, seconds: float = 0.0, seed: int = 0) -> list[Relaxation]:
    """The smallest changes found that would make a plan of this demand fit; empty where the given plan fits.

    Of deadlines, of each resource alone, and of jobs moved out. What is offered was planned and checked; that nothing
    smaller would do is as certain as the planner is strong in the time given.
    """
    if schedule.is_feasible:
        return []
    search = _Relaxing(instance, schedule, seconds, seed)
    return [*search.later_end(), *search.more_capacity(), *search.moved_jobs()]


def _cause(instance: Instance, job: PlanJob, head: int, without_blackouts: int) -> str:
    limit = job.deadline if job.deadline is not None else 0
    if job.start is not None:
        return "実行中で、見込みの所要時間では間に合いません。"
    if without_blackouts + job.duration > limit:
        return f"容量に余裕があっても、先行ジョブと所要時間で{without_blackouts + job.duration}までかかります（クリティカルパス）。"
    if head + job.duration > limit:
        return f"停止時間帯のため、早くても{head + job.duration}に終わります。"
    return f"{_shortest(instance)}の容量が足りません。"


def _shortest(instance: Instance) -> str:
    """The resource with the most work for what there is of it."""
    work = {
        name: total_work(instance, at) / max(instance.ceiling[name], 1) for at, name in enumerate(instance.resources)
    }
    if not work or not any(work.values()):
        return "同時実行数"
    return f"資源「{max(work, key=lambda name: work[name])}」"


class _Relaxing:
    """Trials of changes, each planned: quickly, and where that does not fit, by a search while there is time."""

    def __init__(self, instance: Instance, schedule: Schedule, seconds: float, seed: int) -> None:
        self._instance, self._schedule = instance, schedule
        self._begin_time, self._seconds = time.monotonic(), seconds
        self._last = self._begin_time + (seconds or _MOST_SECONDS)
        self._trials = max(_FEWEST_TRIALS, _JOBS_TRIED // len(instance.jobs))
        self._seed = seed

    def later_end(self) -> Iterator[Relaxation]:
        """All deadlines later by as much: at most by what the latest job is late by now."""
        if self._schedule.without_room or not self._schedule.late:
            return
        late = [self._ends[at] - job.deadline for at, job in enumerate(self._instance.jobs) if job.deadline is not None]
        most = max(late)

        def delayed(extra: int) -> Instance:
            jobs = (
                job if job.deadline is None else replace(job, deadline=job.deadline + extra)
                for job in self._instance.jobs
            )
            return replace(self._instance, jobs=tuple(jobs))

        first = heads(self._instance)
        least = max(
            first[at] + job.duration - job.deadline
            for at, job in enumerate(self._instance.jobs)
            if job.deadline is not None
        )
        if len({job.deadline for job in self._instance.jobs}) == 1:
            plan = self._as_early_as_possible(self._at(0.35))
        else:
            known = replace(self._schedule, late=(), lateness=0)
            _, plan = self._smallest(delayed, max(1, least), most, known, self._at(0.35))
        yield Relaxation("later_end", plan, self._latest(plan), plan.makespan)

    def _as_early_as_possible(self, until: float) -> Schedule:
        """With one deadline for all, the smallest delay is that of the smallest makespan."""
        free = replace(self._instance, jobs=tuple(replace(job, deadline=None) for job in self._instance.jobs))
        known = [starts_of(self._instance, self._schedule)]
        plan = make_schedule(free, known[0])
        quick = plan_quickly(free)
        plan = quick if quick.is_better_than(plan) else plan
        return improve(free, plan, until=until, seed=self._seed, known=known) if time.monotonic() < until else plan

    def _latest(self, plan: Schedule) -> int:
        """By how much the latest job of a plan misses the deadlines as they are."""
        return max(
            plan.starts[job.id] + job.duration - job.deadline for job in self._instance.jobs if job.deadline is not None
        )

    def more_capacity(self) -> Iterator[Relaxation]:
        """So much more of one resource; where endlessly much of any one does not do, of all, by the same share."""
        work = {name: sum(job.uses.get(name, 0) for job in self._instance.jobs) for name in self._instance.resources}
        names = [name for name, amount in work.items() if amount]
        count = 0
        for number, name in enumerate(names):
            until = self._at(0.35 + 0.3 * (number + 1) / len(names))
            for found in self._more({name: 1}, work[name], until):
                count += 1
                yield found
        if not count and len(names) > 1:
            ceiling = self._instance.ceiling
            yield from self._more({name: ceiling[name] for name in names}, sum(work.values()), self._at(0.75))

    def _more(self, unit: Mapping[str, int], most: int, until: float) -> Iterator[Relaxation]:
        """The fewest hundredths of the units (whole units of one resource) that do, if `most` units do."""
        parts = 1 if len(unit) == 1 else 100

        def amounts(count: int) -> dict[str, int]:
            return {name: -(-amount * count // parts) for name, amount in unit.items()}

        def enlarged(count: int) -> Instance:
            return self._instance.enlarged(amounts(count))

        if _is_hopeless(enlarged(most * parts)):
            return
        least, trial = 1, 1
        while trial < 2 * most * parts and not self._is_over:
            plan = self._plan(enlarged(trial), 0.0)
            if plan is not None:
                count, plan = self._smallest(enlarged, least, trial, plan, until)
                yield Relaxation("more_capacity", plan, more=amounts(count))
                return
            least, trial = trial + 1, trial * 2

    def moved_jobs(self) -> Iterator[Relaxation]:
        """One job with those that wait for it, the least work first; where none is found that is enough, late jobs."""
        choices = sorted({self._with_followers(at) for at in self._candidates()}, key=self._work)
        for choice in _spread(choices, self._trials):
            if self._is_over:
                break
            plan = self._plan(self._without(choice), 0.0)
            if plan is not None:
                yield Relaxation("move_jobs", plan, jobs=self._names(choice))
                return
        yield self._late_jobs_moved()

    def _late_jobs_moved(self) -> Relaxation:
        """Late jobs, the last to start first, as many as are needed: without all of them the rest is in time already."""
        late = {*self._schedule.late, *self._schedule.without_room}
        positions = sorted((at for at, job in enumerate(self._instance.jobs) if job.id in late), key=self._begin)

        def moved(count: int) -> frozenset[int]:
            return frozenset[int]().union(*(self._with_followers(at) for at in positions[-count:]))

        low, high = 1, len(positions)
        rest = self._without(moved(high))
        best = make_schedule(rest, [self._schedule.starts[job.id] for job in rest.jobs])
        while low < high and not self._is_over:
            middle = (low + high) // 2
            plan = self._plan(self._without(moved(middle)), 0.0)
            if plan is None:
                low = middle + 1
            else:
                high, best = middle, plan
        going = moved(high)
        for at in sorted(going, key=self._begin)[: self._trials]:
            if self._is_over:
                break
            fewer = going - {at, *(earlier for earlier in going if at in self._with_followers(earlier))}
            plan = self._plan(self._without(fewer), 0.0)
            if plan is not None:
                going, best = fewer, plan
        return Relaxation("move_jobs", best, jobs=self._names(going))

    def _smallest(
        self, changed: Callable[[int], Instance], least: int, most: int, known: Schedule, until: float
    ) -> tuple[int, Schedule]:
        """The smallest extra amount for which a plan is found, knowing one for the largest; bisection while there is time."""
        low, high, best = least, most, known
        while low < high and not self._is_over:
            middle = (low + high) // 2
            plan = self._plan(changed(middle), self._slot(until, (high - low).bit_length()))
            if plan is None:
                low = middle + 1
            else:
                high, best = middle, plan
        return high, best

    def _plan(self, instance: Instance, until: float) -> Schedule | None:
        """A plan in which everything fits, as the checker says too; None where none was found by then."""
        if _is_hopeless(instance):
            return None
        plan = plan_quickly(instance)
        if not plan.is_feasible and time.monotonic() < until:
            known = [[self._schedule.starts[job.id] for job in instance.jobs]]
            plan = improve(
                instance, plan, until=until, seed=self._seed, target=_IN_TIME, is_target_all=True, known=known
            )
        return plan if plan.is_feasible and not check_plan(instance, plan.starts) else None

    def _slot(self, until: float, trials: int = 4) -> float:
        """The end of one of so many trials that share the time until then."""
        now = time.monotonic()
        return now + max(0.0, until - now) / trials

    @property
    def _is_over(self) -> bool:
        return time.monotonic() >= self._last

    def _at(self, part: float) -> float:
        return self._begin_time + self._seconds * part

    @cached_property
    def _ends(self) -> list[int]:
        starts = starts_of(self._instance, self._schedule)
        return [start + job.duration for start, job in zip(starts, self._instance.jobs, strict=True)]

    def _begin(self, at: int) -> int:
        return self._schedule.starts[self._instance.jobs[at].id]

    def _candidates(self) -> list[int]:
        """The jobs that may have a part in the lateness: those that start before the last late one ends."""
        late = {*self._schedule.late, *self._schedule.without_room}
        last = max(self._ends[at] for at, job in enumerate(self._instance.jobs) if job.id in late)
        return [
            at
            for at, job in enumerate(self._instance.jobs)
            if job.start is None and job.duration and self._begin(at) < last
        ]

    def _with_followers(self, at: int) -> frozenset[int]:
        found, todo = {at}, [at]
        while todo:
            for later in self._instance.successors[todo.pop()]:
                if later not in found:
                    found.add(later)
                    todo.append(later)
        return frozenset(found)

    def _work(self, choice: frozenset[int]) -> tuple[int, int]:
        return sum(self._instance.jobs[at].duration * max(1, *self._instance.needs[at]) for at in choice), min(choice)

    def _without(self, moved: frozenset[int]) -> Instance:
        kept = tuple(
            replace(job, after=tuple(name for name in job.after if self._instance.index[name] not in moved))
            for at, job in enumerate(self._instance.jobs)
            if at not in moved
        )
        return replace(self._instance, jobs=kept)

    def _names(self, moved: frozenset[int]) -> tuple[str, ...]:
        return tuple(self._instance.jobs[at].id for at in sorted(moved))


def _is_hopeless(instance: Instance) -> bool:
    """Whether the bounds alone say that no plan ends in time."""
    if any(
        job.deadline is not None and head + job.duration > job.deadline
        for head, job in zip(heads(instance), instance.jobs, strict=True)
    ):
        return True
    deadlines = [job.deadline for job in instance.jobs if job.deadline is not None]
    return len(deadlines) == len(instance.jobs) > 0 and work_bound(instance) > max(deadlines)


def _spread(choices: list[frozenset[int]], most: int) -> list[frozenset[int]]:
    """So many of the choices, evenly over the list."""
    if len(choices) <= most:
        return choices
    return [choices[number * (len(choices) - 1) // (most - 1)] for number in range(most)]
