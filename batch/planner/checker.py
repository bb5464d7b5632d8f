"""Does a plan hold? Written from the definitions alone, so that the scheduler's mistakes are not repeated here."""

from collections.abc import Mapping

from batch.planner.instance import Instance


def check_plan(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    """Every rule the plan breaks, deadlines aside (`check_deadlines` has those); an empty list is a plan that holds."""
    missing = [f"{job.id}: 開始がありません。" for job in instance.jobs if job.id not in starts]
    if missing:
        return missing
    return [*_order_faults(instance, starts), *_capacity_faults(instance, starts)]


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
        if starts[job.id] < job.release:
            faults.append(f"{job.id}: 開始可能時刻より前に始まります。")
        faults += [
            f"{job.id}: 先行ジョブ「{name}」の終了前に始まります。"
            for name in job.after
            if starts[job.id] < starts[name] + durations[name]
        ]
    return faults


def _capacity_faults(instance: Instance, starts: Mapping[str, int]) -> list[str]:
    """Sweep over starts and ends; at the same moment what ends is given back before what starts is taken."""
    faults: list[str] = []
    for name, limit in instance.capacity.items():
        moves = []
        for job in instance.jobs:
            amount = job.uses.get(name, 0)
            if amount and job.duration:
                moves.append((starts[job.id], amount))
                moves.append((starts[job.id] + job.duration, -amount))
        used = 0
        for moment, amount in sorted(moves):
            used += amount
            if used > limit:
                faults.append(f"{moment}: 資源「{name}」を{used}使い、容量{limit}を超えます。")
                break
    return faults
