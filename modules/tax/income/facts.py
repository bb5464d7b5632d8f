"""What other businesses may know of people's incomes.

The view `fact_income` has one row per person and income year, in yen: revenues, the incomes they come to,
`total_income_amount` (総所得金額等), `sum_income_amount` (合計所得金額), `fixed_asset_tax`; also `non_voluntary_from` and
`is_declared` (False: nothing was reported or declared, and the amounts say nothing). Revenues and losses are named as in
`rules.PERSON_INPUTS`.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from yoriai.tenancy.session import Reader

_OF_PERSONS = """
SELECT addressee_no, is_declared, sum_income_amount, total_income_amount FROM fact_income
 WHERE income_year = $1 AND addressee_no = ANY($2::bigint[])
"""


@dataclass(frozen=True)
class IncomeFact:
    """What a person earned in a year, in yen."""

    addressee_no: int
    is_declared: bool
    sum_income_amount: int
    total_income_amount: int


async def list_incomes(session: Reader, income_year: int, addressee_nos: Sequence[int]) -> dict[int, IncomeFact]:
    """The incomes of these people in that calendar year; whoever has none known is missing."""
    rows = await session.fetch(_OF_PERSONS, income_year, list(addressee_nos))
    return {row["addressee_no"]: IncomeFact(**dict(row)) for row in rows}
