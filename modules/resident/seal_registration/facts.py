"""What 印鑑登録 publishes: the view `fact_seal_registration` has a row per registration that is good or stopped."""

from dataclasses import dataclass
from datetime import date

from yoriai.tenancy.session import Reader

_ONE = "SELECT registration_no, addressee_no, status, since FROM fact_seal_registration WHERE addressee_no = $1"


@dataclass(frozen=True)
class RegisteredSeal:
    """That somebody has a registered seal; never what it looks like."""

    registration_no: int
    addressee_no: int
    status: str
    since: date


async def find_registered_seal(session: Reader, addressee_no: int) -> RegisteredSeal | None:
    """The person's registration, or None."""
    row = await session.fetchrow(_ONE, addressee_no)
    return RegisteredSeal(**dict(row)) if row else None
