"""Look for a plan within its windows by guesses, their consequences, and what their conflicts teach."""

from batch.planner.kernels.clauses import KEPT, Clauses, draw
from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.conflicts import Lesson, learn
from batch.planner.kernels.demand import NEVER
from batch.planner.kernels.guesses import Guesses, next_guess
from batch.planner.kernels.reasons import NOBODY, Statements, explain_clause, explain_use, state
from batch.planner.kernels.timetable import FITS, push_past
from batch.planner.kernels.trail import (
    ENTRIES,
    GUESS,
    LEVEL,
    NEXT,
    ORDER,
    ROOT,
    Facts,
    Trail,
    number_of,
    opposite,
    raise_bound,
)

LOOKING, FOUND, IMPOSSIBLE = range(3)


@compiled
def look(
    facts: Facts, trail: Trail, clauses: Clauses, guesses: Guesses, said: Statements, lesson: Lesson, most: int
) -> int:
    """Go on until all starts are settled (FOUND, as `trail.bound` has them), IMPOSSIBLE, or after so many conflicts LOOKING."""
    conflicts = 0
    while True:
        count = _follow(facts, trail, clauses, said)
        if count:
            if not learn(facts, trail, clauses, guesses, said, lesson, count):
                return IMPOSSIBLE
            conflicts += 1
            if conflicts >= most and trail.counts[LEVEL] > 0:
                # Without guesses no other clause comes before the next look; with some, one may at once.
                return LOOKING
            continue
        if trail.counts[LEVEL] == 0:
            trail.counts[ROOT] = trail.counts[ENTRIES]
        if conflicts >= most:
            return LOOKING
        guess = next_guess(facts, trail, guesses)
        if guess < 0:
            return FOUND
        trail.counts[LEVEL] += 1
        trail.level_at[trail.counts[LEVEL]] = trail.counts[ENTRIES]
        raise_bound(facts, trail, facts.side_of[guess], facts.value_of[guess], GUESS, 0)


@compiled
def end_by(facts: Facts, trail: Trail, clauses: Clauses, said: Statements, ends: int) -> bool:
    """Without guesses: no job ends after this moment from now on, with all that follows. False where that is impossible."""
    for job in range(facts.duration.size):
        value = facts.duration[job] - ends
        if value > trail.bound[2 * job + 1]:
            if value + trail.bound[2 * job] > 0:
                return False
            raise_bound(facts, trail, 2 * job + 1, value, GUESS, 0)
    is_possible = _follow(facts, trail, clauses, said) == 0
    trail.counts[ROOT] = trail.counts[ENTRIES]
    return is_possible


@compiled
def _follow(facts: Facts, trail: Trail, clauses: Clauses, said: Statements) -> int:
    """Draw all consequences; gives how many statements are said that cannot all be true, 0 without a conflict."""
    while True:
        while trail.counts[NEXT] < trail.counts[ENTRIES]:
            count = _follow_entry(facts, trail, clauses, said)
            if count:
                return count
        is_settled = True
        for resource in range(trail.stale.size):
            if trail.stale[resource] and is_settled:
                overload = push_past(facts, trail, resource)
                if overload != FITS:
                    return explain_use(facts, trail, said, 0, resource, overload, NOBODY, 0, NEVER)
                is_settled = trail.counts[NEXT] == trail.counts[ENTRIES] and not trail.stale[resource]
        if is_settled:
            return 0


@inlined
def _follow_entry(facts: Facts, trail: Trail, clauses: Clauses, said: Statements) -> int:
    """What follows from the next entry by the order of jobs and by clauses."""
    entry = trail.counts[NEXT]
    trail.counts[NEXT] = entry + 1
    side, value = trail.side[entry], trail.value[entry]
    for arc in range(facts.arc_at[side], facts.arc_at[side + 1]):
        to, by = facts.arc_to[arc], facts.arc_by[arc]
        if value + by > trail.bound[to]:
            if value + by + trail.bound[to ^ 1] > 0:
                least = 1 - trail.bound[to ^ 1]
                return state(said, state(said, 0, facts.arc_from[arc], least - by), to ^ 1, 1 - least)
            raise_bound(facts, trail, to, value + by, ORDER, arc)
    for reached in range(trail.old[entry] + 1, value + 1):
        failed = opposite(facts, number_of(facts, side, reached))
        broken = draw(facts, trail, clauses, failed)
        if broken != KEPT:
            return explain_clause(facts, clauses, said, broken, -1)
    return 0
