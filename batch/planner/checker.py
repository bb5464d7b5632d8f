"""Does a plan hold? Written from the definitions alone, so that the scheduler's mistakes are not repeated here."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from batch.planner.instance import Instance, PlanJob, Steps


def check_plan(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    """Every rule the plan breaks, deadlines aside (`check_deadlines` has those); an empty list is a plan that holds.

    A job that is held at its start is taken as it is: what it breaks by itself is no fault of the plan.
    """
    missing = [f"{job.id}: 開始がありません。" for job in instance.jobs if job.id not in starts]
    if missing:
        return missing
    return [
        *_order_faults(instance, starts),
        *_capacity_faults(instance, starts),
        *_blackout_faults(instance, starts),
        *_group_faults(instance, starts),
    ]


def check_deadlines(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    """The jobs whose planned end is after their deadline."""
    return [
        f"{job.id}: 終了予定{starts[job.id] + job.duration}が打切{job.deadline}より後です。"
        for job in instance.jobs
        if job.deadline is not None and starts[job.id] + job.duration > job.deadline
    ]


def _order_faults(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    durations = {job.id: job.duration for job in instance.jobs}
    faults: list[str] = []
    for job in instance.jobs:
        if job.start is not None:
            if starts[job.id] != job.start:
                faults.append(f"{job.id}: 固定された開始{job.start}から動いています。")
            continue
        if starts[job.id] < job.release:
            faults.append(f"{job.id}: 開始可能時刻より前に始まります。")
        faults += [
            f"{job.id}: 先行ジョブ「{name}」の終了前に始まります。"
            for name in job.after
            if starts[job.id] < starts[name] + durations[name]
        ]
    return faults


def _capacity_faults(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    """The first moment of each resource at which more is used than there is."""
    faults: list[str] = []
    for name, limit in instance.capacity.items():
        jobs = [(job, job.uses.get(name, 0)) for job in instance.jobs]
        for moment, used, is_free, amount in _sweep(jobs, starts, limit, instance.steps.get(name, ())):
            if is_free and used > amount:
                faults.append(f"{moment}: 資源「{name}」を{used}使い、容量{amount}を超えます。")
                break
    return faults


def _blackout_faults(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    return [
        f"{job.id}: 停止時間帯（{blackout.start}から{blackout.end}まで）にかかります。"
        for blackout in instance.blackouts
        for job in instance.jobs
        if job.start is None
        and job.duration
        and blackout.group in ("", job.group)
        and starts[job.id] < blackout.end
        and starts[job.id] + job.duration > blackout.start
    ]


def _group_faults(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    limit = instance.group_limit
    if limit is None:
        return []
    groups: defaultdict[str, list[tuple[PlanJob, int]]] = defaultdict(list)
    for job in instance.jobs:
        groups[job.group].append((job, 1))
    faults: list[str] = []
    for group, jobs in groups.items():
        for moment, used, is_free, _ in _sweep(jobs, starts, limit, ()):
            if is_free and used > limit:
                faults.append(f"{moment}: 団体「{group}」のジョブが同時に{used}件走り、上限{limit}件を超えます。")
                break
    return faults


def _sweep(
    jobs: Iterable[tuple[PlanJob, int]], starts: Mapping[str, int], limit: int, steps: Steps
) -> Iterator[tuple[int, int, bool, int]]:
    """Moments of change, what is used from there on, whether a job that is not held uses any of it, and the amount there is.

    At the same moment what ends is given back before what starts is taken.
    """
    used: defaultdict[int, int] = defaultdict(int)
    free: defaultdict[int, int] = defaultdict(int)
    for job, amount in jobs:
        if amount and job.duration:
            for moment, sign in ((starts[job.id], 1), (starts[job.id] + job.duration, -1)):
                used[moment] += sign * amount
                free[moment] += sign * (job.start is None)
    changes = dict(steps)
    level = running = 0
    for moment in sorted({*used, *changes}):
        level += used[moment]
        running += free[moment]
        limit = changes.get(moment, limit)
        yield moment, level, running > 0, limit
