"""Fictional bank accounts: for direct debit of the NHI levy and for the payment of child allowance."""

from collections.abc import Iterator
from dataclasses import dataclass

from demo.population.dice import Dice, Weighted
from demo.population.insurance import NHI, Cover
from demo.population.names import Spelled, full_name
from demo.population.people import Household, Person
from demo.population.profile import FOLDER, Society, read_data
from yoriai.dates import fiscal_year_start

FOR_NHI, FOR_CHILD_ALLOWANCE = "nhi", "child_allowance"
_ORDINARY = "1"
_SCHOOL_END = 18


@dataclass(frozen=True, slots=True)
class Account:
    """An account by purpose."""

    purpose: str
    household_no: int
    person_no: int
    bank_code: str
    bank_name: str
    branch_code: str
    account_type: str
    account_number: str
    holder_kana: str


class Accounts:
    """Opens accounts for payers and recipients."""

    def __init__(self, society: Society, fiscal_year: int, dice: Dice) -> None:
        self._society = society
        self._fiscal_year = fiscal_year
        self._dice = dice
        self._banks = Weighted((bank, bank["weight"]) for bank in read_data(FOLDER / "data" / "banks.yaml")["banks"])

    def of_household(self, household: Household, covers: dict[int, Cover], earned: dict[int, int]) -> Iterator[Account]:
        """Accounts of the household; `earned` says what each person number earned last year."""
        if any(covers[id(member)].scheme == NHI for member in household.members) and self._dice.chance(
            self._society.debit_share
        ):
            yield self._open(FOR_NHI, household, household.head)
        for recipient in self._recipients(household, earned):
            if not self._dice.chance(self._society.allowance_by_employer):
                yield self._open(FOR_CHILD_ALLOWANCE, household, recipient)

    def _recipients(self, household: Household, earned: dict[int, int]) -> list[Person]:
        recipients: list[Person] = []
        for child in household.members:
            if self._counts(child):
                carers = [parent for parent in child.parents if parent in household.members] or [household.head]
                earner = max(carers, key=lambda person: earned.get(person.no, 0))
                if earner not in recipients:
                    recipients.append(earner)
        return recipients

    def _counts(self, child: Person) -> bool:
        # An age is attained on the eve of the birthday: who is born on 1 April leaves school a year earlier.
        return child.birth > fiscal_year_start(self._fiscal_year - _SCHOOL_END)

    def _open(self, purpose: str, household: Household, holder: Person) -> Account:
        bank = self._dice.draw(self._banks)
        branch = self._dice.pick(bank["branches"])
        number = f"{self._dice.between(1_000_000, 9_999_999)}"
        return Account(
            purpose,
            household.no,
            holder.no,
            bank["code"],
            bank["name"],
            branch,
            _ORDINARY,
            number,
            holder_name(holder)[1],
        )


def holder_name(person: Person) -> Spelled:
    """The name an account is kept under: the registered Japanese name of a foreigner, when there is one."""
    return person.alias or full_name(person)
