"""Child allowance: the families that receive it, each with the children who count."""

from datetime import date

import polars as pl

from demo.loading.numbers import numbered, set_counter
from demo.population import Population
from yoriai.dates import add_months, attained_on, fiscal_year_of
from yoriai.tenancy.bulk import BulkWriteSession

_COUNTED_TO, _PAID_TO = 22, 18
_CASE_BASE = 70_000_000


def load_allowances(session: BulkWriteSession, people: Population, as_of: date) -> int:
    """Write a case per recipient with an account and its children; returns the number of cases.

    Months up to the last payment were paid by the old system, so a case begins with the first month it has not paid.
    """
    accounts = people.accounts.filter(pl.col("purpose") == "child_allowance").select("person_no", "household_no")
    children = _children(people, accounts, as_of)
    cases = accounts.join(
        children.select("recipient_no").unique(), left_on="person_no", right_on="recipient_no", how="semi"
    )
    cases = cases.unique("person_no", maintain_order=True).with_row_index("case_no", _CASE_BASE + 1)
    first_month = first_unpaid_month(as_of)
    begun = add_months(first_month, -1)
    numbers = cases.select(pl.col("case_no").cast(pl.Int64), recipient_no="person_no")
    written = session.append(
        "child_allowance_case",
        numbered(numbers.rename({"recipient_no": "person_no"}))
        .rename({"addressee_no": "recipient_no"})
        .with_columns(
            status=pl.lit("paying"),
            claimed_on=pl.lit(begun),
            first_month=pl.lit(first_month),
            decided_on=pl.lit(begun),
            staff_id=pl.lit("conversion"),
        ),
    )
    session.append("child_allowance_child", _child_rows(children.join(numbers, on="recipient_no"), as_of))
    set_counter(session, "child_allowance_case", _CASE_BASE + cases.height)
    return written


def first_unpaid_month(as_of: date) -> date:
    """The first month the payment of the coming or present even month is for: each pays the two months before it."""
    this = as_of.replace(day=1)
    payment = this if this.month % 2 == 0 else add_months(this, 1)
    return add_months(payment, -2)


def _children(people: Population, accounts: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """Children in the recipient's household, theirs or their spouse's, who count for the order of birth."""
    parents = people.residents.select("person_no", "household_no", "spouse_no").join(
        accounts, on=["person_no", "household_no"]
    )
    residents = people.residents.select("person_no", "household_no", "name", "birth_date", "father_no", "mother_no")
    born_after = date(fiscal_year_of(as_of) - _COUNTED_TO, 4, 1)
    pairs = residents.join(parents.rename({"person_no": "recipient_no"}), on="household_no")
    is_own = pl.any_horizontal(
        pl.col(parent) == pl.col(adult)
        for parent in ("father_no", "mother_no")
        for adult in ("recipient_no", "spouse_no")
    )
    return pairs.filter(is_own & (pl.col("birth_date") > born_after))


def _child_rows(children: pl.DataFrame, as_of: date) -> pl.DataFrame:
    """From the year after 18 a child counts only while the recipient bears its upkeep."""
    is_grown = [_is_past_school(birth, as_of) for birth in children["birth_date"]]
    rows = numbered(children.select("case_no", "person_no", "name", "birth_date")).rename({"addressee_no": "child_no"})
    return rows.with_columns(
        is_cared=pl.lit(value=True), is_supported=pl.Series(is_grown, dtype=pl.Boolean), staff_id=pl.lit("conversion")
    )


def _is_past_school(birth: date, as_of: date) -> bool:
    return fiscal_year_of(as_of) > fiscal_year_of(attained_on(birth, _PAID_TO))
