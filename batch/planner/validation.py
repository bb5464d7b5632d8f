"""What cannot be planned at all is refused before anything is planned, with all its mistakes at once."""

from collections.abc import Iterable, Mapping
from graphlib import CycleError, TopologicalSorter

from batch.planner.instance import Blackout, Instance, PlanJob, Steps
from yoriai.errors import FieldError, Invalid


class PlanInputError(Invalid):
    """The demand cannot be planned at all; `fields` names every wrong job."""

    default_message = "ジョブの定義に誤りがあるため、計画できません。"


def build_instance(
    capacity: Mapping[str, int],
    jobs: Iterable[PlanJob],
    *,
    steps: Mapping[str, Steps] | None = None,
    blackouts: Iterable[Blackout] = (),
    group_limit: int | None = None,
) -> Instance:
    """An instance that can be scheduled; raises PlanInputError with all its mistakes at once."""
    instance = Instance(dict(capacity), tuple(jobs), dict(steps or {}), tuple(blackouts), group_limit)
    errors = _supply_errors(instance) or _job_errors(instance) or _cycle_errors(instance)
    if errors:
        raise PlanInputError(fields=errors)
    return instance


def _error(job: PlanJob, message: str, rule: str) -> FieldError:
    field_name = f"{job.net}/{job.id}" if job.net else job.id
    return FieldError(field=field_name, message=message, rule=rule, file=job.source, line=job.line)


def _supply_errors(instance: Instance) -> list[FieldError]:
    errors = [
        FieldError(f"resources.{name}", f"資源「{name}」の容量が正の整数ではありません。", "capacity")
        for name, limit in instance.capacity.items()
        if limit <= 0
    ]
    for name, steps in instance.steps.items():
        errors += _step_errors(name, steps, instance.capacity)
    errors += [
        FieldError(f"blackouts.{position}", "停止時間帯の終わりが始まりより後ではありません。", "blackout")
        for position, blackout in enumerate(instance.blackouts)
        if blackout.end <= blackout.start
    ]
    if instance.group_limit is not None and instance.group_limit < 1:
        errors.append(FieldError("group_limit", "一団体の同時実行数が正の整数ではありません。", "group_limit"))
    return errors


def _step_errors(name: str, steps: Steps, capacity: Mapping[str, int]) -> list[FieldError]:
    at = f"steps.{name}"
    errors: list[FieldError] = []
    if name not in capacity:
        errors.append(FieldError(at, f"資源「{name}」は定義されていません。", "unknown_resource"))
    if any(amount < 0 for _, amount in steps):
        errors.append(FieldError(at, f"資源「{name}」の容量が負になります。", "capacity"))
    moments = [moment for moment, _ in steps]
    if moments != sorted(set(moments)):
        errors.append(FieldError(at, f"資源「{name}」の容量が変わる時刻が昇順ではありません。", "step_order"))
    return errors


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
        errors += _use_errors(job, instance.ceiling)
        errors += _time_errors(job)
    return errors


def _use_errors(job: PlanJob, ceiling: Mapping[str, int]) -> list[FieldError]:
    errors: list[FieldError] = []
    for name, amount in job.uses.items():
        if name not in ceiling:
            errors.append(_error(job, f"資源「{name}」は定義されていません。", "unknown_resource"))
        elif amount < 0:
            errors.append(_error(job, f"資源「{name}」の使用量が負です。", "negative_use"))
        elif amount > ceiling[name] and job.start is None:
            message = f"資源「{name}」を{amount}使いますが、容量は{ceiling[name]}です。"
            errors.append(_error(job, message, "larger_than_capacity"))
    return errors


def _time_errors(job: PlanJob) -> list[FieldError]:
    errors: list[FieldError] = []
    if job.duration < 0:
        errors.append(_error(job, "所要時間が負です。", "negative_duration"))
    if job.release < 0:
        errors.append(_error(job, "開始可能時刻が負です。", "negative_release"))
    if job.deadline is not None and job.deadline < job.release and job.start is None:
        errors.append(_error(job, "打切時刻が開始可能時刻より前です。", "deadline_before_release"))
    return errors


def _cycle_errors(instance: Instance) -> list[FieldError]:
    """A cycle is one even where a job of it is held at its start and waits for nobody any more."""
    waits = {position: [instance.index[name] for name in job.after] for position, job in enumerate(instance.jobs)}
    try:
        TopologicalSorter(waits).prepare()
    except CycleError as error:
        cycle: list[int] = error.args[1]
        path = " → ".join(instance.jobs[position].id for position in reversed(cycle))
        return [_error(instance.jobs[cycle[0]], f"先行関係が循環しています: {path}", "cycle")]
    return []
