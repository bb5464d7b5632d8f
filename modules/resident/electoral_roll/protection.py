"""Who is left out of inspections, and whose address is shown to nobody: by our own record, or by what the register publishes."""

from collections.abc import Sequence
from datetime import date

from yoriai.tenancy.session import Reader

HIDDEN = "（支援措置のため非表示）"
_OWN = """
SELECT addressee_no FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
   AND addressee_no = ANY($1::bigint[])
"""
_IS_PUBLISHED = "SELECT to_regclass('fact_certificate_stop') IS NOT NULL"
_PUBLISHED = """
SELECT addressee_no FROM fact_certificate_stop WHERE since <= $2 AND until > $2 AND addressee_no = ANY($1::bigint[])
"""


async def protected_among(session: Reader, numbers: Sequence[int], on: date) -> frozenset[int]:
    """Those of the 宛名番号 who are protected on the day."""
    wanted = list(numbers)
    found = {row["addressee_no"] for row in await session.fetch(_OWN, wanted, on)}
    if await session.fetchval(_IS_PUBLISHED):
        found |= {row["addressee_no"] for row in await session.fetch(_PUBLISHED, wanted, on)}
    return frozenset(found)
