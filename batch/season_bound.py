"""What no assignment of runs to nights can beat. Pure."""

from collections import defaultdict

from batch.season import MILLION, SeasonDemand


def least_peak(demand: SeasonDemand) -> int:
    """A lower bound of the peak share, in millionths, rounded up.

    The largest of: what a night carries in any case; a run on the best of its nights; and, for every span of nights, the
    work of the runs that cannot leave it and of what those nights carry anyway, spread evenly over the nights these runs may
    have (as if runs could be cut at will).
    """
    alone = [
        min(demand.share_of([a + b for a, b in zip(demand.base[night], run.work, strict=True)]) for night in run.nights)
        for run in demand.runs
    ]
    base = [demand.share_of(work) for work in demand.base]
    return max([*alone, *base, _of_spans(demand)], default=0)


def _of_spans(demand: SeasonDemand) -> int:
    """Runs that may have the same nights are one group; the spans that matter begin and end where some group does."""
    groups: defaultdict[tuple[int, ...], list[int]] = defaultdict(lambda: [0] * len(demand.resources))
    for run in demand.runs:
        total = groups[run.nights]
        for resource, amount in enumerate(run.work):
            total[resource] += amount
    best = 0
    for first in sorted({nights[0] for nights in groups}):
        inside = sorted((nights[-1], nights, work) for nights, work in groups.items() if nights[0] >= first)
        allowed: set[int] = set()
        total = [0] * len(demand.resources)
        for _, nights, work in inside:
            for night in set(nights) - allowed:
                total = [a + b for a, b in zip(total, demand.base[night], strict=True)]
            allowed |= set(nights)
            total = [a + b for a, b in zip(total, work, strict=True)]
            for amount, room in zip(total, demand.room, strict=True):
                best = max(best, -(-amount * MILLION // (room * len(allowed))))
    return best
