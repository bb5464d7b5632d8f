"""生計中心者: who of a household should claim, judged from the incomes other businesses publish."""

from dataclasses import dataclass
from datetime import date

from modules.resident.basic_register.facts import Resident, list_household
from modules.tax.income.facts import list_incomes
from yoriai.dates import age_at_end_of, fiscal_year_of
from yoriai.tenancy.session import Reader

_COUPLE = ("世帯主", "夫", "妻", "夫（未届）", "妻（未届）")
_ADULT = 18
_INCOME_MONTH = 6
"""From June on the income of the year before is known to the tax office."""


@dataclass(frozen=True)
class Candidate:
    """Somebody who may claim, with the 合計所得金額 (yen) that speaks for it; None where nothing is known."""

    resident: Resident
    income: int | None


def income_year_for(day: date) -> int:
    """The calendar year whose incomes are known on the day."""
    year = fiscal_year_of(day) - 1
    return year - 1 if day.month in range(4, _INCOME_MONTH) else year


async def list_candidates(session: Reader, household_no: int, day: date) -> list[Candidate]:
    """The adults of the household who may be parents, the one with the highest income first: the proposal is the first."""
    members = [
        person
        for person in await list_household(session, household_no)
        if age_at_end_of(day, person.birth_date) >= _ADULT
    ]
    couple = [person for person in members if person.relationship_text in _COUPLE] or members
    known = await list_incomes(session, income_year_for(day), [person.addressee_no for person in couple])
    candidates = [
        Candidate(
            person, fact.sum_income_amount if (fact := known.get(person.addressee_no)) and fact.is_declared else None
        )
        for person in couple
    ]
    return sorted(
        candidates, key=lambda each: (-(each.income or 0), not each.resident.is_head, each.resident.birth_date)
    )
