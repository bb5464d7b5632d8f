"""Which night each heavy run gets, so that the fullest night is as little full as can be, with few runs moved. Pure.

The highest night is relieved by moving one of its runs, by exchanging one with another night's, or by pushing one on (the
night it goes to passes one of its own to a third), as long as all nights concerned stay lower than it was; then the next
highest, until none can be helped. It starts from the usual nights and from a greedy assignment (largest run first to the
emptiest night); the better is kept, and every run goes back to its usual night that can without raising the peak.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace

from batch.season import Move, Season, SeasonDemand, SeasonRun, SingleMove, check_season
from batch.season_bound import least_peak

_PARTNERS = 40
"""How many of the largest runs of a night are tried as partners of an exchange."""
_LISTED = 50


def plan_season(demand: SeasonDemand) -> Season:
    """The planned year, checked, with its bound. The same for the same input."""
    demand = _narrowed(demand)
    usual = tuple(run.usual for run in demand.runs)
    bound = least_peak(demand)
    best = _improved(demand, usual)
    if best.peak() > bound:
        other = _improved(demand, _greedy(demand))
        if other.peak() < best.peak():
            best = other
    best.go_back()
    after = tuple(best.night)
    return Season(
        demand=demand,
        before=usual,
        after=after,
        bound=bound,
        moves=tuple(_moves(demand, after)),
        single_moves=tuple(_single_moves(demand, usual)),
        faults=tuple(check_season(demand, after)),
    )


class Assignment:
    """The night of each run, with the load of every night kept up."""

    def __init__(self, demand: SeasonDemand, nights: Sequence[int]) -> None:
        self.demand = demand
        self.night = list(nights)
        self.load = demand.loads(nights)
        self.share = [demand.share_of(work) for work in self.load]
        self.on: defaultdict[int, set[int]] = defaultdict(set)
        for at, night in enumerate(nights):
            self.on[night].add(at)
        self._earlier = [[demand.index[key] for key in run.after if key in demand.index] for run in demand.runs]
        self._later: list[list[int]] = [[] for _ in demand.runs]
        for at, earlier in enumerate(self._earlier):
            for predecessor in earlier:
                self._later[predecessor].append(at)

    def peak(self) -> int:
        """The largest share of a night."""
        return max(self.share, default=0)

    def with_run(self, night: int, run: SeasonRun, sign: int = 1) -> int:
        """The share of the night with the run added, or (sign -1) taken away."""
        pairs = zip(self.load[night], run.work, strict=True)
        return self.demand.share_of([amount + sign * work for amount, work in pairs])

    def exchanged(self, night: int, out: SeasonRun, into: SeasonRun) -> int:
        """The share of the night with one run in the other's place."""
        return self.demand.share_of(
            [amount - less + more for amount, less, more in zip(self.load[night], out.work, into.work, strict=True)]
        )

    def may(self, at: int, night: int) -> bool:
        """Whether the run may have the night while all others keep theirs."""
        return (
            night in self.demand.runs[at].nights
            and all(self.night[earlier] <= night for earlier in self._earlier[at])
            and all(self.night[later] >= night for later in self._later[at])
        )

    def move(self, at: int, night: int) -> None:
        """Give the run another night."""
        old, run = self.night[at], self.demand.runs[at]
        for resource, amount in enumerate(run.work):
            self.load[old][resource] -= amount
            self.load[night][resource] += amount
        self.share[old] = self.demand.share_of(self.load[old])
        self.share[night] = self.demand.share_of(self.load[night])
        self.on[old].discard(at)
        self.on[night].add(at)
        self.night[at] = night

    def go_back(self) -> None:
        """Let every run that can without raising the peak have its usual night again, the smallest first."""
        limit = self.peak()
        moved = [at for at, run in enumerate(self.demand.runs) if self.night[at] != run.usual]
        for at in sorted(moved, key=lambda at: (self.demand.share_of(self.demand.runs[at].work), at)):
            run = self.demand.runs[at]
            if self.may(at, run.usual) and self.with_run(run.usual, run) <= limit:
                self.move(at, run.usual)


def _improved(demand: SeasonDemand, nights: Sequence[int]) -> Assignment:
    state = Assignment(demand, nights)
    settled: set[int] = set()
    while len(settled) < len(demand.nights):
        highest = max(
            (night for night in range(len(demand.nights)) if night not in settled), key=state.share.__getitem__
        )
        if not (_relieve(state, highest) or _exchange(state, highest) or _push_on(state, highest)):
            settled.add(highest)
    return state


def _relieve(state: Assignment, night: int) -> bool:
    """Move the largest run away that another night can take and still be lower."""
    for at in _largest(state, night):
        run = state.demand.runs[at]
        lower = [
            (state.with_run(other, run), other)
            for other in run.nights
            if other != night and state.share[other] < state.share[night] and state.may(at, other)
        ]
        if lower and min(lower)[0] < state.share[night] and run.work != _nothing(state):
            state.move(at, min(lower)[1])
            return True
    return False


def _nothing(state: Assignment) -> tuple[int, ...]:
    return (0,) * len(state.demand.resources)


def _largest(state: Assignment, night: int) -> list[int]:
    runs = state.demand.runs
    return sorted(state.on[night], key=lambda at: (-state.demand.share_of(runs[at].work), at))


def _exchange(state: Assignment, night: int) -> bool:
    for at, partner in _pairs(state, night):
        run, other_run, other = state.demand.runs[at], state.demand.runs[partner], state.night[partner]
        high = state.share[night]
        if state.exchanged(night, run, other_run) >= high or state.exchanged(other, other_run, run) >= high:
            continue
        state.move(at, other)
        if state.may(partner, night):
            state.move(partner, night)
            return True
        state.move(at, night)
    return False


def _push_on(state: Assignment, night: int) -> bool:
    """Move a run to a night that first passes one of its own on to a third."""
    high = state.share[night]
    for at, partner in _pairs(state, night, must_return=False):
        run, other, passed = state.demand.runs[at], state.night[partner], state.demand.runs[partner]
        if state.exchanged(other, passed, run) >= high:
            continue
        for third in passed.nights:
            if third in (night, other) or state.with_run(third, passed) >= high or not state.may(partner, third):
                continue
            state.move(partner, third)
            if state.may(at, other):
                state.move(at, other)
                return True
            state.move(partner, other)
    return False


def _pairs(state: Assignment, night: int, *, must_return: bool = True) -> Iterator[tuple[int, int]]:
    """A run of the night with a run of a lower night it may have; that one may have this night, if it must."""
    for at in _largest(state, night)[:_PARTNERS]:
        for other in state.demand.runs[at].nights:
            if other != night and state.share[other] < state.share[night] and state.may(at, other):
                for partner in _largest(state, other)[:_PARTNERS]:
                    if partner != at and (not must_return or night in state.demand.runs[partner].nights):
                        yield at, partner


def _greedy(demand: SeasonDemand) -> list[int]:
    """Largest run first, each on the night that is then least full, of those that leave every other run one."""
    ranges = _Ranges(demand)
    empty = Assignment(SeasonDemand(demand.nights, demand.capacity, demand.window, demand.base, ()), ())
    for at in sorted(range(len(demand.runs)), key=lambda at: (-demand.share_of(demand.runs[at].work), at)):
        run = demand.runs[at]
        night = min(ranges.nights(at), key=lambda night: (empty.with_run(night, run), night))
        ranges.settle(at, night)
        for resource, amount in enumerate(run.work):
            empty.load[night][resource] += amount
    return ranges.first


class _Ranges:
    """The first and the last night each run can have, so that every other still finds one after those it builds on.

    Where all orders hold between the first nights and between the last ones, any night of a run's own between its two leaves
    the others some: the first nights still hold for those before it, the last ones for those after it.
    """

    def __init__(self, demand: SeasonDemand) -> None:
        self._runs = demand.runs
        self._earlier = [[demand.index[key] for key in run.after if key in demand.index] for run in demand.runs]
        self._later: list[list[int]] = [[] for _ in demand.runs]
        for at, earlier in enumerate(self._earlier):
            for other in earlier:
                self._later[other].append(at)
        self.first = [run.nights[0] for run in demand.runs]
        self.last = [run.nights[-1] for run in demand.runs]
        for at in range(len(demand.runs)):
            self._spread(at)

    def nights(self, at: int) -> tuple[int, ...]:
        """The nights that a run can have; its usual one where orders leave it none even as usual."""
        run = self._runs[at]
        return tuple(night for night in run.nights if self.first[at] <= night <= self.last[at]) or (run.usual,)

    def settle(self, at: int, night: int) -> None:
        """Give the run this night."""
        self.first[at] = self.last[at] = night
        self._spread(at)

    def _spread(self, changed: int) -> None:
        todo = [changed]
        while todo:
            at = todo.pop()
            for other in self._later[at]:
                if self.first[other] < self.first[at]:
                    fitting = [night for night in self._runs[other].nights if night >= self.first[at]]
                    self.first[other] = fitting[0] if fitting else self.first[at]
                    todo.append(other)
            for other in self._earlier[at]:
                if self.last[other] > self.last[at]:
                    fitting = [night for night in self._runs[other].nights if night <= self.last[at]]
                    self.last[other] = fitting[-1] if fitting else self.last[at]
                    todo.append(other)


def _narrowed(demand: SeasonDemand) -> SeasonDemand:
    """Nights that precedence rules out in any case are taken out of the runs' ranges."""
    ranges = _Ranges(demand)
    runs = tuple(replace(run, nights=ranges.nights(at)) for at, run in enumerate(demand.runs))
    return SeasonDemand(demand.nights, demand.capacity, demand.window, demand.base, runs)


def _moves(demand: SeasonDemand, after: Sequence[int]) -> Iterator[Move]:
    state = Assignment(demand, after)
    peak = state.peak()
    for at, run in enumerate(demand.runs):
        if after[at] != run.usual:
            yield Move(run, after[at], max(state.with_run(run.usual, run) - peak, 0))


def _single_moves(demand: SeasonDemand, usual: Sequence[int]) -> list[SingleMove]:
    """The runs of the highest night as usual, with the best other night of each; what saves most comes first."""
    state = Assignment(demand, usual)
    if not state.share:
        return []
    night = max(range(len(demand.nights)), key=state.share.__getitem__)
    peak = state.share[night]
    others = max((share for at, share in enumerate(state.share) if at != night), default=0)
    found = []
    for at in state.on[night]:
        run = demand.runs[at]
        targets = [other for other in run.nights if other != night and state.may(at, other)]
        if targets:
            best = min(targets, key=lambda other: (state.with_run(other, run), other))
            left = state.with_run(night, run, -1)
            found.append(
                SingleMove(run, best, max(peak - max(left, others, state.with_run(best, run)), 0), peak - left)
            )
    return sorted(found, key=lambda move: (-move.peak_saving, -move.night_saving, move.run.key))[:_LISTED]
