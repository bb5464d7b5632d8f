"""支援措置: whose address may stand on a paper that leaves the counter, and whose address a screen shows."""

from datetime import datetime

from modules.resident.basic_register.facts import Resident, is_hidden_from_reader, list_protections
from yoriai.tenancy.session import Reader


async def may_print_address(session: Reader, addressee_no: int, now: datetime) -> bool:
    """Whether papers with the address may be made now: nobody hides it, or a named supervisor has lifted that for a while."""
    if not await is_hidden_from_reader(session, addressee_no):
        return True
    protections = await list_protections(session, addressee_no, now.date())
    return any(item.hides_address and item.lifted_until and item.lifted_until > now for item in protections)


async def shown_address(session: Reader, resident: Resident) -> str | None:
    """The address for a screen; None where it may not be shown to the reader."""
    if resident.is_hidden and await is_hidden_from_reader(session, resident.addressee_no):
        return None
    return " ".join(part for part in (resident.address, resident.building) if part)
