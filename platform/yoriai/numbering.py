"""Numbers given to people, households and papers: each once, in order, in the transaction that uses them."""

from typing import TYPE_CHECKING

from yoriai.tenancy.session import WriteSession

if TYPE_CHECKING:
    from yoriai.tenancy.bulk import BulkWriteSession

_ALLOCATE = """
INSERT INTO number_counter (kind, next) VALUES ($1, 1 + $2)
ON CONFLICT (kind) DO UPDATE SET next = number_counter.next + $2
RETURNING next - $2
"""


async def allocate(session: WriteSession, kind: str, count: int = 1) -> int:
    """The first of `count` new numbers of the kind.

    The counter row stays locked to the end of the transaction, so a number is neither given twice nor lost by a rollback.
    """
    first: int = await session.fetchval(_ALLOCATE, kind, count)
    return first


def allocate_in_bulk(session: "BulkWriteSession", kind: str, count: int = 1) -> int:
    """The same for a job."""
    first: int = session.read(_ALLOCATE, (kind, count)).item()
    return first
