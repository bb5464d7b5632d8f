"""支援措置: whose address may stand on a paper that leaves the counter, and whose address a screen shows."""

from modules.resident.basic_register.facts import Resident, is_hidden_from_reader, is_lifted
from yoriai.tenancy.session import Reader


async def may_print_address(session: Reader, addressee_no: int) -> bool:
    """Whether papers with the address may be made now: nobody hides it, or a named supervisor has lifted that for a while."""
    return not await is_hidden_from_reader(session, addressee_no) or await is_lifted(session, addressee_no)


async def shown_address(session: Reader, resident: Resident) -> str | None:
    """The address for a screen; None where it may not be shown to the reader."""
    if resident.is_hidden and await is_hidden_from_reader(session, resident.addressee_no):
        return None
    return " ".join(part for part in (resident.address, resident.building) if part)
