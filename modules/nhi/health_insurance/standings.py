"""What the 転出証明書 says of NHI: who is insured, for the next municipality's 資格取得."""

from collections.abc import Sequence
from datetime import date

from modules.nhi.health_insurance.facts import list_insured
from yoriai.standings import Standing
from yoriai.tenancy.session import Reader

_LABEL = "国民健康保険"


async def list_standings(session: Reader, addressee_nos: Sequence[int], on: date) -> list[Standing]:
    """A line for each person, also for who is not insured: the next municipality has to know either way."""
    insured = await list_insured(session, list(addressee_nos), on)
    return [
        Standing(number, _LABEL, "被保険者である" if number in insured else "被保険者でない")
        for number in addressee_nos
    ]
