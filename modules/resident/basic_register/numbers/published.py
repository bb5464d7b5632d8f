"""What certificates may take of the numbers: sealed as they lie in the register, opened only where the paper is printed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from modules.resident.basic_register.numbers.kinds import KINDS
from yoriai.sealing import Sealed, Sealer
from yoriai.tenancy.ref import TenantRef
from yoriai.tenancy.session import Reader

# A correction says that the row before it was never right: of one day the latest row holds.
_ON = """
SELECT DISTINCT ON (addressee_no, kind) addressee_no, kind, sealed FROM person_number
 WHERE addressee_no = ANY($1::bigint[]) AND kind = ANY($2::text[]) AND valid_from <= $3
 ORDER BY addressee_no, kind, valid_from DESC, id DESC"""


@dataclass(frozen=True)
class SealedNumber:
    """A person's number, unreadable: `kind` is `my_number` or `resident_code`."""

    kind: str
    addressee_no: int
    text: str

    def open(self, sealer: Sealer, tenant: TenantRef) -> str:
        """The digits, in groups of four as they are printed. Whoever opens audits `number.view`. Raises Unsealable."""
        digits = sealer.open(Sealed(tenant, self.kind, f"addressee:{self.addressee_no}"), self.text)
        return " ".join(digits[at : at + 4] for at in range(0, KINDS[self.kind].digits, 4))


async def list_sealed_numbers(
    session: Reader, addressee_nos: Sequence[int], kinds: Collection[str], on: date
) -> list[SealedNumber]:
    """The numbers of these people that held at the end of the day; who had none is missing."""
    rows = await session.fetch(_ON, list(addressee_nos), sorted(kinds), on)
    return [SealedNumber(row["kind"], row["addressee_no"], row["sealed"]) for row in rows]
