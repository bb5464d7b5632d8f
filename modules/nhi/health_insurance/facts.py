"""What NHI publishes to other businesses.

Views in the municipality's schema: `fact_nhi_enrolment` (a row per spell known now; `lost_on` is the first day without cover,
9999-12-31 while insured), `fact_nhi_levy` (the current assessment of each household and 年度, in yen) and `fact_nhi_collection`
(a row per successful 口座振替: household, 年度, number of the instalment, yen, the day; not what was paid otherwise).
"""

from dataclasses import dataclass
from datetime import date

from yoriai.tenancy.session import Reader

_INSURED = """
SELECT addressee_no FROM fact_nhi_enrolment
 WHERE addressee_no = ANY($1::bigint[]) AND acquired_on <= $2 AND lost_on > $2
"""
_LEVY = """
SELECT household_no, fiscal_year, total, tier, payer_no, decided_on FROM fact_nhi_levy
 WHERE household_no = $1 AND fiscal_year = $2
"""


@dataclass(frozen=True)
class LevyFact:
    """The levy of a household for a 年度, in yen."""

    household_no: int
    fiscal_year: int
    total: int
    tier: int
    payer_no: int | None
    decided_on: date


async def list_insured(session: Reader, addressee_nos: list[int], day: date) -> set[int]:
    """Who of these people is insured by NHI on the day."""
    return {row["addressee_no"] for row in await session.fetch(_INSURED, addressee_nos, day)}


async def find_levy(session: Reader, household_no: int, fiscal_year: int) -> LevyFact | None:
    """The household's current assessment, or None."""
    row = await session.fetchrow(_LEVY, household_no, fiscal_year)
    return LevyFact(**dict(row)) if row else None
