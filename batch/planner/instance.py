"""What is planned: jobs with durations and needs on limited resources. Times are integers of any one unit."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from graphlib import TopologicalSorter

DEFAULT_PRIORITY = 3
Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class PlanJob:
    """One job of a plan. `group` is whom it is for (a municipality); `net`, `source`, `line` word its errors.

    A job with a `start` is held there, say because it runs already: it waits for nobody, may have begun before moment 0
    and keeps what it uses. Its duration is then the whole one, from its start.
    """

    id: str
    duration: int
    uses: Mapping[str, int] = field(default_factory=dict)
    after: tuple[str, ...] = ()
    release: int = 0
    deadline: int | None = None
    priority: int = DEFAULT_PRIORITY
    group: str = ""
    net: str = ""
    source: str = ""
    line: int = 0
    start: int | None = None


@dataclass(frozen=True)
class Blackout:
    """No job of the group (of anybody where it is empty) runs in [start, end); jobs are not interrupted for it."""

    start: int
    end: int
    group: str = ""


@dataclass(frozen=True)
class Instance:
    """Jobs and what there is to run them on. Make it with `build_instance`, which refuses a wrong one.

    `capacity` holds from the beginning, each of a resource's `steps` (moment, amount) from its moment on. At most
    `group_limit` jobs of one group run at once.
    """

    capacity: Mapping[str, int]
    jobs: tuple[PlanJob, ...]
    steps: Mapping[str, Steps] = field(default_factory=dict)
    blackouts: tuple[Blackout, ...] = ()
    group_limit: int | None = None

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each job in `jobs`."""
        return {job.id: position for position, job in enumerate(self.jobs)}

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """The resource names, in the order of the tuples that the planner works on."""
        return tuple(self.capacity)

    @cached_property
    def ceiling(self) -> dict[str, int]:
        """The most there ever is of each resource."""
        return {
            name: max([limit, *(amount for _, amount in self.steps.get(name, ()))])
            for name, limit in self.capacity.items()
        }

    @cached_property
    def needs(self) -> list[tuple[int, ...]]:
        """What each job uses, in the order of `resources`."""
        return [tuple(job.uses.get(name, 0) for name in self.resources) for job in self.jobs]

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """The positions of the jobs that each job waits for; a job that is held at its start waits for none."""
        return [[] if job.start is not None else [self.index[name] for name in job.after] for job in self.jobs]

    @cached_property
    def successors(self) -> list[list[int]]:
        """The positions of the jobs that wait for each job."""
        result: list[list[int]] = [[] for _ in self.jobs]
        for position, earlier in enumerate(self.predecessors):
            for predecessor in earlier:
                result[predecessor].append(position)
        return result

    @cached_property
    def order(self) -> list[int]:
        """All positions, each after its predecessors."""
        return list(TopologicalSorter(dict(enumerate(self.predecessors))).static_order())

    def capped(self, amounts: Mapping[str, int]) -> "Instance":
        """The same jobs where there is never more of a resource than these amounts."""
        capacity = {name: min(limit, amounts.get(name, limit)) for name, limit in self.capacity.items()}
        steps = {
            name: tuple((moment, min(amount, amounts.get(name, amount))) for moment, amount in steps)
            for name, steps in self.steps.items()
        }
        return replace(self, capacity=capacity, steps=steps)

    def enlarged(self, amounts: Mapping[str, int]) -> "Instance":
        """The same jobs where there is always so much more of the resources named."""
        capacity = {name: limit + amounts.get(name, 0) for name, limit in self.capacity.items()}
        steps = {
            name: tuple((moment, amount + amounts.get(name, 0)) for moment, amount in steps)
            for name, steps in self.steps.items()
        }
        return replace(self, capacity=capacity, steps=steps)

    def within(self, horizon: int) -> "Instance":
        """The same jobs, each with a deadline not after the horizon."""
        jobs = tuple(
            replace(job, deadline=horizon if job.deadline is None else min(job.deadline, horizon)) for job in self.jobs
        )
        return replace(self, jobs=jobs)
