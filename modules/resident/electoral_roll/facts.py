"""What other businesses may know of 選挙人名簿: the view `fact_elector` has who is registered, in which district, marked or not."""

from yoriai.tenancy.session import Reader

_DISTRICT = "SELECT district_code FROM fact_elector WHERE addressee_no = $1"


async def find_polling_district(session: Reader, addressee_no: int) -> str | None:
    """The code of the polling district in which the person is registered, or None."""
    code: str | None = await session.fetchval(_DISTRICT, addressee_no)
    return code
