"""Random demands for the planner's tests."""

from hypothesis import strategies as st

from batch.planner import Instance, PlanJob, build_instance

CAPACITY = {"cpu": 4, "io": 3}


@st.composite
def demands(draw: st.DrawFn, *, with_releases: bool = True) -> Instance:
    """Up to 25 jobs of up to four municipalities, each job after some of the earlier ones."""
    count = draw(st.integers(1, 25))
    jobs = []
    for number in range(count):
        after = draw(st.sets(st.integers(0, number - 1), max_size=3)) if number else set()
        jobs.append(
            PlanJob(
                id=f"j{number}",
                duration=draw(st.integers(0, 9)),
                uses={name: draw(st.integers(0, limit)) for name, limit in CAPACITY.items()},
                after=tuple(f"j{earlier}" for earlier in sorted(after)),
                release=draw(st.integers(0, 20)) if with_releases else 0,
                priority=draw(st.integers(1, 5)),
                group=draw(st.sampled_from(["a", "b", "c", "d"])),
            )
        )
    return build_instance(CAPACITY, jobs)
