"""Random demands for the planner's tests."""

from hypothesis import strategies as st

from batch.planner import Blackout, Instance, PlanJob, build_instance

CAPACITY = {"cpu": 4, "io": 3}
GROUPS = ("a", "b", "c", "d")


@st.composite
def demands(draw: st.DrawFn, *, with_releases: bool = True, most: int = 25) -> Instance:
    """Some jobs of up to four municipalities, each job after some of the earlier ones."""
    return build_instance(CAPACITY, draw(_jobs(most, with_releases=with_releases)))


@st.composite
def restricted_demands(draw: st.DrawFn, *, most: int = 15) -> Instance:
    """The same with all that restricts a night: steps of capacity, blackouts, group limits, deadlines, running jobs."""
    jobs = draw(_jobs(most, with_releases=True, is_restricted=True))
    moments = st.lists(st.integers(0, 40), unique=True, max_size=3).map(sorted)
    steps = {
        name: tuple((moment, draw(st.integers(0, limit + 1))) for moment in draw(moments))
        for name, limit in CAPACITY.items()
    }
    blackouts = [
        Blackout(start, start + draw(st.integers(1, 10)), draw(st.sampled_from(["", *GROUPS])))
        for start in draw(st.lists(st.integers(0, 40), max_size=2))
    ]
    return build_instance(
        CAPACITY, jobs, steps=steps, blackouts=blackouts, group_limit=draw(st.none() | st.integers(1, 3))
    )


@st.composite
def _jobs(draw: st.DrawFn, most: int, *, with_releases: bool, is_restricted: bool = False) -> list[PlanJob]:
    jobs = []
    for number in range(draw(st.integers(1, most))):
        after = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        release = draw(st.integers(0, 20)) if with_releases else 0
        limits = st.none() | st.integers(release, 80)
        jobs.append(
            PlanJob(
                id=f"j{number}",
                duration=draw(st.integers(0, 9)),
                uses={name: draw(st.integers(0, limit)) for name, limit in CAPACITY.items()},
                after=tuple(f"j{earlier}" for earlier in sorted(after)),
                release=release,
                deadline=draw(limits) if is_restricted else None,
                priority=draw(st.integers(1, 5)),
                group=draw(st.sampled_from(GROUPS)),
                start=draw(st.none() | st.none() | st.integers(-5, 10)) if is_restricted else None,
            )
        )
    return jobs
