"""Whose places are hidden, whatever number they go by."""

from collections.abc import Sequence

from modules.resident.basic_register.facts import SEE
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

# Whatever number somebody has: joined by 名寄せ to a protected one, the places of all of them are hidden.
_HIDDEN = "SELECT addressee_no AS no FROM fact_hidden_addressee WHERE addressee_no = ANY($1::bigint[])"
_CONCEALED = "SELECT addressee_no FROM fact_hidden_addressee WHERE is_concealed AND addressee_no = ANY($1::bigint[])"
_GROUP = """
SELECT addressee_no FROM fact_addressee
 WHERE representative_no = (SELECT representative_no FROM fact_addressee WHERE addressee_no = $1)
"""


async def list_same(session: Reader, addressee_no: int) -> list[int]:
    """All numbers of one addressee, joined by 名寄せ."""
    return [row["addressee_no"] for row in await session.fetch(_GROUP, addressee_no)]


async def hidden_among(session: Reader, numbers: Sequence[int], purpose: str) -> frozenset[int]:
    """Of the numbers those whose places the reader may not see, by 名寄せ too; a permitted sight is audited."""
    found = frozenset(row["no"] for row in await session.fetch(_HIDDEN, sorted(set(numbers))))
    if not session.principal.may(SEE):
        return found
    for number in sorted(found):
        session.audit(AuditEvent("protected.view", f"addressee:{number}", detail={"as": purpose}))
    return frozenset()


async def is_concealed(session: Reader, addressee_no: int) -> bool:
    """Whether the reader must not learn that the person is here (支援措置: 検索でも該当なしとする), by 名寄せ too."""
    return bool(await concealed_among(session, [addressee_no]))


async def concealed_among(session: Reader, numbers: Sequence[int]) -> set[int]:
    """Of the numbers those whose bearers do not exist for the reader, by 名寄せ too."""
    if session.principal.may(SEE):
        return set()
    return {row["addressee_no"] for row in await session.fetch(_CONCEALED, sorted(set(numbers)))}
