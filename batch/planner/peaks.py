"""How much of each resource a plan uses at once."""

from collections import defaultdict
from collections.abc import Mapping

from batch.planner.instance import Instance


def use_over_time(instance: Instance, starts: Mapping[str, int]) -> list[tuple[int, tuple[int, ...]]]:
    """The moments at which use changes and the use (in the order of `resources`) from each on."""
    changes: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(instance.resources))
    for at, job in enumerate(instance.jobs):
        start = starts[job.id]
        for resource, amount in enumerate(instance.needs[at]):
            changes[start][resource] += amount
            changes[start + job.duration][resource] -= amount
    curve: list[tuple[int, tuple[int, ...]]] = []
    level = (0,) * len(instance.resources)
    for moment in sorted(changes):
        level = tuple(map(int.__add__, level, changes[moment]))
        curve.append((moment, level))
    return curve


def peak_use(instance: Instance, starts: Mapping[str, int]) -> dict[str, int]:
    """The largest use of each resource at any moment."""
    levels = [level for _, level in use_over_time(instance, starts)]
    return {name: max((level[at] for level in levels), default=0) for at, name in enumerate(instance.resources)}
