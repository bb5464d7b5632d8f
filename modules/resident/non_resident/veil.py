"""Whose places are hidden, whatever number they go by."""

from collections.abc import Sequence

from modules.resident.basic_register.facts import SEE, find_concealed
from yoriai.audit import AuditEvent
from yoriai.tenancy.session import Reader

# Whatever number somebody has: joined by 名寄せ to a protected one, the places of all of them are hidden.
_HIDDEN = """
SELECT asked.no FROM unnest($1::bigint[]) AS asked(no)
 WHERE EXISTS (SELECT 1 FROM fact_hidden_person h
                WHERE h.addressee_no = asked.no
                   OR EXISTS (SELECT 1 FROM addressee_link a
                                LEFT JOIN addressee_link b ON b.to_no = a.to_no AND b.superseded_at IS NULL
                               WHERE a.superseded_at IS NULL AND (a.from_no = asked.no OR a.to_no = asked.no)
                                 AND h.addressee_no IN (a.from_no, a.to_no, b.from_no)))
"""
_GROUP = """
SELECT addressee_no FROM fact_addressee
 WHERE representative_no = (SELECT representative_no FROM fact_addressee WHERE addressee_no = $1)
"""
_JOINED = """
SELECT DISTINCT asked.no AS asked, same.no FROM unnest($1::bigint[]) AS asked(no)
  JOIN addressee_link a ON a.superseded_at IS NULL AND asked.no IN (a.from_no, a.to_no)
  JOIN addressee_link b ON b.superseded_at IS NULL AND b.to_no = a.to_no
 CROSS JOIN LATERAL (VALUES (b.from_no), (a.to_no)) AS same(no)
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
    return bool(await find_concealed(session, [addressee_no, *await list_same(session, addressee_no)]))


async def concealed_among(session: Reader, numbers: Sequence[int]) -> set[int]:
    """Of the numbers those whose bearers do not exist for the reader, by 名寄せ too."""
    groups = {number: {number} for number in numbers}
    for row in await session.fetch(_JOINED, list(groups)):
        groups[row["asked"]].add(row["no"])
    concealed = await find_concealed(session, sorted({same for group in groups.values() for same in group}))
    return {number for number, group in groups.items() if group & concealed}
