"""排他: who opens a household for a change holds it for some minutes; whoever comes second is told by whom and since when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from yoriai.clock import JAPAN
from yoriai.errors import Conflict
from yoriai.tenancy.session import Reader, WriteSession

_MINUTES = 10
"""A clerk who went away holds nobody up for longer."""
_TAKE = """
INSERT INTO household_hold AS h (household_no, staff_id, staff_name, purpose, since, until) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (household_no) DO UPDATE SET staff_id = excluded.staff_id, staff_name = excluded.staff_name,
       purpose = excluded.purpose, since = excluded.since, until = excluded.until
 WHERE h.until < excluded.since OR h.staff_id = excluded.staff_id
RETURNING 1"""
_HELD = """
SELECT staff_name, purpose, since FROM household_hold WHERE household_no = $1 AND staff_id <> $2 AND until >= $3"""
_OWN = "SELECT 1 FROM household_hold WHERE household_no = $1 AND staff_id = $2"
_OF_MOVEMENT = """
SELECT DISTINCT r.household_no FROM movement_person p
  JOIN resident_record r ON r.id IN (p.before_record_id, p.after_record_id) WHERE p.movement_no = $1 ORDER BY 1"""
_FREE = """
WITH freed AS (DELETE FROM household_hold WHERE household_no = ANY($1::bigint[]) AND staff_id = $2 RETURNING 1)
SELECT count(*) FROM freed"""


@dataclass(frozen=True)
class Held:
    """Somebody else has the household open."""

    staff: str
    purpose: str
    since: datetime

    def told(self) -> str:
        """In words for the second clerk."""
        at = f"{self.since.astimezone(JAPAN):%H時%M分}"
        return f"{self.staff}さんが{at}から、この世帯の{self.purpose}を入力しています。終わるまで変更できません。"


async def take(session: WriteSession, household_no: int, purpose: str, now: datetime) -> Held | None:
    """Hold the household for the session's principal; who holds it already, when that is somebody else."""
    who = session.principal
    until = now + timedelta(minutes=_MINUTES)
    name = who.display_name or who.login
    if await session.fetchval(_TAKE, household_no, who.login, name, purpose, now, until):
        return None
    return await find_held(session, household_no, now)


async def find_held(session: Reader, household_no: int, now: datetime) -> Held | None:
    """Who else holds the household at the moment."""
    row = await session.fetchrow(_HELD, household_no, session.principal.login, now)
    return Held(row["staff_name"], row["purpose"], row["since"]) if row else None


async def refuse_held(session: Reader, household_no: int, now: datetime) -> None:
    """Raise Conflict when somebody else holds the household."""
    if held := await find_held(session, household_no, now):
        raise Conflict(held.told())


async def list_households_of(session: Reader, movement_no: int) -> list[int]:
    """The households a movement's people came from and went into: to take it back or correct it changes them."""
    return [row["household_no"] for row in await session.fetch(_OF_MOVEMENT, movement_no)]


async def holds(session: Reader, household_no: int) -> bool:
    """Whether the session's principal holds the household."""
    return bool(await session.fetchval(_OWN, household_no, session.principal.login))


async def free(session: WriteSession, households: list[int]) -> None:
    """Give the households back that the session's principal held."""
    await session.fetchval(_FREE, households, session.principal.login)
