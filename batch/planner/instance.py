"""What is planned: jobs with durations and needs on limited resources. Times are integers of any one unit."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from yoriai.errors import FieldError, Invalid

DEFAULT_PRIORITY = 3


@dataclass(frozen=True)
class PlanJob:
    """One job of a plan. `group` is whom it is for (a municipality); `net`, `source`, `line` word its errors."""

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


class PlanInputError(Invalid):
    """The demand cannot be planned at all; `fields` names every wrong job."""

    default_message = "ジョブの定義に誤りがあるため、計画できません。"


@dataclass(frozen=True)
class Instance:
    """Jobs and the capacity per resource. Make it with `build_instance`, which refuses a wrong one."""

    capacity: Mapping[str, int]
    jobs: tuple[PlanJob, ...]

    @cached_property
    def index(self) -> dict[str, int]:
        """The position of each job in `jobs`."""
        return {job.id: position for position, job in enumerate(self.jobs)}

    @cached_property
    def resources(self) -> tuple[str, ...]:
        """The resource names, in the order of the tuples that the planner works on."""
        return tuple(self.capacity)

    @cached_property
    def limits(self) -> tuple[int, ...]:
        """The capacities in the order of `resources`."""
        return tuple(self.capacity.values())

    @cached_property
    def needs(self) -> list[tuple[int, ...]]:
        """What each job uses, in the order of `resources`."""
        return [tuple(job.uses.get(name, 0) for name in self.resources) for job in self.jobs]

    @cached_property
    def predecessors(self) -> list[list[int]]:
        """The positions of each job's predecessors."""
        return [[self.index[name] for name in job.after] for job in self.jobs]

    @cached_property
    def successors(self) -> list[list[int]]:
        """The positions of each job's successors."""
        result: list[list[int]] = [[] for _ in self.jobs]
        for position, earlier in enumerate(self.predecessors):
            for predecessor in earlier:
                result[predecessor].append(position)
        return result

    @cached_property
    def order(self) -> list[int]:
        """All positions, each after its predecessors."""
        return list(TopologicalSorter(dict(enumerate(self.predecessors))).static_order())

    def with_capacity(self, capacity: Mapping[str, int]) -> "Instance":
        """The same jobs on other capacities (every job must fit each of them alone)."""
        return Instance({name: capacity[name] for name in self.resources}, self.jobs)


def build_instance(capacity: Mapping[str, int], jobs: Iterable[PlanJob]) -> Instance:
    """An instance that can be scheduled; raises PlanInputError with all its mistakes at once."""
    instance = Instance(dict(capacity), tuple(jobs))
    errors = _capacity_errors(instance) or _job_errors(instance) or _cycle_errors(instance)
    if errors:
        raise PlanInputError(fields=errors)
    return instance


def _error(job: PlanJob, message: str, rule: str) -> FieldError:
    field_name = f"{job.net}/{job.id}" if job.net else job.id
    return FieldError(field=field_name, message=message, rule=rule, file=job.source, line=job.line)


def _capacity_errors(instance: Instance) -> list[FieldError]:
    return [
        FieldError(
            field=f"resources.{name}", message=f"資源「{name}」の容量が正の整数ではありません。", rule="capacity"
        )
        for name, limit in instance.capacity.items()
        if limit <= 0
    ]


def _job_errors(instance: Instance) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    known = {job.id for job in instance.jobs}
    for job in instance.jobs:
        if job.id in seen:
            errors.append(_error(job, "同じ名前のジョブが二つあります。", "duplicate"))
        seen.add(job.id)
        errors += [
            _error(job, f"先行ジョブ「{name}」がありません。", "unknown_predecessor")
            for name in job.after
            if name not in known
        ]
        errors += _use_errors(job, instance.capacity)
        errors += _time_errors(job)
    return errors


def _use_errors(job: PlanJob, capacity: Mapping[str, int]) -> list[FieldError]:
    errors: list[FieldError] = []
    for name, amount in job.uses.items():
        if name not in capacity:
            errors.append(_error(job, f"資源「{name}」は定義されていません。", "unknown_resource"))
        elif amount < 0:
            errors.append(_error(job, f"資源「{name}」の使用量が負です。", "negative_use"))
        elif amount > capacity[name]:
            message = f"資源「{name}」を{amount}使いますが、容量は{capacity[name]}です。"
            errors.append(_error(job, message, "larger_than_capacity"))
    return errors


def _time_errors(job: PlanJob) -> list[FieldError]:
    errors: list[FieldError] = []
    if job.duration < 0:
        errors.append(_error(job, "所要時間が負です。", "negative_duration"))
    if job.release < 0:
        errors.append(_error(job, "開始可能時刻が負です。", "negative_release"))
    if job.deadline is not None and job.deadline < job.release:
        errors.append(_error(job, "打切時刻が開始可能時刻より前です。", "deadline_before_release"))
    return errors


def _cycle_errors(instance: Instance) -> list[FieldError]:
    try:
        TopologicalSorter(dict(enumerate(instance.predecessors))).prepare()
    except CycleError as error:
        cycle: list[int] = error.args[1]
        path = " → ".join(instance.jobs[position].id for position in reversed(cycle))
        return [_error(instance.jobs[cycle[0]], f"先行関係が循環しています: {path}", "cycle")]
    return []
