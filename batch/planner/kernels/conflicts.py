"""What a conflict teaches: a clause that would have prevented it, by which the search goes back to where it would have mattered.

Marques-Silva, Sakallah (1999), GRASP; Moskewicz and others (2001), Chaff; with bounds of integers, Ohrimenko, Stuckey, Codish
(2009), Propagation via lazy clause generation.
"""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.clauses import Clauses, add_clause
from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import Ints
from batch.planner.kernels.guesses import Guesses, fade, reopen, weigh
from batch.planner.kernels.reasons import Statements, explain_entry
from batch.planner.kernels.trail import (
    ENTRIES,
    GUESS,
    LEVEL,
    NEXT,
    ROOT,
    Facts,
    Trail,
    entry_of,
    forget_stale,
    number_of,
    opposite,
    raise_bound,
    take_back,
)


class Lesson(NamedTuple):
    """What a conflict is analysed with. Of each entry that is `needed`, `least` is the value that is enough.

    `earlier` are such entries of earlier levels, `size[0]` of them; `clause` becomes what is learnt, of the `entry` each.
    """

    needed: Ints
    least: Ints
    earlier: Ints
    size: Ints
    clause: Ints
    entry: Ints


def make_lesson(entries: int, longest: int) -> Lesson:
    """Room for an analysis of so many entries, and a clause so long."""
    return Lesson(
        needed=np.zeros(entries, np.int64),
        least=np.zeros(entries, np.int64),
        earlier=np.zeros(entries, np.int64),
        size=np.zeros(1, np.int64),
        clause=np.zeros(longest, np.int64),
        entry=np.zeros(longest, np.int64),
    )


@compiled
def learn(
    facts: Facts, trail: Trail, clauses: Clauses, guesses: Guesses, said: Statements, lesson: Lesson, count: int
) -> bool:
    """From so many true statements that cannot all be true: learn a clause, go back and draw its conclusion.

    False where they follow from no guess: nothing is possible.
    """
    level = 0
    for at in range(count):
        entry = entry_of(trail, said.side[at], said.value[at])
        if entry >= 0:
            level = max(level, trail.level[entry])
    if level == 0:
        return False
    go_back(facts, trail, guesses, level)
    cause = _find_cause(facts, trail, clauses, guesses, said, lesson, count)
    size = _write_clause(facts, trail, clauses, said, lesson, cause)
    depth = _depth(trail, lesson, size)  # before the levels are left
    go_back(facts, trail, guesses, trail.level[lesson.entry[1]] if size > 1 else 0)
    reason = add_clause(clauses, lesson.clause, size, depth) if size > 1 else GUESS
    learnt = lesson.clause[0]
    raise_bound(facts, trail, facts.side_of[learnt], facts.value_of[learnt], reason, 0)
    fade(guesses)
    return True


@compiled
def go_back(facts: Facts, trail: Trail, guesses: Guesses, level: int) -> None:
    """Undo everything after so many guesses, at which all consequences had been drawn."""
    if level == trail.counts[LEVEL]:
        return
    first = trail.level_at[level + 1]
    for entry in range(trail.counts[ENTRIES] - 1, first - 1, -1):
        take_back(facts, trail, entry)
        reopen(facts, guesses, trail.side[entry], trail.old[entry], trail.value[entry])
    trail.counts[NEXT] = first
    trail.counts[LEVEL] = level
    forget_stale(facts, trail)


@inlined
def _need(facts: Facts, trail: Trail, guesses: Guesses, lesson: Lesson, side: int, value: int, since: int) -> int:
    """Note that the conflict depends on a statement; 1 where that is a new one of the last level, which began with `since`."""
    entry = entry_of(trail, side, value)
    if entry < trail.counts[ROOT]:
        return 0
    if lesson.needed[entry]:
        lesson.least[entry] = max(lesson.least[entry], value)
        return 0
    lesson.needed[entry] = 1
    lesson.least[entry] = value
    weigh(facts, guesses, side, value)
    if entry >= since:
        return 1
    lesson.earlier[lesson.size[0]] = entry
    lesson.size[0] += 1
    return 0


@compiled
def _find_cause(
    facts: Facts, trail: Trail, clauses: Clauses, guesses: Guesses, said: Statements, lesson: Lesson, count: int
) -> int:
    """Replace entries of the last level by their reasons until one is left: the first of which all others are a consequence."""
    since = trail.level_at[trail.counts[LEVEL]]
    lesson.size[0] = 0
    waiting = 0
    for at in range(count):
        waiting += _need(facts, trail, guesses, lesson, said.side[at], said.value[at], since)
    entry: int = trail.counts[ENTRIES]
    while True:
        entry -= 1
        if lesson.needed[entry]:
            lesson.needed[entry] = 0
            waiting -= 1
            if waiting == 0:
                return entry
            count = explain_entry(facts, trail, clauses, said, entry, lesson.least[entry])
            for at in range(count):
                waiting += _need(facts, trail, guesses, lesson, said.side[at], said.value[at], since)


@compiled
def _write_clause(facts: Facts, trail: Trail, clauses: Clauses, said: Statements, lesson: Lesson, cause: int) -> int:
    """The opposites of the cause and of what is needed of earlier levels: the cause first, then the latest. Gives the size."""
    kept = 0
    for at in range(lesson.size[0]):
        entry = lesson.earlier[at]
        if _is_outdone(trail, lesson, entry, cause):
            lesson.needed[entry] = 0
        else:
            lesson.earlier[kept] = entry
            kept += 1
    lesson.clause[0] = opposite(facts, number_of(facts, trail.side[cause], lesson.least[cause]))
    size = 1
    for at in range(kept):
        entry = lesson.earlier[at]
        if not _is_implied(facts, trail, clauses, said, lesson, entry):
            lesson.clause[size] = opposite(facts, number_of(facts, trail.side[entry], lesson.least[entry]))
            lesson.entry[size] = entry
            size += 1
    for at in range(kept):
        lesson.needed[lesson.earlier[at]] = 0
    for at in range(2, size):
        if lesson.entry[at] > lesson.entry[1]:
            lesson.entry[1], lesson.entry[at] = lesson.entry[at], lesson.entry[1]
            lesson.clause[1], lesson.clause[at] = lesson.clause[at], lesson.clause[1]
    return size


@inlined
def _is_outdone(trail: Trail, lesson: Lesson, entry: int, cause: int) -> bool:
    """Whether more is said of the same side by the cause or a later entry that is needed."""
    side = trail.side[entry]
    if side == trail.side[cause]:
        return True
    later = trail.latest[side]
    while later > entry:
        if lesson.needed[later]:
            return True
        later = trail.before[later]
    return False


@inlined
def _is_implied(facts: Facts, trail: Trail, clauses: Clauses, said: Statements, lesson: Lesson, entry: int) -> bool:
    """Whether an entry follows from others that are needed all the same."""
    if trail.reason[entry] == GUESS:
        return False
    count = explain_entry(facts, trail, clauses, said, entry, lesson.least[entry])
    for at in range(count):
        other = entry_of(trail, said.side[at], said.value[at])
        if other >= trail.counts[ROOT] and (not lesson.needed[other] or lesson.least[other] < said.value[at]):
            return False
    return True


@inlined
def _depth(trail: Trail, lesson: Lesson, size: int) -> int:
    """Of how many levels of guesses the clause is."""
    depth = 1
    for at in range(1, size):
        is_new = True
        for other in range(1, at):
            is_new = is_new and trail.level[lesson.entry[other]] != trail.level[lesson.entry[at]]
        if is_new:
            depth += 1
    return depth
