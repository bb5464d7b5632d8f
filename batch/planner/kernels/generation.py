"""Serial schedule generation on a list, and forward-backward improvement of what it gives."""

from batch.planner.kernels.compiled import compiled, inlined
from batch.planner.kernels.demand import Demand, Ints
from batch.planner.kernels.skyline import Sky, clear, earliest, take

_LONG = 400


@compiled
def place(demand: Demand, sky: Sky, order: Ints, release: Ints, start: Ints) -> None:
    """Each job of a precedence-feasible list as early as its predecessors, its release and the room allow."""
    clear(demand, sky)
    for job in order:
        ready = release[job]
        for at in range(demand.before_at[job], demand.before_at[job + 1]):
            earlier = demand.before[at]
            ready = max(ready, start[earlier] + demand.duration[earlier])
        start[job] = earliest(demand, sky, job, ready)
        take(demand, sky, job, start[job])


@inlined
def span_of(demand: Demand, start: Ints) -> int:
    """The end of the last job; 0 where there is none."""
    span = 0
    for job in range(start.size):
        span = max(span, start[job] + demand.duration[job])
    return span


@inlined
def lateness_of(demand: Demand, start: Ints) -> int:
    """By how much all jobs together miss their deadlines."""
    late = 0
    for job in range(start.size):
        late += max(0, start[job] + demand.duration[job] - demand.due[job])
    return late


@compiled
def justify(forward: Demand, backward: Demand, sky: Sky, order: Ints, start: Ints, turned: Ints, limit: Ints) -> None:
    """One forward-backward pass: all jobs as late as the makespan allows, in order of their ends, then as early as possible.

    Valls, Ballestín, Quintanilla (2005), Justification and RCPSP. No job that is not late comes to end after its
    deadline, and the makespan does not grow: each job's place is still free when its turn comes.
    `order` becomes the order of starts.
    """
    span = span_of(forward, start)
    for job in range(start.size):
        end = start[job] + forward.duration[job]
        # A job that is late keeps its end; another may move up to its deadline.
        limit[job] = -(end if end > forward.due[job] else min(span, forward.due[job]))
        turned[job] = -end
    sort_by(turned, order, False)
    place(backward, sky, order, limit, turned)
    for job in range(start.size):
        turned[job] = -turned[job] - forward.duration[job]
    sort_by(turned, order, True)
    place(forward, sky, order, forward.release, start)
    sort_by(start, order, True)


@compiled
def sort_by(key: Ints, order: Ints, is_forward: bool) -> None:
    """Sort the jobs by rising key; equals in (or against) topological order, which is that of their numbers.

    By insertion, for the order is usually near what it will be; in a long one first over wide gaps (Shell).
    """
    gap = 1
    while order.size > _LONG and gap < order.size // 9:
        gap = 3 * gap + 1
    while gap:
        for at in range(gap, order.size):
            job = order[at]
            value = key[job]
            back = at - gap
            while back >= 0 and _is_after(key[order[back]], order[back], value, job, is_forward):
                order[back + gap] = order[back]
                back -= gap
            order[back + gap] = job
        gap //= 3


@inlined
def _is_after(key: int, job: int, other_key: int, other: int, is_forward: bool) -> bool:
    if key != other_key:
        return key > other_key
    return (job > other) == is_forward


@inlined
def is_better(late: int, span: int, than_late: int, than_span: int) -> bool:
    """Lateness first, then the makespan."""
    return late < than_late or (late == than_late and span < than_span)


@compiled
def refine(
    forward: Demand, backward: Demand, sky: Sky, order: Ints, start: Ints, turned: Ints, limit: Ints, most: int
) -> tuple[int, int]:
    """Place the list, then pass over it forward and backward while that helps; gives lateness and makespan."""
    place(forward, sky, order, forward.release, start)
    sort_by(start, order, True)
    late, span = lateness_of(forward, start), span_of(forward, start)
    for _ in range(most):
        justify(forward, backward, sky, order, start, turned, limit)
        new_late, new_span = lateness_of(forward, start), span_of(forward, start)
        has_gained = is_better(new_late, new_span, late, span)
        late, span = new_late, new_span
        if not has_gained:
            break
    return late, span
