"""Whose address is shown to nobody, whose 投票区 only to who may see the address, and who is not even found.

A 投票区 and a 名簿番号 narrow an address to a few streets, so they are masked with it. Who is protected is received by the card in
hand and stands on the list that somebody in charge prints for the polling place: no protection takes a vote.
"""

from collections.abc import Sequence
from datetime import date

from modules.resident.basic_register.facts import SEE
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

HIDDEN = "（支援措置のため非表示）"
HIDDEN_NO = "（非表示）"
"""In the place of a 名簿番号."""
_OWN = """
SELECT addressee_no FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $2 AND (until_on IS NULL OR until_on >= $2)
   AND addressee_no = ANY($1::bigint[])
"""
_VEILED = """
SELECT addressee_no, is_concealed FROM fact_hidden_person
 UNION ALL
SELECT addressee_no, false FROM electoral_care
 WHERE superseded_at IS NULL AND is_protected AND from_on <= $1 AND (until_on IS NULL OR until_on >= $1)
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


async def veiled_from(session: Reader, on: date) -> tuple[list[int], list[int]]:
    """All whose 投票区 the asker may not learn, not even by choosing one: those who are found nonetheless, and the concealed."""
    if session.principal.may(SEE):
        return [], []
    rows = await session.fetch(_VEILED, on)
    concealed = {row["addressee_no"] for row in rows if row["is_concealed"]}
    return sorted({row["addressee_no"] for row in rows} - concealed), sorted(concealed)


async def sealed_among(session: Reader, numbers: Sequence[int], purpose: str) -> frozenset[int]:
    """Those of the 宛名番号 whom 支援措置 of the register hides from the asker; a permitted sight is audited."""
    rows = await session.fetch(_PUBLISHED, list(numbers))
    return shut_from(session, frozenset(row["addressee_no"] for row in rows), purpose)


def may_find_concealed(session: Reader) -> bool:
    """Whether the asker may see the protected: for others somebody concealed is not there at all."""
    return session.principal.may(SEE)
