"""Jobs of which no two can run at once, whatever resource keeps them apart: together they take the sum of their durations."""

from collections.abc import Sequence

from batch.planner.instance import Instance

_MOST_JOBS = 200
"""From more jobs on the pairs are too many for what the bound gains."""
_STEPS = 150_000
"""Pairs looked at while sets are collected."""


def find_apart(instance: Instance) -> list[int]:
    """For each job, as bits, those that cannot run beside it: before or after it, too large together, or of a group of one.

    Empty where the jobs are too many.
    """
    if len(instance.jobs) > _MOST_JOBS:
        return []
    before = [0] * len(instance.jobs)
    for at in instance.order:
        for earlier in instance.predecessors[at]:
            before[at] |= before[earlier] | 1 << earlier
    limits = list(instance.ceiling.values())
    apart = list(before)
    for at, needs in enumerate(instance.needs):
        for other in range(at):
            if (
                before[other] >> at & 1
                or before[at] >> other & 1
                or (instance.group_limit == 1 and instance.jobs[at].group == instance.jobs[other].group)
                or any(map(_is_over, needs, instance.needs[other], limits))
            ):
                apart[at] |= 1 << other
                apart[other] |= 1 << at
    return apart


def exclusive_bound(instance: Instance, starts: Sequence[int], rests: Sequence[int], apart: Sequence[int]) -> int:
    """A lower bound of the makespan by heads and tails (`bounds`): the least head, all durations and the least tail of such a set.

    Sets are collected greedily from each of the longest jobs; of each set the part with the best sum of the three counts.
    """
    if not apart:
        return 0
    free = [at for at, job in enumerate(instance.jobs) if job.start is None and job.duration]
    longest = sorted(free, key=lambda at: -instance.jobs[at].duration)
    bound, steps = 0, 0
    for seed in longest:
        if steps > _STEPS:
            break
        chosen, left = [seed], [at for at in longest if apart[seed] >> at & 1]
        while left:
            steps += len(left) ** 2
            weight = {at: instance.jobs[at].duration for at in left}
            best = max(left, key=lambda at: weight[at] + sum(weight[other] for other in left if apart[at] >> other & 1))
            chosen.append(best)
            left = [at for at in left if apart[best] >> at & 1]
        bound = max(bound, _sum_within(instance, chosen, starts, rests))
    return bound


def _sum_within(instance: Instance, chosen: Sequence[int], starts: Sequence[int], rests: Sequence[int]) -> int:
    bound = 0
    by_rest = sorted(chosen, key=lambda at: -rests[at])
    for head in {starts[at] for at in chosen}:
        work = 0
        for at in by_rest:
            if starts[at] >= head:
                work += instance.jobs[at].duration
                bound = max(bound, head + work + rests[at])
    return bound


def _is_over(need: int, more: int, limit: int) -> bool:
    return need + more > limit
