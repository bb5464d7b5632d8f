"""Why a bound was raised: earlier statements that together leave no choice. Worked out only when a conflict asks."""

from typing import NamedTuple

import numpy as np

from batch.planner.kernels.clauses import Clauses
from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import Ints
from batch.planner.kernels.trail import NO_ROOM, ORDER, ROOT, Facts, Trail, entry_of, number_of, opposite

NOBODY = -1


class Statements(NamedTuple):
    """A list of statements; `entry` is for sorting them by when they came to be true."""

    side: Ints
    value: Ints
    entry: Ints


def make_statements(most: int) -> Statements:
    """Room for so many statements."""
    return Statements(np.zeros(most, np.int64), np.zeros(most, np.int64), np.zeros(most, np.int64))


@inlined
def state(said: Statements, count: int, side: int, value: int) -> int:
    """Append a statement; gives the new count."""
    said.side[count] = side
    said.value[count] = value
    return count + 1


@compiled
def explain_clause(facts: Facts, clauses: Clauses, said: Statements, clause: int, besides: int) -> int:
    """The opposites of a clause's statements, one left out (or none: -1). Gives their count."""
    count = 0
    for at in range(clauses.at[clause], clauses.at[clause] + clauses.size[clause]):
        statement = clauses.statement[at]
        if statement != besides:
            denied = opposite(facts, statement)
            count = state(said, count, facts.side_of[denied], facts.value_of[denied])
    return count


@compiled
def explain_entry(facts: Facts, trail: Trail, clauses: Clauses, said: Statements, entry: int, value: int) -> int:
    """Statements true before an entry from which it follows that its side's bound is at least this value."""
    side, reason, why = trail.side[entry], trail.reason[entry], trail.why[entry]
    if reason == ORDER:
        return state(said, 0, facts.arc_from[why], value - facts.arc_by[why])
    if reason <= NO_ROOM:
        job, resource = side >> 1, NO_ROOM - reason
        at = facts.use_at[job]
        while facts.use_of[at] != resource:
            at += 1
        # The job would have met the moment: it did not start too early for that, or not too late.
        count = state(said, 0, side, -why if side & 1 else why + 1 - facts.duration[job])
        return explain_use(facts, trail, said, count, resource, why, job, facts.use_need[at], entry)
    return explain_clause(facts, clauses, said, reason, number_of(facts, side, trail.value[entry]))


@compiled
def explain_use(
    facts: Facts,
    trail: Trail,
    said: Statements,
    begin: int,
    resource: int,
    moment: int,
    besides: int,
    need: int,
    before: int,
) -> int:
    """Append why others (all but one job, or NOBODY left out) leave less than the need at a moment, before an entry.

    Of the jobs that must run then, as few as are enough, the latest entries left out first.
    """
    count, total = begin, 0
    for at in range(facts.member_at[resource], facts.member_at[resource + 1]):
        job = facts.member[at]
        entry = before if job == besides else _compulsory_from(facts, trail, job, moment, before)
        if entry < before:
            total += facts.member_need[at]
            place = count
            while place > begin and said.entry[place - 1] < entry:
                said.side[place] = said.side[place - 1]
                said.value[place] = said.value[place - 1]
                said.entry[place] = said.entry[place - 1]
                place -= 1
            said.side[place] = job
            said.value[place] = facts.member_need[at]
            said.entry[place] = entry
            count += 1
    spare = total - (facts.room[resource, moment] - need) - 1
    kept = begin
    for place in range(begin, count):
        if said.value[place] <= spare and said.entry[place] >= trail.counts[ROOT]:
            spare -= said.value[place]
        else:
            said.side[kept] = said.side[place]
            kept += 1
    for number in range(kept - begin - 1, -1, -1):
        job = said.side[begin + number]
        place = state(said, begin + 2 * number, 2 * job, moment + 1 - facts.duration[job])
        state(said, place, 2 * job + 1, -moment)
    return begin + 2 * (kept - begin)


@inlined
def _compulsory_from(facts: Facts, trail: Trail, job: int, moment: int, before: int) -> int:
    """The entry since which the job must run at a moment; `before` where it need not, or only later."""
    at_earliest, at_latest = moment + 1 - facts.duration[job], -moment
    if trail.bound[2 * job] < at_earliest or trail.bound[2 * job + 1] < at_latest:
        return before
    return max(entry_of(trail, 2 * job, at_earliest), entry_of(trail, 2 * job + 1, at_latest))
