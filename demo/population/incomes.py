"""Revenues of the last two years: what payers report and people declare, before any conversion to income."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from demo.population.dice import Dice
from demo.population.families import ADULT
from demo.population.insurance import EMPLOYEE_LEFT, NHI, NONE, Cover
from demo.population.people import Household, Person
from demo.population.profile import Profile, Society
from demo.population.working import DEDICATED, FARM, PART, REGULAR, SELF
from yoriai.dates import fiscal_year_of, fiscal_year_start

_PENSION_AGE = 65
_MONTHS = 12
_DEPENDANT_CEILING = 1_290_000
_OWN_BUSINESS_PENSION_DIVISOR = 3
_FORESTRY = 4
_SHARED_PROPERTY = 120


@dataclass(slots=True)
class Revenue:
    """One person's revenues of one year, in yen."""

    person_no: int
    income_year: int
    is_declared: bool
    salary_revenue: int = 0
    pension_revenue: int = 0
    business_income: int = 0
    farm_income: int = 0
    property_income: int = 0
    other_income: int = 0
    separate_income: int = 0
    forestry_income: int = 0
    fixed_asset_tax: int = 0
    is_dedicated_worker: bool = False
    non_voluntary_from: date | None = None

    @property
    def total(self) -> int:
        """All revenues together: a rough measure of who earns most."""
        return (
            self.salary_revenue + self.pension_revenue + self.business_income + self.farm_income + self.property_income
        )


class Revenues:
    """Draws revenues; the second year is the first one moved a little."""

    def __init__(self, profile: Profile, society: Society, as_of: date, dice: Dice) -> None:
        self._work = profile.work
        self._society = society
        self._as_of = as_of
        self._dice = dice

    def of_household(self, household: Household, covers: dict[int, Cover]) -> Iterator[Revenue]:
        """The revenues of the adult members in the two years before `as_of`, the later year first."""
        taxes = self._fixed_asset_tax(household)
        has_side_farm = household.is_owner and self._dice.chance(self._work.side_farm)
        for member in household.members:
            if member.age >= ADULT:
                farms = has_side_farm and member is household.head and member.work not in (SELF, FARM)
                yield from self._of_person(member, covers[id(member)], taxes.get(id(member), 0), farms=farms)

    def _of_person(self, person: Person, cover: Cover, tax: int, *, farms: bool) -> Iterator[Revenue]:
        year = self._as_of.year - 1
        last = self._draw(person, cover, year, farms=farms)
        last.fixed_asset_tax = tax
        last.is_dedicated_worker = person.is_dedicated
        last.non_voluntary_from = self._non_voluntary(person, cover)
        has_payer = last.salary_revenue or last.pension_revenue
        if not has_payer and cover.scheme in (NHI, NONE) and self._dice.chance(self._work.undeclared):
            last = Revenue(person.no, year, is_declared=False, fixed_asset_tax=tax)
        if _age_at_end(person, year) >= ADULT:
            yield last
        if _age_at_end(person, year - 1) >= ADULT:
            yield self._year_before(last, person)

    def _draw(self, person: Person, cover: Cover, year: int, *, farms: bool) -> Revenue:
        society, dice, age = self._society, self._dice, _age_at_end(person, year)
        revenue = Revenue(person.no, year, is_declared=True)
        revenue.salary_revenue = self._salary(person, cover, year)
        if age >= _PENSION_AGE:
            revenue.pension_revenue = (
                self._pension(person) * (_MONTHS if age > _PENSION_AGE else _MONTHS - person.birth.month) // _MONTHS
            )
        if person.work == SELF:
            revenue.business_income = self._level("self")
        if person.work == FARM or farms:
            revenue.farm_income = self._level("farm" if person.work == FARM else "side_farm")
        if dice.chance(society.property_owner.at(age)):
            revenue.property_income = self._level("property")
        if dice.chance(society.separate_income_holder.at(age)):
            revenue.separate_income = self._level("separate")
        if dice.chance(society.other_income_holder.at(age)):
            revenue.other_income = self._level("other")
        if farms and dice.chance(10 * _FORESTRY):
            revenue.forestry_income = self._level("forestry")
        return revenue

    def _salary(self, person: Person, cover: Cover, year: int) -> int:
        kind = {REGULAR: _by_sex("regular", person), PART: "part", DEDICATED: "dedicated"}.get(person.work)
        salary = self._level(kind) if kind else 0
        if person.work == REGULAR:
            salary = salary * self._society.salary_by_age.at(person.age) // 100
        if person.work == PART and cover.scheme != NHI and person.spouse is not None:
            salary = min(salary, _DEPENDANT_CEILING)
        if (
            cover.scheme == NHI
            and cover.acquisition_reason == EMPLOYEE_LEFT
            and cover.acquired_on
            and cover.acquired_on.year >= year
        ):
            months = _MONTHS if cover.acquired_on.year > year else cover.acquired_on.month - 1
            before = self._level(_by_sex("regular", person)) * self._society.salary_by_age.at(person.age) // 100
            salary = max(salary, before * months // _MONTHS)
        return salary

    def _pension(self, person: Person) -> int:
        share = self._society.employees_pension_share[0 if person.is_male else 1]
        if person.work in (SELF, FARM, DEDICATED):
            share //= _OWN_BUSINESS_PENSION_DIVISOR
        return self._level(
            _by_sex("employees_pension", person) if self._dice.chance(share) else "national_pension", 100
        )

    def _level(self, name: str, level: int | None = None) -> int:
        amount = self._dice.sample(self._society.distributions[name])
        return amount * (self._work.pay_level if level is None else level) // 100

    def _non_voluntary(self, person: Person, cover: Cover) -> date | None:
        since = fiscal_year_start(fiscal_year_of(self._as_of) - 1)
        if cover.acquired_on is None or cover.scheme != NHI or cover.acquisition_reason != EMPLOYEE_LEFT:
            return None
        if cover.acquired_on < since or person.age >= _PENSION_AGE or person.work in (SELF, FARM):
            return None
        return cover.acquired_on if self._dice.chance(self._society.involuntary) else None

    def _year_before(self, last: Revenue, person: Person) -> Revenue:
        before = Revenue(last.person_no, last.income_year - 1, last.is_declared or self._dice.chance(500))
        low, high = self._society.last_year_ratio
        for name in ("salary_revenue", "business_income", "farm_income", "property_income", "other_income"):
            if amount := getattr(last, name):
                setattr(before, name, amount * self._dice.between(low, high) // 1000)
        if _age_at_end(person, before.income_year) > _PENSION_AGE:
            before.pension_revenue = last.pension_revenue * 985 // 1000
        before.fixed_asset_tax, before.is_dedicated_worker = last.fixed_asset_tax, last.is_dedicated_worker
        return before

    def _fixed_asset_tax(self, household: Household) -> dict[int, int]:
        if not household.is_owner:
            return {}
        tax = self._level("fixed_asset_tax")
        spouse = household.head.spouse
        if spouse is not None and self._dice.chance(_SHARED_PROPERTY):
            return {id(household.head): tax - tax // 2, id(spouse): tax // 2}
        return {id(household.head): tax}


def _by_sex(name: str, person: Person) -> str:
    return f"{name}_{'male' if person.is_male else 'female'}"


def _age_at_end(person: Person, year: int) -> int:
    # An age is attained on the eve of the birthday: of all birthdays only New Year's is attained a year earlier.
    is_new_year = person.birth.month == 1 and person.birth.day == 1
    return year - person.birth.year + is_new_year
