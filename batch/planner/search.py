"""Search for a better plan with compiled kernels, until time is up or nothing can be won.

A population per processor; the last one takes turns with a solver that learns.
"""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from batch.planner.bounds import latest_starts
from batch.planner.effort import Board, Cost, Effort
from batch.planner.instance import Instance
from batch.planner.kernels.demand import NEVER, Ints, Problem, make_problem
from batch.planner.kernels.generation import place
from batch.planner.kernels.population import (
    Population,
    breed,
    fill,
    first_members,
    introduce,
    introduce_woven,
    make_desk,
    make_population,
)
from batch.planner.kernels.skyline import make_sky
from batch.planner.learner import FOUND, Learner
from batch.planner.schedule import inherited_priorities

_MEMBERS = (30, 60)
"""Of islands by turns: members of the first population, and of every one where populations are not forgotten."""
_MOST_MEMBERS = 960
"""To which they are doubled from one population to the next."""
_LOCAL = 0.15
"""The share of children by small changes."""
_PATIENCE = 40
"""Children per member without success until a new population is begun."""
_FORGETFUL = 300
"""Up to so many jobs it knows nothing of what was found; with more, a population takes too long to be forgotten."""
_FIRST_LEARNING = 40
"""Turns of learning before any population, on the last island: a demand that is not hard is settled by then."""
_LEARNING = 400
"""The same after the first population; after each later one as many as it lived for."""
_COUNCIL = 6
"""Every so many starts that know nothing, one begins with the best of those before."""
_JOBS_PER_TURN = 40_000
_HUGE = 20_000
_BALANCES = ((1.0, True), (5.0, True), (2.0, False), (0.3, True))
"""Of parallel generation: the weight of filling resources, and whether by matching what is free."""


def search(instance: Instance, known: Sequence[Sequence[int]], effort: Effort) -> list[int]:
    """The best starts found (in the order of `jobs`): little lateness first, then a small makespan.

    The known starts need not hold; what comes back is at least as good as those of them that do. Stops at the target.
    """
    problem = make_problem(instance)
    islands = effort.islands or min(2, os.cpu_count() or 1)
    board = Board()
    if not problem.positions:
        return _whole(problem, board.best)
    with ThreadPoolExecutor(islands) as pool:
        crowd = [
            pool.submit(_Island(problem, effort, at, board).evolve, known, at + 1 == islands) for at in range(islands)
        ]
    for island in crowd:
        island.result()
    return _whole(problem, board.best)


def place_list(instance: Instance, order: Sequence[int], *, is_strict: bool = True) -> list[int]:
    """The starts that a precedence-feasible list of positions gives, or parallel generation if it does better.

    Both improved by forward-backward passes; the same for the same input. With `is_strict` the makespan is not made smaller at
    the cost of a priority: its jobs all end by when they would if the list were only placed. Lateness counts more than that.
    """
    problem = make_problem(instance)
    island = _Island(problem, Effort(), 0)
    people = island.people
    if not problem.positions:
        return _whole(problem, people.best)
    rank = [0] * len(instance.jobs)
    for place_in_list, at in enumerate(order):
        rank[at] = place_in_list
    plain, plain_late = island.place(rank)
    island.introduce(rank, 0)
    balances = _BALANCES if len(order) < _HUGE else _BALANCES[:2]
    island.weave(balances)
    if not is_strict:
        return _whole(problem, people.best)
    levels = np.array(inherited_priorities(instance), np.int64)[problem.positions]
    limits = _ends_by_level(problem, plain, levels)
    for member in sorted(range(len(balances) + 1), key=lambda at: (people.late[at], people.span[at], at)):
        starts = people.starts[member]
        if people.late[member] < plain_late or (_ends_by_level(problem, starts, levels) <= limits).all():
            return _whole(problem, starts)
    return _whole(problem, plain)


def _ends_by_level(problem: Problem, starts: Ints, levels: Ints) -> Ints:
    """The end of the last job of each priority."""
    ends = np.zeros(int(levels.max() - levels.min()) + 1, np.int64)
    np.maximum.at(ends, levels - levels.min(), starts + problem.forward.duration)
    return ends


class _Island:
    """One population, on one processor."""

    def __init__(self, problem: Problem, effort: Effort, number: int, board: Board | None = None) -> None:
        self.problem = problem
        self._board = board or Board()
        self._learner: Learner | None = None
        self._effort = effort
        self._seed = (effort.seed * 1_000 + number) * 1_000_003
        jobs = len(problem.positions)
        self._forgets = jobs <= _FORGETFUL
        self._least = min(_MEMBERS[number % len(_MEMBERS)], max(6, 60_000 // (jobs + 1)))
        self._most = _MOST_MEMBERS if self._forgets else self._least
        self._everybody = make_population(jobs, self._most)
        self.people = first_members(self._everybody, self._least)
        self._desk, self._sky = make_desk(jobs), make_sky(problem.forward, problem.backward)

    def place(self, key: Sequence[int]) -> tuple[Ints, int]:
        """The starts that this order of all positions gives, and their lateness."""
        forward = self.problem.forward
        order = np.argsort(np.array([key[at] for at in self.problem.positions], np.int64), kind="stable")
        starts = np.zeros(order.size, np.int64)
        place(forward, self._sky, order, forward.release, starts)
        return starts, int(np.maximum(starts + forward.duration - forward.due, 0).sum())

    def introduce(self, key: Sequence[int], member: int) -> None:
        """Seat the plan that this order of all positions gives."""
        self._seat(self._keys(key), member)

    def _keys(self, key: Sequence[int]) -> Ints:
        return np.array([key[at] for at in self.problem.positions], np.int64)

    def _seat(self, keys: Ints, member: int) -> None:
        introduce(self.problem.forward, self.problem.backward, self._sky, self._desk, self.people, keys, member)

    def weave(self, balances: Sequence[tuple[float, bool]]) -> None:
        """Seat the plans of parallel generation from member 1 on."""
        urgency = _urgency(self.problem)
        for member, (balance, is_matched) in enumerate(balances, start=1):
            introduce_woven(
                self.problem.forward,
                self.problem.backward,
                self._sky,
                self._desk,
                self.people,
                urgency,
                balance,
                is_matched,
                member,
            )

    def evolve(self, known: Sequence[Sequence[int]], learns: bool) -> None:
        """Breed until the effort is spent or the target reached; on the island that learns, learn before and after each population.

        A population that finds nothing more is begun anew, of a small demand without what it found, for all its members have
        become alike; the best of such populations then meet in one. The best plan is on the board.
        """
        seeds = [self._keys(key) for key in known]
        rules = _rules(self.problem)
        members, epoch, turn = self._least, 0, 0
        champions: list[Ints] = []
        learns = learns and self._forgets
        if learns:
            self._settle(seeds, members)
            self._board.post(self._cost, self.people.best)
            turn = self._learn(turn, _FIRST_LEARNING)
        while not self._is_done(turn) or not epoch:
            began = turn
            turn = self._live(seeds, members, rules, turn)
            self._board.post(self._cost, self.people.best)
            epoch += 1
            if not self._forgets:
                seeds = [self.people.best.copy()]
                continue
            champions = [*champions, self.people.best.copy()][-self._most :]
            members = members * 2 if members * 2 <= self._most else self._least
            seeds = champions[-members // 2 :] if epoch % _COUNCIL == 0 else []
            if learns:
                turn = self._learn(turn, turn + (_LEARNING if epoch == 1 else turn - began))

    def _learn(self, turn: int, until: int) -> int:
        """Look for a plan better than the best with what was learnt so far, for some turns; gives the turn it ended in."""
        if self._is_done(turn):
            return turn
        cost, best = self._board.cost, self._board.best
        if self._learner is None:
            self._learner = Learner(self.problem, self._goal(cost))
        learner = self._learner
        if learner.is_worth_while and learner.is_possible:
            learner.aim(self._goal(cost), best)
        while learner.is_worth_while and learner.is_possible and turn < until and not self._is_done(turn):
            turn += 1
            if learner.turn() == FOUND:
                starts = learner.starts
                self._board.post((0, int((starts + self.problem.forward.duration).max())), starts)
            if learner.is_possible and self._board.cost != cost and not self._is_done(turn):
                cost, best = self._board.cost, self._board.best
                learner.aim(self._goal(cost), best)
        if not learner.is_possible:
            is_whole = bool((self.problem.forward.due <= learner.ends).all())
            self._effort.note_impossible(cost, ends=NEVER if is_whole else learner.ends)
        return turn

    def _live(self, seeds: Sequence[Ints], members: int, rules: Ints, turn: int) -> int:
        """A population's life, from its first members until it finds nothing more; gives the turn it ended in."""
        problem, people = self.problem, self._settle(seeds, members)
        self._fill(rules, min(len(seeds), members), turn)
        people.tally[0] = 0
        children = max(1, _JOBS_PER_TURN // max(len(problem.positions), 1))
        while people.tally[0] <= _PATIENCE * members and not self._is_done(turn):
            turn += 1
            seed = (self._seed + turn) % 2**32
            breed(problem.forward, problem.backward, self._sky, self._desk, people, children, _LOCAL, seed)
        return turn

    def _settle(self, seeds: Sequence[Ints], members: int) -> Population:
        """Begin a population with the plans that these keys give."""
        self.people = first_members(self._everybody, members)
        self.people.best_cost[:] = NEVER
        for member, keys in enumerate(seeds[:members]):
            self._seat(keys, member)
        return self.people

    def _fill(self, rules: Ints, first: int, turn: int) -> None:
        """Seat members from `first` on, while there is time."""
        problem = self.problem
        for member in range(first, len(self.people.late)):
            if self._is_done(turn) and member:
                break
            seed = (self._seed + turn * 100_003 + member * 7_919) % 2**32
            fill(problem.forward, problem.backward, self._sky, self._desk, self.people, rules, member, seed)

    @property
    def _cost(self) -> Cost:
        return int(self.people.best_cost[0]), int(self.people.best_cost[1])

    def _is_done(self, turn: int) -> bool:
        if min(self._cost, self._board.cost) <= self._effort.target:
            self._effort.is_over = True
        return self._effort.is_spent(turn)

    def _goal(self, cost: Cost) -> int:
        """When a plan must end that is better: earlier than the best, or where that is late, by its end or the last deadline."""
        late, span = cost
        due = self.problem.forward.due
        return max(span, int(due[due < NEVER].max(initial=0))) if late else span - 1


def _whole(problem: Problem, placed: Ints) -> list[int]:
    starts = [job.start or 0 for job in problem.instance.jobs]
    for at, start in zip(problem.positions, placed.tolist(), strict=True):
        starts[at] = start
    return starts


def _urgency(problem: Problem) -> Ints:
    """The latest starts; each step of priority counts as a quarter of the time between the first and the last of them."""
    latest = np.array(latest_starts(problem.instance), np.int64)[problem.positions]
    priority = np.array(inherited_priorities(problem.instance), np.int64)[problem.positions]
    urgency: Ints = latest + (priority - priority.min()) * (latest.max() - latest.min()) // 4
    return urgency


def _rules(problem: Problem) -> Ints:
    """Priority rules, small first: latest start, latest end, most followers."""
    latest = np.array(latest_starts(problem.instance), np.int64)[problem.positions]
    forward = problem.forward
    followers = np.zeros(len(problem.positions), np.int64)
    for job in range(len(problem.positions) - 1, -1, -1):
        after = forward.after[forward.after_at[job] : forward.after_at[job + 1]]
        followers[job] = (followers[after] + 1).sum()
    return np.stack([latest, latest + forward.duration, latest, -followers])
