"""期割: splitting a year's levy over its due dates, and spreading a later change over those that remain."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from yoriai.dates import fiscal_year_of
from yoriai.rules import ParameterSet, Use, divide, floor_to, larger_of, smaller_of

Shift = Callable[[date], bool]
"""Says of a day whether no payment falls due on it (地方税法20条の5第2項); rules know no calendar of holidays."""


@dataclass(frozen=True)
class InstalmentPlan:
    """The due dates of a year, already moved off holidays, and how amounts are cut to them."""

    due_dates: tuple[date, ...]
    unit: int
    remainder: str
    provisional_count: int
    provisional_divisor: int
    provisional_unit: int

    def first_open(self, decided_on: date) -> int:
        """The number (from 1) of the first instalment due in a month after the decision; past the last: n + 1."""
        month = (decided_on.year, decided_on.month)
        late = (no for no, due in enumerate(self.due_dates, 1) if (due.year, due.month) > month)
        return next(late, len(self.due_dates) + 1)


def instalment_plan(parameters: ParameterSet, is_closed: Shift) -> InstalmentPlan:
    """The plan the ordinance sets for the 年度; raises MissingParameter."""
    p = Use(parameters)
    return InstalmentPlan(
        due_dates=tuple(
            _open_day(_in_fiscal_year(text, p.fiscal_year), is_closed) for text in p.texts("instalment.due_dates")
        ),
        unit=p.count("instalment.unit"),
        remainder=p.text("instalment.remainder"),
        provisional_count=p.count("instalment.provisional_count"),
        provisional_divisor=p.count("instalment.provisional_divisor"),
        provisional_unit=p.count("instalment.provisional_unit"),
    )


def split_instalments(levies: pl.DataFrame, plan: InstalmentPlan) -> pl.DataFrame:
    """Split each levy over the plan.

    Input columns: `household_no`, `total` (yen), and optionally `first_no` (first instalment that can still be billed, default
    1) and `previous_total` (last year's levy, for provisional instalments). Output: `household_no`, `no`, `due_date`,
    `amount`, one row per instalment and household; the amounts add up to `total`.
    """
    count = len(plan.due_dates)
    dates = pl.DataFrame({"no": list(range(1, count + 1)), "due_date": list(plan.due_dates)})
    defaults = {"first_no": 1, "previous_total": 0}
    given = levies.select(
        "household_no",
        "total",
        *(
            pl.col(name) if name in levies.columns else pl.lit(value, pl.Int64).alias(name)
            for name, value in defaults.items()
        ),
    )
    # Decided after the last due date: everything falls due on the last one.
    rows = given.with_columns(smaller_of(pl.col("first_no"), count).alias("first_no")).join(dates, how="cross")
    return (
        rows.with_columns(_provisional(plan).alias("provisional"))
        .with_columns(_shares(plan, count))
        .select("household_no", "no", "due_date", _amount(plan, count).alias("amount"))
    )


def respread(billed: tuple[int, ...], new_total: int, first_open: int, unit: int) -> tuple[int, ...]:
    """Instalments after a change of the levy: those before `first_open` (from 1) stay, the rest share what remains.

    What has been billed and is no longer owed is left on those past instalments and must be refunded: the open ones are then 0.
    """
    kept = billed[: first_open - 1]
    rest = max(0, new_total - sum(kept))
    open_count = len(billed) - len(kept)
    if open_count == 0:
        return kept
    share = rest // open_count // unit * unit
    return (*kept, rest - share * (open_count - 1), *([share] * (open_count - 1)))


def _provisional(plan: InstalmentPlan) -> pl.Expr:
    """One provisional instalment: a part of last year's levy, never more than this year's total allows."""
    if plan.provisional_count == 0:
        return pl.lit(0, pl.Int64)
    part = floor_to(pl.col("previous_total") // plan.provisional_divisor, plan.provisional_unit)
    return smaller_of(part, pl.col("total") // plan.provisional_count)


def _shares(plan: InstalmentPlan, count: int) -> list[pl.Expr]:
    provisional = _provisional_numbers(plan)
    start = larger_of(pl.col("first_no"), plan.provisional_count + 1)
    paid = pl.col("provisional") * provisional
    rest = pl.col("total") - paid
    share = floor_to(divide(rest, count + 1 - start), plan.unit)
    return [start.alias("start"), rest.alias("rest"), share.alias("share")]


def _provisional_numbers(plan: InstalmentPlan) -> pl.Expr:
    return larger_of(plan.provisional_count + 1 - pl.col("first_no"), 0)


def _amount(plan: InstalmentPlan, count: int) -> pl.Expr:
    no, start = pl.col("no"), pl.col("start")
    others = pl.col("share") * (count - start)
    extra = no == (start if plan.remainder == "first" else pl.lit(count, pl.Int64))
    final = pl.when(no < start).then(0).when(extra).then(pl.col("rest") - others).otherwise(pl.col("share"))
    is_provisional = (no <= plan.provisional_count) & (no >= pl.col("first_no"))
    return pl.when(is_provisional).then(pl.col("provisional")).otherwise(final)


def _in_fiscal_year(month_day: str, fiscal_year: int) -> date:
    month, day = (int(part) for part in month_day.split("-"))
    first = date(fiscal_year, 4, 1)
    candidate = date(fiscal_year + (month < first.month), month, 1)
    # The last day of February is written 02-29 or 02-28; a day the month lacks means its last one.
    last = (candidate.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    result = min(candidate + timedelta(days=day - 1), last)
    if fiscal_year_of(result) != fiscal_year:
        raise ValueError(f"{month_day} is not in fiscal year {fiscal_year}")
    return result


def _open_day(day: date, is_closed: Shift) -> date:
    while is_closed(day):
        day += timedelta(days=1)
    return day
