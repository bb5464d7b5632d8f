"""A solver that learns from its conflicts, for demands of which a plan is hard to improve: it finds one, or proves there is none.

Lazy clause generation as in Schutt, Feydt, Stuckey, Wallace (2011) and (2013), Solving RCPSP/max by lazy clause generation; the
work is done by the kernels from `trail` to `learning`.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from batch.planner.bounds import heads, latest_starts_by
from batch.planner.kernels.clauses import CLAUSES, STATEMENTS, make_clauses, thin
from batch.planner.kernels.conflicts import go_back, make_lesson
from batch.planner.kernels.demand import Ints, Problem, ints, offsets
from batch.planner.kernels.guesses import make_guesses
from batch.planner.kernels.learning import FOUND, IMPOSSIBLE, end_by, look
from batch.planner.kernels.reasons import make_statements
from batch.planner.kernels.trail import Facts, make_trail
from batch.planner.room import Room, group_room, resource_room

__all__ = ["FOUND", "Learner"]

_MOST_STATEMENTS = 150_000
"""Windows that are wider together take more memory and time than what is learnt is worth."""
_MOST_ROOM = 4_000_000
"""Moments of all resources together; the same holds for them."""
_CONFLICTS = 200
"""Of a turn: some ten milliseconds."""
_LENGTH = 2_000
"""Moments for which all jobs use resources that so many conflicts are for; where it is more, a turn has fewer."""
_STRIDE = 50
"""Conflicts after which all guesses are taken back, times the Luby series (1, 1, 2, 1, 1, 2, 4, …)."""
_CLAUSES = 2_000
"""With more, the deeper half goes."""
_MORE_CLAUSES = 100
"""How many more are kept each time that they are thinned."""
_DEEP = 3
"""Clauses of so few levels are kept for good."""
_ROOM_FOR_CLAUSES = 60_000
"""Clauses, and their statements together; when that is full all are forgotten."""
_ROOM_FOR_STATEMENTS = 3_000_000

_Resource = tuple[Room, list[tuple[int, int]]]
"""The room over time, and the members' (job, need)."""


class Learner:
    """Looks for plans without lateness that end by a moment, from turn to turn; what it learnt holds for every earlier moment.

    Nothing may be asked of it where nothing `is_possible`, or where it is not `is_worth_while`: the windows are too wide.
    """

    def __init__(self, problem: Problem, ends: int) -> None:
        self.ends = ends
        earliest, latest = _windows(problem, ends)
        self.is_possible = bool((earliest <= latest).all())
        self._origin = int(earliest.min()) if earliest.size else 0
        self._luby = 0
        self._left = 0
        self._limit = _CLAUSES
        resources = _resources(problem)
        room = (ends - self._origin + 1) * len(resources)
        is_small = int((latest - earliest).sum()) <= _MOST_STATEMENTS and room <= _MOST_ROOM
        self.is_worth_while = self.is_possible and is_small and earliest.size > 0
        if self.is_worth_while:
            self._build(problem, resources, earliest - self._origin, latest - self._origin)

    @property
    def starts(self) -> Ints:
        """The plan, once a turn has FOUND one, in the order of the problem's jobs."""
        return self._trail.bound[0::2] + self._origin

    @property
    def clauses(self) -> int:
        """How many clauses are learnt and kept."""
        return int(self._clauses.counts[CLAUSES])

    def aim(self, ends: int, wish: Ints) -> None:
        """Look for plans that end by this moment, which is not later than before, and are like the starts wished for."""
        go_back(self._facts, self._trail, self._guesses, 0)
        self._left = 0
        self._guesses.wish[:] = wish - self._origin
        if ends < self.ends:
            self.ends = ends
            self.is_possible = end_by(self._facts, self._trail, self._clauses, self._said, ends - self._origin)

    def warm_up(self) -> None:
        """Have every kernel compiled: of a demand that has a plan."""
        self.aim(self.ends - 1, np.zeros(self._facts.duration.size, np.int64))
        self.turn()
        go_back(self._facts, self._trail, self._guesses, 0)
        thin(self._facts, self._trail, self._clauses, 0)

    def turn(self) -> int:
        """Go on for a while: FOUND, or not yet; see then whether anything still `is_possible`."""
        if self._left <= 0 or self._is_full or self.clauses > 2 * self._limit:
            self._restart()
        most = min(self._left, self._conflicts)
        self._left -= most
        answer = look(self._facts, self._trail, self._clauses, self._guesses, self._said, self._lesson, most)
        self.is_possible = answer != IMPOSSIBLE
        return int(answer)

    def _restart(self) -> None:
        """Take the guesses back; of many clauses keep those of few levels."""
        go_back(self._facts, self._trail, self._guesses, 0)
        self._luby += 1
        self._left = _STRIDE * _luby(self._luby)
        count = self.clauses
        if count > self._limit:
            depths = np.sort(self._clauses.depth[:count])
            deepest = int(depths[self._limit // 2])
            if np.searchsorted(depths, deepest, side="right") > self._limit * 4 // 5:
                deepest -= 1
            thin(self._facts, self._trail, self._clauses, max(_DEEP, deepest))
            self._limit = max(self._limit + _MORE_CLAUSES, self.clauses * 5 // 4)
        if self._is_full:
            thin(self._facts, self._trail, self._clauses, 0)

    @property
    def _is_full(self) -> bool:
        """Whether there may be no room for the clauses of a turn. A clause says at most one thing of each side of each start."""
        statements = int(self._clauses.counts[STATEMENTS])
        longest = 2 * self._facts.duration.size
        return (
            self.clauses + self._conflicts > _ROOM_FOR_CLAUSES
            or statements + self._conflicts * longest > _ROOM_FOR_STATEMENTS
        )

    def _build(self, problem: Problem, resources: Sequence[_Resource], earliest: Ints, latest: Ints) -> None:
        duration, jobs = problem.forward.duration, earliest.size
        statements = int((latest - earliest).sum())
        first, side_of, value_of = _number(earliest, latest)
        arcs = _arcs(problem)
        uses: list[list[tuple[int, int, int]]] = [[] for _ in range(jobs)]
        place = 0
        for resource, (_, members) in enumerate(resources):
            for job, need in members:
                uses[job].append((resource, need, place))
                place += 1
        room = np.zeros((len(resources), self.ends - self._origin + 1), np.int64)
        used = np.zeros_like(room)
        for resource, (steps, members) in enumerate(resources):
            for moment, amount in steps:
                room[resource, max(0, moment - self._origin) :] = amount
            for job, need in members:
                used[resource, latest[job] : earliest[job] + duration[job]] += need
        length = sum(len(mine) * int(each) for mine, each in zip(uses, duration, strict=True))
        self._conflicts = max(5, _CONFLICTS * _LENGTH // max(_LENGTH, length))
        every_member = [members for _, members in resources]
        self._facts = Facts(
            duration,
            first,
            side_of,
            value_of,
            _offsets(arcs),
            np.repeat(np.arange(2 * jobs), [len(mine) for mine in arcs]),
            _column(arcs, 0),
            _column(arcs, 1),
            _offsets(uses),
            _column(uses, 0),
            _column(uses, 1),
            _column(uses, 2),
            _offsets(every_member),
            _column(every_member, 0),
            _column(every_member, 1),
            room,
        )
        self._trail = make_trail(earliest, latest, used, place)
        self._clauses = make_clauses(2 * statements, _ROOM_FOR_CLAUSES, _ROOM_FOR_STATEMENTS)
        self._guesses = make_guesses(statements, earliest)
        self._said = make_statements(2 * (jobs + 1) + int(np.diff(self._facts.member_at).max(initial=0)))
        self._lesson = make_lesson(2 * statements + 1, 2 * jobs + 2)


def _windows(problem: Problem, ends: int) -> tuple[Ints, Ints]:
    """Earliest and latest starts by order, releases, blackouts and deadlines, if all is to end by a moment."""
    earliest, latest = heads(problem.instance), latest_starts_by(problem.instance, ends)
    return ints(earliest[at] for at in problem.positions), ints(latest[at] for at in problem.positions)


def _resources(problem: Problem) -> list[_Resource]:
    """Every resource that is used, and as one more every group that has a limit or a blackout."""
    instance = problem.instance
    jobs = [(job, at) for job, at in enumerate(problem.positions) if instance.jobs[at].duration]
    result: list[_Resource] = []
    for resource in range(len(instance.resources)):
        needs = [(job, instance.needs[at][resource]) for job, at in jobs]
        result.append((resource_room(instance, resource), [(job, need) for job, need in needs if need]))
    for group in sorted({instance.jobs[at].group for _, at in jobs}):
        room = group_room(instance, group)
        if room is not None:
            result.append((room, [(job, 1) for job, at in jobs if instance.jobs[at].group == group]))
    return [(room, members) for room, members in result if members]


def _number(earliest: Ints, latest: Ints) -> tuple[Ints, Ints, Ints]:
    """`first`, `side_of` and `value_of` of the statements that these windows leave open."""
    widths = latest - earliest
    half = int(widths.sum())
    begins = np.cumsum(widths) - widths - earliest - 1
    first = np.stack([begins, half + begins + 1], axis=1).reshape(-1)
    job_of = np.repeat(np.arange(earliest.size), widths)
    value_of = np.arange(half) - begins[job_of]
    return first, np.concatenate([2 * job_of, 2 * job_of + 1]), np.concatenate([value_of, 1 - value_of])


def _arcs(problem: Problem) -> list[list[tuple[int, int]]]:
    """Of each side the (side, by) that follow it: of a job's end the starts after it, of a start the ends before it."""
    demand = problem.forward
    arcs: list[list[tuple[int, int]]] = [[] for _ in range(2 * demand.duration.size)]
    for job, length in enumerate(demand.duration.tolist()):
        for after in demand.after[demand.after_at[job] : demand.after_at[job + 1]].tolist():
            arcs[2 * job].append((2 * after, length))
            arcs[2 * after + 1].append((2 * job + 1, length))
    return arcs


def _luby(number: int) -> int:
    """The number-th (from 1) of the series of Luby, Sinclair, Zuckerman (1993)."""
    power = number.bit_length()
    if number == (1 << power) - 1:
        return 1 << (power - 1)
    return _luby(number - (1 << (power - 1)) + 1)


def _offsets(lists: Sequence[Sequence[Any]]) -> Ints:
    return offsets([len(values) for values in lists])


def _column(lists: Sequence[Sequence[Any]], column: int) -> Ints:
    return ints(entry[column] for values in lists for entry in values)
