"""What the 転出証明書 says of 児童手当: who receives it, for the claim within 15 days of the move (児童手当法8条)."""

from collections.abc import Sequence
from datetime import date

from yoriai.standings import Standing
from yoriai.tenancy.session import Reader

_LABEL = "児童手当"
_RECEIVING = """
SELECT DISTINCT recipient_no FROM fact_child_allowance WHERE recipient_no = ANY($1::bigint[]) ORDER BY recipient_no"""


async def list_standings(session: Reader, addressee_nos: Sequence[int], on: date) -> list[Standing]:
    """A line for each person whose claim is approved now, from whatever month it is paid."""
    rows = await session.fetch(_RECEIVING, list(addressee_nos))
    return [Standing(row["recipient_no"], _LABEL, "受給者である") for row in rows]
