"""賦課状況 as the night counted it."""

from modules.nhi.health_insurance.views import StatisticsRow, StatisticsView, tier_label
from yoriai.dates import format_wareki_year
from yoriai.tenancy.session import Reader

_LATEST = """
SELECT as_of, tier, households, insured, nominal_heads, undeclared_households, capped_households, total
  FROM nhi_statistics
 WHERE fiscal_year = $1 AND as_of = (SELECT max(as_of) FROM nhi_statistics WHERE fiscal_year = $1)
 ORDER BY tier
"""


async def find_statistics(session: Reader, fiscal_year: int) -> StatisticsView:
    """The last count of a 年度; without rows when none was made."""
    rows = [dict(row) for row in await session.fetch(_LATEST, fiscal_year)]
    return StatisticsView(
        fiscal_year=fiscal_year,
        year_label=format_wareki_year(fiscal_year),
        as_of=rows[0]["as_of"] if rows else None,
        rows=[StatisticsRow(**row, tier_label=tier_label(row["tier"])) for row in rows],
    )
