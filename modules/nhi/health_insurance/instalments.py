"""期割 of assessments: a first one is split over the year's due dates, a revision spread over those that remain."""

from collections.abc import Mapping, Sequence
from datetime import date

import polars as pl

from modules.nhi.health_insurance.calc import is_closed
from modules.nhi.health_insurance.rules import InstalmentPlan, instalment_plan, respread, split_instalments
from yoriai.rules import ParameterSet


def plan_of(figures: ParameterSet) -> InstalmentPlan:
    """The due dates of the 年度, moved off closed days; raises MissingParameter."""
    return instalment_plan(figures, is_closed)


def first_open(plan: InstalmentPlan, decided_on: date, cause: str) -> int:
    """The first instalment an assessment of that day falls on: the yearly one takes all while the first is not yet due."""
    if cause == "annual" and decided_on <= plan.due_dates[0]:
        return 1
    return plan.first_open(decided_on)


def split(assessments: pl.DataFrame, plan: InstalmentPlan) -> pl.DataFrame:
    """First assessments (`id`, `total`, `cause`, `decided_on`) as rows of `nhi_instalment`."""
    days = assessments.select("cause", "decided_on").unique()
    starts = [first_open(plan, day, cause) for cause, day in days.iter_rows()]
    firsts = days.with_columns(pl.Series("first_no", starts, dtype=pl.Int64()))
    levies = assessments.join(firsts, on=["cause", "decided_on"], how="left").select(
        "total", "first_no", household_no="id"
    )
    return split_instalments(levies, plan).rename({"household_no": "assessment_id"})


def spread_revision(billed: Sequence[int], total: int, decided_on: date, plan: InstalmentPlan) -> tuple[int, ...]:
    """The instalments after a change. What was billed too much is taken off from the last one back, so the sum is the total."""
    amounts = list(respread(tuple(billed), total, plan.first_open(decided_on), plan.unit))
    excess = sum(amounts) - total
    for index in reversed(range(len(amounts))):
        taken = min(excess, amounts[index])
        amounts[index] -= taken
        excess -= taken
    # Decided after the last due date: what is still owed is added to the last instalment.
    amounts[-1] -= excess
    return tuple(amounts)


def spread_revisions(
    assessments: pl.DataFrame, billed: Mapping[int, Sequence[int]], plan: InstalmentPlan
) -> pl.DataFrame:
    """Revisions (`id`, `total`, `decided_on`, `previous_id`) as rows of `nhi_instalment`; `billed` by assessment."""
    rows = [
        (row["id"], no, due, amount)
        for row in assessments.iter_rows(named=True)
        for no, (due, amount) in enumerate(
            zip(
                plan.due_dates,
                spread_revision(billed[row["previous_id"]], row["total"], row["decided_on"], plan),
                strict=True,
            ),
            1,
        )
    ]
    return pl.DataFrame(rows, schema=["assessment_id", "no", "due_date", "amount"], orient="row")
