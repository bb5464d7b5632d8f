"""What other businesses may know of 児童手当.

The view `fact_child_allowance` has a row per child of a recipient whose claim is approved: case, recipient, state
(`approved`, `paying`, `held`), the first month, the child's number (empty when the child lives elsewhere) and birth date.
Amounts are not published.
"""

from yoriai.tenancy.session import Reader

_RECIPIENT = "SELECT recipient_no FROM fact_child_allowance WHERE child_no = $1 LIMIT 1"


async def find_recipient(session: Reader, child_no: int) -> int | None:
    """Who receives the allowance for the child, if anybody here does."""
    number: int | None = await session.fetchval(_RECIPIENT, child_no)
    return number
