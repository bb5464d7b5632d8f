"""Learnt clauses: of the statements of each at least one is true. Two of each are watched, and looked at when one becomes false."""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import Ints
from batch.planner.kernels.trail import Facts, Trail, fails, holds, raise_bound

CLAUSES, STATEMENTS = range(2)
"""Of `Clauses.counts`: how many there are, and how many statements they have together."""
KEPT = -1


class Clauses(NamedTuple):
    """Clause c is statement[at[c] : at[c] + size[c]]; its first two are watched by the nodes 2c and 2c + 1.

    The nodes that watch a statement are a list, from `watched` along `following`, ended by -1. `depth` is of how many levels of
    guesses a clause was when learnt: the fewer, the more use it is (Audemard, Simon 2009).
    """

    at: Ints
    size: Ints
    depth: Ints
    statement: Ints
    watched: Ints
    following: Ints
    counts: Ints


def make_clauses(statements: int, clauses: int, length: int) -> Clauses:
    """Room for so many clauses, together so long, of these statements."""
    return Clauses(
        at=np.zeros(clauses, np.int64),
        size=np.zeros(clauses, np.int64),
        depth=np.zeros(clauses, np.int64),
        statement=np.zeros(length, np.int32),
        watched=np.full(statements, -1, np.int64),
        following=np.zeros(2 * clauses, np.int64),
        counts=np.zeros(2, np.int64),
    )


@compiled
def add_clause(clauses: Clauses, statements: Ints, size: int, depth: int) -> int:
    """Keep a clause of two statements or more; gives its number."""
    clause: int = clauses.counts[CLAUSES]
    begin = clauses.counts[STATEMENTS]
    clauses.counts[CLAUSES] = clause + 1
    clauses.counts[STATEMENTS] = begin + size
    clauses.at[clause] = begin
    clauses.size[clause] = size
    clauses.depth[clause] = depth
    for at in range(size):
        clauses.statement[begin + at] = statements[at]
    _watch(clauses, clause)
    return clause


@compiled
def draw(facts: Facts, trail: Trail, clauses: Clauses, failed: int) -> int:
    """What follows from the clauses that watch a statement which has become false; a clause all of which is false, or KEPT."""
    node = clauses.watched[failed]
    clauses.watched[failed] = -1
    broken = KEPT
    while node >= 0:
        following = clauses.following[node]
        if broken != KEPT or not _watch_another(facts, trail, clauses, node, failed):
            clauses.following[node] = clauses.watched[failed]
            clauses.watched[failed] = node
            other = clauses.statement[clauses.at[node >> 1] + 1 - (node & 1)]
            if broken != KEPT or holds(facts, trail, other):
                pass
            elif fails(facts, trail, other):
                broken = node >> 1
            else:
                raise_bound(facts, trail, facts.side_of[other], facts.value_of[other], node >> 1, 0)
        node = following
    return broken


@compiled
def thin(facts: Facts, trail: Trail, clauses: Clauses, most: int) -> None:
    """Without guesses, all consequences drawn: drop clauses that are true or deeper than this, and statements that are false."""
    clauses.watched[:] = -1
    kept = end = 0
    for clause in range(clauses.counts[CLAUSES]):
        begin = clauses.at[clause]
        is_kept = clauses.depth[clause] <= most
        size = 0
        for at in range(begin, begin + clauses.size[clause]):
            statement = clauses.statement[at]
            is_kept = is_kept and not holds(facts, trail, statement)
            if is_kept and not fails(facts, trail, statement):
                clauses.statement[end + size] = statement
                size += 1
        if is_kept:
            clauses.at[kept] = end
            clauses.size[kept] = size
            clauses.depth[kept] = clauses.depth[clause]
            _watch(clauses, kept)
            end += size
            kept += 1
    clauses.counts[CLAUSES] = kept
    clauses.counts[STATEMENTS] = end


@inlined
def _watch(clauses: Clauses, clause: int) -> None:
    """Watch a clause's first two statements."""
    for place in range(2):
        statement = clauses.statement[clauses.at[clause] + place]
        clauses.following[2 * clause + place] = clauses.watched[statement]
        clauses.watched[statement] = 2 * clause + place


@inlined
def _watch_another(facts: Facts, trail: Trail, clauses: Clauses, node: int, failed: int) -> bool:
    """Let the node watch a statement that is not false, unless the other watched one is true; says whether it does."""
    begin = clauses.at[node >> 1]
    mine = node & 1
    if holds(facts, trail, clauses.statement[begin + 1 - mine]):
        return False
    for at in range(begin + 2, begin + clauses.size[node >> 1]):
        statement = clauses.statement[at]
        if not fails(facts, trail, statement):
            clauses.statement[at] = failed
            clauses.statement[begin + mine] = statement
            clauses.following[node] = clauses.watched[statement]
            clauses.watched[statement] = node
            return True
    return False
