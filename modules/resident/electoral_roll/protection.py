"""Who is left out of inspections, whose address is shown to nobody, and who is not even found."""

from collections.abc import Sequence
from datetime import date

from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

HIDDEN = "（支援措置のため非表示）"
_OWN = """
SELECT addressee_no FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
   AND addressee_no = ANY($1::bigint[])
"""
_PUBLISHED = "SELECT addressee_no FROM fact_hidden_person WHERE addressee_no = ANY($1::bigint[])"
_CONCEALED = "SELECT count(*) FROM fact_hidden_person WHERE addressee_no = $1 AND is_concealed"


async def protected_among(session: Reader, numbers: Sequence[int], on: date) -> frozenset[int]:
    """Those of the 宛名番号 whose address is shown to nobody: by 支援措置 of the register, or by their wish told to us."""
    wanted = list(numbers)
    found = {row["addressee_no"] for row in await session.fetch(_OWN, wanted, on)}
    found |= {row["addressee_no"] for row in await session.fetch(_PUBLISHED, wanted)}
    return frozenset(found)


def may_find_concealed(session: Reader) -> bool:
    """Whether the asker keeps the roll: for others somebody concealed is not there at all."""
    return session.principal.may("electoral_roll.edit")


async def refuse_concealed(session: Reader, addressee_no: int, message: str) -> None:
    """Answer as if there were no such person (NotFound), to whoever may not know that there is."""
    if not may_find_concealed(session) and await session.fetchval(_CONCEALED, addressee_no):
        raise NotFound(message)
