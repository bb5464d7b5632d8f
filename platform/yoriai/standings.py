"""How a person stands with each business on a day, in the words of the 転出証明書 (住基法施行令23条, evidence K).

The certificate asks all businesses; each answers for itself. A new business is on the paper by naming a function in its `Business`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from yoriai import registry
from yoriai.tenancy.session import Reader


@dataclass(frozen=True)
class Standing:
    """A line of the paper for a person: `label` 国民健康保険, `value` 被保険者."""

    addressee_no: int
    label: str
    value: str


async def collect_standings(session: Reader, addressee_nos: Sequence[int], on: date) -> list[Standing]:
    """What all businesses say of these people as of the end of the day, in the businesses' order."""
    found: list[Standing] = []
    for business in registry.businesses():
        if business.standings:
            found += await registry.load(business.standings)(session, addressee_nos, on)
    return found
