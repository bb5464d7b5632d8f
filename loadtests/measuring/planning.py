"""The planner alone: against CP-SAT with ten times the time, against what no plan can beat, and how long large nights take."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import mean

from batch.planner import Instance, check_plan, peak_use, plan, plan_bounds, plan_levelled
from batch.planner.proof import Proof, prove
from batch.planner.warm import warm_up
from loadtests.instances import dominated_by, municipal_night, rcpsp_set
from loadtests.measuring.figures import Row

_PART = "planner"
_TEN_TIMES = 10


@dataclass(frozen=True)
class Measure:
    """How much of everything: instances of each set, our seconds for one, municipalities of the nights compared."""

    instances: int
    seconds: float
    nights: tuple[int, ...]


SHORT = Measure(instances=4, seconds=1.0, nights=(4, 30))
FULL = Measure(instances=48, seconds=6.0, nights=(4, 10, 30, 60))


def measure_planner(*, is_full: bool = False) -> list[Row]:
    """All rows; a few minutes, or with `is_full` hours."""
    warm_up()
    measure = FULL if is_full else SHORT
    return [*large_rows(), *(row for jobs in (30, 60, 120) for row in set_rows(jobs, measure)), *night_rows(measure)]


def large_rows() -> Iterator[Row]:
    """Nights of 4,200 and 52,230 jobs as `plan` makes them without a search: seconds, and makespan ÷ bound.

    Their three resources are all equally short; then, with twice as much of the others, each alone decides.
    """
    for municipalities in (140, 1_741):
        instance = municipal_night(municipalities, each=30)
        label = f"{len(instance.jobs):,} jobs"
        begin = time.monotonic()
        schedule = plan(instance)
        yield Row(_PART, f"{label}: seconds to plan", time.monotonic() - begin, None, "seconds, not a ratio")
        yield _against_bound(f"{label}: makespan ÷ bound", instance, schedule.starts)
        for short in instance.ceiling:
            dominated = dominated_by(instance, short)
            yield _against_bound(f"{label}, {short} decides: makespan ÷ bound", dominated, plan(dominated).starts)


def _against_bound(label: str, instance: Instance, starts: Mapping[str, int]) -> Row:
    """A plan's makespan over what no plan can beat, checked."""
    makespan = max(starts[job.id] + job.duration for job in instance.jobs)
    return Row(_PART, label, makespan / plan_bounds(instance).best, None, _checked(instance, starts))


def set_rows(jobs: int, measure: Measure) -> Iterator[Row]:
    """The RCPSP set: our makespan ÷ CP-SAT's, and our average gap to the better of the two."""
    ours, best, theirs = [], [], []
    every = list(rcpsp_set(jobs))
    for _, instance in every[:: max(1, len(every) // measure.instances)]:
        schedule = plan(instance, seconds=measure.seconds)
        _checked(instance, schedule.starts)
        proof = prove(instance, seconds=measure.seconds * _TEN_TIMES)
        if proof.value is not None:
            ours.append(schedule.makespan)
            theirs.append(proof.value)
            best.append(min(schedule.makespan, proof.value))
    ratios = [one / other for one, other in zip(ours, theirs, strict=True)]
    note = f"{len(ratios)} instances, {measure.seconds:g} s ÷ {measure.seconds * _TEN_TIMES:g} s"
    yield Row(_PART, f"j{jobs}-like: makespan ÷ CP-SAT's", mean(ratios), (min(ratios), max(ratios)), note)
    gaps = [100 * (one / least - 1) for one, least in zip(ours, best, strict=True)]
    yield Row(_PART, f"j{jobs}-like: average gap to the best found, percent", mean(gaps), (min(gaps), max(gaps)), note)


def night_rows(measure: Measure) -> Iterator[Row]:
    """Municipal nights: our makespan and our largest peak ÷ capacity, over those of CP-SAT."""
    for municipalities in measure.nights:
        instance = municipal_night(municipalities, load=0.5, each=30)
        note = f"{len(instance.jobs)} jobs, {measure.seconds:g} s ÷ {measure.seconds * _TEN_TIMES:g} s"
        schedule = plan(instance, seconds=measure.seconds)
        proof = prove(instance, seconds=measure.seconds * _TEN_TIMES)
        yield _compared(f"night of {municipalities}: makespan ÷ CP-SAT's", schedule.makespan, proof, note)
        horizon = schedule.makespan * 3 // 2
        _, levelled = plan_levelled(instance, horizon, seconds=measure.seconds)
        peak = peak_use(instance, levelled.starts)
        share = max(-(-peak[name] * 1000 // limit) for name, limit in instance.ceiling.items())
        proof = prove(instance, objective="peak", horizon=horizon, seconds=measure.seconds * _TEN_TIMES)
        yield _compared(f"night of {municipalities}: levelled peak ÷ CP-SAT's", share, proof, note)


def _compared(label: str, ours: int, proof: Proof, note: str) -> Row:
    """A ratio; against the bound where CP-SAT found no plan at all."""
    if proof.value is None:
        return Row(_PART, label, ours / max(1, proof.bound), None, f"{note}; CP-SAT found none: ÷ its bound")
    return Row(_PART, label, ours / proof.value, None, f"{note}; {proof.status}")


def _checked(instance: Instance, starts: Mapping[str, int]) -> str:
    """Says that the independent checker found nothing; raises AssertionError otherwise."""
    assert not check_plan(instance, starts)
    return "checked"
