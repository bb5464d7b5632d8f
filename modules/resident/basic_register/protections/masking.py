"""Hiding where protected people live: whoever shows an address asks here first."""

from collections.abc import Iterable
from dataclasses import dataclass

from modules.resident.basic_register.protections.kinds import SEE
from yoriai.audit import AuditEvent
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

HIDDEN_TEXT = "（支援措置により表示できません）"
_HIDDEN = "SELECT addressee_no, is_concealed FROM fact_hidden_person WHERE addressee_no = ANY($1::bigint[])"


_CONCEALED_HOUSEHOLD = """
SELECT 1 FROM resident_record r JOIN fact_hidden_person h ON h.addressee_no = r.addressee_no AND h.is_concealed
 WHERE r.household_no = $1 AND r.superseded_at IS NULL AND r.valid_to = '9999-12-31' LIMIT 1"""


@dataclass(frozen=True)
class Veil:
    """Of the people asked about: whose address the reader may not see, and who does not exist for the reader."""

    hidden: frozenset[int] = frozenset()
    concealed: frozenset[int] = frozenset()

    def covers(self, addressee_no: int) -> bool:
        """Whether the person's addresses are hidden from the reader."""
        return addressee_no in self.hidden

    def text(self, addressee_no: int, value: str | None) -> str:
        """The text, or that it cannot be shown; what is empty stays empty."""
        return HIDDEN_TEXT if value and addressee_no in self.hidden else value or ""


async def find_veil(session: Reader, people: Iterable[int], purpose: str) -> Veil:
    """Who of the people is hidden from the session's principal. Who may see them leaves a `protected.view` for each sight."""
    rows = await session.fetch(_HIDDEN, sorted(set(people)))
    if session.principal.may(SEE):
        for row in rows:
            session.audit(AuditEvent("protected.view", f"addressee:{row['addressee_no']}", detail={"as": purpose}))
        return Veil()
    return Veil(
        frozenset(row["addressee_no"] for row in rows),
        frozenset(row["addressee_no"] for row in rows if row["is_concealed"]),
    )


async def refuse_concealed_household(
    session: Reader, household_no: int, message: str = "世帯が見つかりません。"
) -> None:
    """Raise NotFound, as for a number no household has, where somebody lives who does not exist for the session's principal.

    Not only pages: what an act answers would tell as well that there is somebody.
    """
    if not session.principal.may(SEE) and await session.fetchval(_CONCEALED_HOUSEHOLD, household_no):
        raise NotFound(message)
