"""`python -m batch.planner.warm`: compile the kernels once, at installation, so that no plan has to wait for it."""

import sys

from batch.planner.instance import PlanJob
from batch.planner.kernels.storage import is_warm, mark_warm
from batch.planner.validation import build_instance


def warm_up() -> None:
    """Compile every kernel by a small search, unless these sources have been compiled on this machine already."""
    if is_warm():
        return
    from batch.planner.effort import Effort
    from batch.planner.kernels.demand import make_problem
    from batch.planner.learner import Learner
    from batch.planner.search import place_list, search

    jobs = [
        PlanJob(f"{number}", 1 + number % 3, {"r": 1}, after=(("0",) if number % 2 else ())) for number in range(12)
    ]
    instance = build_instance({"r": 2}, jobs)
    place_list(instance, instance.order)
    search(instance, [[0] * len(jobs)], Effort(turns=1, islands=1))
    problem = make_problem(instance)
    Learner(problem, ends=2 * len(jobs)).warm_up()
    mark_warm()


if __name__ == "__main__":
    warm_up()
    sys.exit(0)
