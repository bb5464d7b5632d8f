"""Who is left out of inspections, whose address is shown to nobody, and who is not even found.

Who is concealed stands on the list of the polling place and is received by the card in hand: nobody else's protection takes a vote.
"""

from collections.abc import Sequence
from datetime import date

from modules.resident.basic_register.facts import SEE
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

HIDDEN = "（支援措置のため非表示）"
_OWN = """
SELECT addressee_no FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
   AND addressee_no = ANY($1::bigint[])
"""
_PUBLISHED = "SELECT addressee_no FROM fact_hidden_person WHERE addressee_no = ANY($1::bigint[])"


async def protected_among(session: Reader, numbers: Sequence[int], on: date) -> frozenset[int]:
    """Those of the 宛名番号 whose address is shown to nobody: by 支援措置 of the register, or by their wish told to us."""
    wanted = list(numbers)
    found = {row["addressee_no"] for row in await session.fetch(_OWN, wanted, on)}
    found |= {row["addressee_no"] for row in await session.fetch(_PUBLISHED, wanted)}
    return frozenset(found)


def shut_from(session: Reader, hidden: frozenset[int], purpose: str) -> frozenset[int]:
    """Of the protected those whose other places (送付先, 滞在地) the asker may not see either; a permitted sight is audited."""
    if not session.principal.may(SEE):
        return hidden
    for number in sorted(hidden):
        session.audit(AuditEvent("protected.view", f"addressee:{number}", detail={"as": purpose}))
    return frozenset()


def may_find_concealed(session: Reader) -> bool:
    """Whether the asker may see the protected: for others somebody concealed is not there at all."""
    return session.principal.may(SEE)
