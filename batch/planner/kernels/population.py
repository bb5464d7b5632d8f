"""A population of lists that are crossed over where resources are fullest.

After Valls, Ballestín, Quintanilla (2008), A hybrid genetic algorithm for the RCPSP, and Debels, Vanhoucke (2007), A
decomposition-based genetic algorithm: a child has the jobs of one parent's busiest stretch together and in their order, the
rest in the order of the other parent, and is justified before it joins.
"""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.compiled import allocating, compiled
from batch.planner.kernels.demand import NEVER, Demand, Ints
from batch.planner.kernels.generation import is_better, refine
from batch.planner.kernels.lists import repair, sample, shake
from batch.planner.kernels.skyline import Sky
from batch.planner.kernels.weaving import weave


class Population(NamedTuple):
    """Lists in order of starts with the starts, lateness and makespan of their plans; the best is kept apart.

    `tally` counts children since the best was found or the population begun anew.
    """

    lists: Ints
    starts: Ints
    late: Ints
    span: Ints
    best: Ints
    best_cost: Ints
    tally: Ints


class Desk(NamedTuple):
    """What a pass writes on."""

    wish: Ints
    order: Ints
    start: Ints
    turned: Ints
    limit: Ints
    seen: Ints
    stack: Ints


def make_population(jobs: int, members: int) -> Population:
    """Room for a population of so many members; `introduce` and `fill` seat them."""
    return Population(
        np.zeros((members, jobs), np.int64),
        np.zeros((members, jobs), np.int64),
        np.zeros(members, np.int64),
        np.zeros(members, np.int64),
        np.zeros(jobs, np.int64),
        np.full(2, NEVER, np.int64),
        np.zeros(1, np.int64),
    )


def first_members(people: Population, members: int) -> Population:
    """A population of the first so many seats; the best plan and the tally are those of the whole."""
    return people._replace(
        lists=people.lists[:members],
        starts=people.starts[:members],
        late=people.late[:members],
        span=people.span[:members],
    )


def make_desk(jobs: int) -> Desk:
    """A desk for so many jobs."""
    return Desk(*(np.zeros(jobs, np.int64) for _ in Desk._fields))


@allocating
def introduce(
    forward: Demand, backward: Demand, sky: Sky, desk: Desk, people: Population, key: Ints, member: int
) -> None:
    """Seat the plan that a known one's order (small keys first) gives."""
    desk.wish[:] = np.argsort(key, kind="mergesort")
    repair(forward, desk.wish, desk.order, desk.seen, desk.stack)
    late, span = refine(forward, backward, sky, desk.order, desk.start, desk.turned, desk.limit, 5)
    _seat(people, member, desk, late, span)
    _remember(people, desk, late, span)


@allocating
def introduce_woven(
    forward: Demand,
    backward: Demand,
    sky: Sky,
    desk: Desk,
    people: Population,
    latest: Ints,
    balance: float,
    is_matched: bool,
    member: int,
) -> None:
    """Seat the plan that parallel generation gives."""
    weave(forward, sky, latest, balance, is_matched, desk.start)
    desk.order[:] = np.argsort(desk.start, kind="mergesort")
    late, span = refine(forward, backward, sky, desk.order, desk.start, desk.turned, desk.limit, 3)
    _seat(people, member, desk, late, span)
    _remember(people, desk, late, span)


@allocating
def fill(
    forward: Demand, backward: Demand, sky: Sky, desk: Desk, people: Population, rules: Ints, member: int, seed: int
) -> None:
    """Seat a member by turns of a list by a rule with chance, of parallel generation, and of a list near the best plan."""
    np.random.seed(seed)
    if member % 3 == 2:
        desk.order[:] = np.argsort(people.best, kind="mergesort")
        shake(desk.order, desk.wish, 0.05 + 0.3 * np.random.random())
    elif member % 3 == 1:
        latest = rules[0] + (rules[0].max() - rules[0].min()) * 0.2 * np.random.random() * np.random.random(
            rules.shape[1]
        )
        balance = 0.05 * 400 ** np.random.random()
        weave(forward, sky, latest.astype(np.int64), balance, np.random.random() < 0.7, desk.start)
        desk.wish[:] = np.argsort(desk.start, kind="mergesort")
    else:
        sample(forward, rules[np.random.randint(rules.shape[0])], desk.wish)
    repair(forward, desk.wish, desk.order, desk.seen, desk.stack)
    late, span = refine(forward, backward, sky, desk.order, desk.start, desk.turned, desk.limit, 1)
    _seat(people, member, desk, late, span)
    _remember(people, desk, late, span)


@compiled
def breed(
    forward: Demand, backward: Demand, sky: Sky, desk: Desk, people: Population, children: int, local: float, seed: int
) -> None:
    """So many children, each of which takes the place of a worse member; a share `local` of them by small changes of one."""
    np.random.seed(seed)
    for _ in range(children):
        mother, father = _pick(people), _pick(people)
        if np.random.random() < local:
            _change(people, mother, desk.wish)
        else:
            _cross(forward, people, mother, father, desk)
            _mutate(desk.wish)
        repair(forward, desk.wish, desk.order, desk.seen, desk.stack)
        late, span = refine(forward, backward, sky, desk.order, desk.start, desk.turned, desk.limit, 1)
        people.tally[0] += 1
        if _is_known(people, desk, late, span):
            continue
        if not is_better(people.late[mother], people.span[mother], late, span):
            _seat(people, mother, desk, late, span)
        else:
            worst = _worst(people)
            if not is_better(people.late[worst], people.span[worst], late, span):
                _seat(people, worst, desk, late, span)
        _remember(people, desk, late, span)


@compiled
def _pick(people: Population) -> int:
    """The better of two drawn by chance."""
    one, other = np.random.randint(people.late.size), np.random.randint(people.late.size)
    if is_better(people.late[other], people.span[other], people.late[one], people.span[one]):
        return other
    return one


@compiled
def _worst(people: Population) -> int:
    worst = 0
    for member in range(1, people.late.size):
        if is_better(people.late[worst], people.span[worst], people.late[member], people.span[member]):
            worst = member
    return worst


@compiled
def _cross(demand: Demand, people: Population, mother: int, father: int, desk: Desk) -> None:
    """The father's stretch [low, high) of his list stays together; what the mother starts before it comes first."""
    size = people.lists.shape[1]
    low, high = _busy_stretch(demand, people, father)
    since = people.starts[father, people.lists[father, low]]
    desk.seen[:] = 0
    for at in range(low, high):
        desk.seen[people.lists[father, at]] = 1
    count = 0
    for at in range(size):
        job = people.lists[mother, at]
        if not desk.seen[job] and people.starts[mother, job] < since:
            desk.wish[count] = job
            count += 1
    for at in range(low, high):
        desk.wish[count] = people.lists[father, at]
        count += 1
    for at in range(size):
        job = people.lists[mother, at]
        if not desk.seen[job] and people.starts[mother, job] >= since:
            desk.wish[count] = job
            count += 1


@compiled
def _busy_stretch(demand: Demand, people: Population, member: int) -> tuple[int, int]:
    """Of some stretches drawn by chance, the one with the most work per time."""
    size = people.lists.shape[1]
    best, best_low, best_high = -1.0, 0, size
    for _ in range(3):
        length = max(1, int(size * (0.15 + 0.5 * np.random.random())))
        low = np.random.randint(size - length + 1)
        work, until = 0.0, 0
        for at in range(low, low + length):
            job = people.lists[member, at]
            work += demand.weight[job]
            until = max(until, people.starts[member, job] + demand.duration[job])
        density = work / (until - people.starts[member, people.lists[member, low]] + 1)
        if density > best:
            best, best_low, best_high = density, low, low + length
    return best_low, best_high


@compiled
def _mutate(wish: Ints) -> None:
    """Now and then a job changes places with one nearby."""
    size = wish.size
    if size < 2:
        return
    for at in range(size):
        if np.random.random() < 0.03:
            other = min(size - 1, max(0, at + np.random.randint(-size // 10 - 1, size // 10 + 2)))
            wish[at], wish[other] = wish[other], wish[at]


@compiled
def _change(people: Population, member: int, wish: Ints) -> None:
    """Its list with a stretch in chance order, or with a few jobs put in elsewhere nearby."""
    size = wish.size
    for at in range(size):
        wish[at] = people.lists[member, at]
    if np.random.random() < 0.5:
        length = min(size, 3 + np.random.randint(size // 4 + 1))
        low = np.random.randint(size - length + 1)
        for at in range(low + length - 1, low, -1):
            other = low + np.random.randint(at - low + 1)
            wish[at], wish[other] = wish[other], wish[at]
        return
    reach = size // 6 + 2
    for _ in range(1 + np.random.randint(5)):
        at = np.random.randint(size)
        target = min(size - 1, max(0, at + np.random.randint(-reach, reach + 1)))
        job, step = wish[at], 1 if target > at else -1
        while at != target:
            wish[at] = wish[at + step]
            at += step
        wish[target] = job


@compiled
def _is_known(people: Population, desk: Desk, late: int, span: int) -> bool:
    """Whether a member has the same plan."""
    for member in range(people.late.size):
        if people.late[member] == late and people.span[member] == span:
            job = 0
            while job < desk.start.size and people.starts[member, job] == desk.start[job]:
                job += 1
            if job == desk.start.size:
                return True
    return False


@compiled
def _seat(people: Population, member: int, desk: Desk, late: int, span: int) -> None:
    for at in range(desk.order.size):
        people.lists[member, at] = desk.order[at]
        people.starts[member, at] = desk.start[at]
    people.late[member] = late
    people.span[member] = span


@compiled
def _remember(people: Population, desk: Desk, late: int, span: int) -> None:
    if is_better(late, span, people.best_cost[0], people.best_cost[1]):
        for job in range(desk.start.size):
            people.best[job] = desk.start[job]
        people.best_cost[0] = late
        people.best_cost[1] = span
        people.tally[0] = 0
