"""Lists of jobs: from keys, from rules with chance, and repaired so that each job comes after its predecessors."""

import numpy as np

from batch.planner.kernels.compiled import allocating, compiled
from batch.planner.kernels.demand import Demand, Ints


@compiled
def repair(demand: Demand, wish: Ints, order: Ints, seen: Ints, stack: Ints) -> None:
    """The wish with every job preceded by its predecessors: those still missing are put in just before it."""
    seen[:] = 0
    count = 0
    for wanted in wish:
        if seen[wanted]:
            continue
        depth = 0
        stack[0] = wanted
        while depth >= 0:
            job = stack[depth]
            missing = -1
            for at in range(demand.before_at[job], demand.before_at[job + 1]):
                if not seen[demand.before[at]]:
                    missing = demand.before[at]
                    break
            if missing >= 0:
                depth += 1
                stack[depth] = missing
            else:
                seen[job] = 1
                order[count] = job
                count += 1
                depth -= 1


@allocating
def sample(demand: Demand, rule: Ints, wish: Ints) -> None:
    """A wish by a rule (small first) with as much chance as chance decides."""
    low, high = rule.min(), rule.max()
    width = float(max(high - low, 1))
    noise = np.random.random() ** 2 * 0.6
    key = np.empty(rule.size, np.float64)
    for job in range(rule.size):
        key[job] = (rule[job] - low) / width + noise * np.random.random()
    wish[:] = np.argsort(key, kind="mergesort")


@allocating
def shake(order: Ints, wish: Ints, strength: float) -> None:
    """A wish near a list: each job moves by chance up to a share of the list."""
    key = np.empty(order.size, np.float64)
    reach = strength * order.size
    for at in range(order.size):
        key[at] = at + reach * np.random.random()
    for at, place in enumerate(np.argsort(key, kind="mergesort")):
        wish[at] = order[place]
