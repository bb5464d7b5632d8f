"""What resources allow: no overload where jobs must run, and starts pushed past moments at which too little is left.

Timetables with explanations by single moments: Schutt, Feydt, Stuckey, Wallace (2011), Explaining the cumulative propagator.
"""

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import NEVER
from batch.planner.kernels.trail import NO_ROOM, Facts, Trail, raise_bound

FITS = -1


@compiled
def push_past(facts: Facts, trail: Trail, resource: int) -> int:
    """Push the starts of a resource's members to where it has room; the moment of an overload, or FITS."""
    begin, end = trail.since[resource], trail.until[resource]
    trail.since[resource] = NEVER
    trail.until[resource] = -1
    trail.stale[resource] = 0
    for moment in range(begin, end):
        if trail.used[resource, moment] > facts.room[resource, moment]:
            return moment
    for at in range(facts.member_at[resource], facts.member_at[resource + 1]):
        job = facts.member[at]
        earliest, latest = trail.bound[2 * job], -trail.bound[2 * job + 1]
        is_met = earliest < end and latest + facts.duration[job] > begin
        if trail.pending[at] or is_met:
            trail.pending[at] = 0
            if earliest < latest:
                _push_later(facts, trail, resource, job, facts.member_need[at])
                _push_earlier(facts, trail, resource, job, facts.member_need[at])
    return FITS


@inlined
def _push_later(facts: Facts, trail: Trail, resource: int, job: int, need: int) -> None:
    """Raise the earliest start past every moment the job would meet without room. Its own compulsory part is left out."""
    length = facts.duration[job]
    earliest, latest = trail.bound[2 * job], -trail.bound[2 * job + 1]
    moment = min(earliest + length, latest) - 1
    while moment >= earliest:
        if trail.used[resource, moment] + need > facts.room[resource, moment]:
            raise_bound(facts, trail, 2 * job, moment + 1, NO_ROOM - resource, moment)
            earliest = moment + 1
            moment = min(earliest + length, latest)
        moment -= 1


@inlined
def _push_earlier(facts: Facts, trail: Trail, resource: int, job: int, need: int) -> None:
    """Lower the latest start so that the job ends before every moment it would meet without room."""
    length = facts.duration[job]
    earliest, latest = trail.bound[2 * job], -trail.bound[2 * job + 1]
    moment = max(latest, earliest + length)
    while moment < latest + length:
        if trail.used[resource, moment] + need > facts.room[resource, moment]:
            raise_bound(facts, trail, 2 * job + 1, length - moment, NO_ROOM - resource, moment)
            latest = moment - length
            moment = max(latest, earliest + length) - 1
        moment += 1
