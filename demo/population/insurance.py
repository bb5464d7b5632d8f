"""Which health scheme covers whom, and since when people have been in, or left, National Health Insurance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from demo.population.departures import Departure
from demo.population.dice import Dice
from demo.population.people import Household, Person
from demo.population.profile import Profile, Society
from demo.population.residency import DEATH, Chronicle, Stay
from demo.population.working import CHILD, HOME, PART, REGULAR, RETIRED, STUDENT, UNEMPLOYED
from yoriai.dates import birthday_in, fiscal_year_of, fiscal_year_start

NHI, EMPLOYEE, ELDERLY, NONE = "nhi", "employee", "elderly", "none"
MOVED_IN, BORN, EMPLOYEE_LEFT = "move_in", "birth", "employee_scheme_left"
EMPLOYEE_JOINED, ELDERLY_JOINED = "employee_scheme_joined", "elderly_medical"
_ELDERLY_AGE = 75
_RETIREMENT = 60
_OLDEST_JOINER = 62
_REMOVED_NHI = 230
_CHANGES_SCHEME = frozenset({PART, UNEMPLOYED, HOME, RETIRED})


@dataclass(slots=True, eq=False)
class Cover:
    """A person's present scheme, the latest NHI spell if any, and the start of 後期高齢者医療."""

    person: Person
    scheme: str
    acquired_on: date | None = None
    acquisition_reason: str | None = None
    lost_on: date | None = None
    loss_reason: str | None = None
    elderly_since: date | None = None
    is_former_member: bool = False


class Insurance:
    """Covers households one by one."""

    def __init__(self, profile: Profile, society: Society, chronicle: Chronicle, dice: Dice) -> None:
        self._profile = profile
        self._society = society
        self._chronicle = chronicle
        self._dice = dice
        self._as_of = chronicle.as_of
        self._year_start = fiscal_year_start(fiscal_year_of(chronicle.as_of))
        self.covers: dict[int, Cover] = {}

    def cover(self, household: Household) -> None:
        """Cover all members: earners first, then those who depend on them, then children."""
        for member in household.members:
            self.covers[id(member)] = Cover(member, NONE if household.has_assistance else self._own_scheme(member))
        for kinds in ((PART, HOME, UNEMPLOYED, RETIRED, STUDENT), (CHILD,)):
            for member in household.members:
                cover = self.covers[id(member)]
                if member.work in kinds and cover.scheme == NHI and self._depends(member, household):
                    cover.scheme = EMPLOYEE
        for member in sorted(household.members, key=lambda m: m.work == CHILD):
            self._date(self.covers[id(member)], self._chronicle.stays[id(member)])
        has_nhi = any(self.covers[id(member)].scheme == NHI for member in household.members)
        for member in household.members:
            cover = self.covers[id(member)]
            cover.is_former_member = has_nhi and cover.loss_reason == ELDERLY_JOINED

    def cover_departures(self, departures: Sequence[Departure]) -> None:
        """Cover the removed as they were when they left; a household leaves with one scheme."""
        schemes: dict[int, str] = {}
        for departure in departures:
            person, stay = departure.person, departure.stay
            scheme = schemes.setdefault(departure.movement_no, NHI if self._dice.chance(_REMOVED_NHI) else EMPLOYEE)
            cover = Cover(person, scheme)
            seventy_five = birthday_in(person.birth, person.birth.year + _ELDERLY_AGE)
            if seventy_five <= departure.removed_on:
                cover.scheme, cover.elderly_since = ELDERLY, self._elderly_since(seventy_five, stay)
            elif scheme == NHI:
                self._join(
                    cover, stay.became_resident_on, BORN if stay.became_resident_on == person.birth else MOVED_IN
                )
                cover.lost_on = departure.removed_on + timedelta(days=1 if departure.reason == DEATH else 0)
                cover.loss_reason = departure.reason
            self.covers[id(person)] = cover

    def _own_scheme(self, person: Person) -> str:
        society, dice = self._society, self._dice
        if birthday_in(person.birth, person.birth.year + _ELDERLY_AGE) <= self._as_of:
            return ELDERLY
        if dice.chance(society.disabled_elderly.at(person.age)):
            return ELDERLY
        if person.work == REGULAR:
            return NHI if dice.chance(society.regular_in_small_business) else EMPLOYEE
        if person.work == PART and dice.chance(society.part_time_insured):
            return EMPLOYEE
        if person.work in (RETIRED, UNEMPLOYED) and dice.chance(society.continued_scheme.at(person.age)):
            return EMPLOYEE
        return NHI

    def _depends(self, person: Person, household: Household) -> bool:
        society, dice = self._society, self._dice
        spouse_insured = person.spouse is not None and self._insured(person.spouse)
        parent_insured = any(self._insured(parent) for parent in person.parents)
        if person.work == CHILD:
            return parent_insured
        if person.work == STUDENT:
            return parent_insured or (not person.parents and dice.chance(society.student_alone_dependant))
        if person.work == RETIRED:
            child_insured = any(person in m.parents and self._insured(m) for m in household.members)
            return (spouse_insured and dice.chance(society.retired_dependant_of_spouse)) or (
                child_insured and dice.chance(society.retired_dependant_of_child)
            )
        if spouse_insured:
            return person.work == HOME or dice.chance(society.part_time_dependant)
        return parent_insured and dice.chance(society.adult_dependant_of_parent)

    def _insured(self, person: Person) -> bool:
        cover = self.covers.get(id(person))
        return cover is not None and cover.scheme == EMPLOYEE

    def _date(self, cover: Cover, stay: Stay) -> None:
        person = cover.person
        if cover.scheme == NHI:
            self._date_present(cover, stay)
        elif cover.scheme == ELDERLY:
            self._date_elderly(cover, stay)
        elif cover.scheme == EMPLOYEE and self._came_from_nhi(person, stay):
            self._join(cover, self._between(stay.became_resident_on, self._year_start), _arrival(person, stay))
            cover.lost_on, cover.loss_reason = self._day_of_this_year(), EMPLOYEE_JOINED

    def _came_from_nhi(self, person: Person, stay: Stay) -> bool:
        if (
            person.work not in (REGULAR, PART)
            or person.age >= _RETIREMENT
            or stay.became_resident_on >= self._year_start
        ):
            return False
        return self._dice.chance(self._society.left_this_year)

    def _date_present(self, cover: Cover, stay: Stay) -> None:
        person = cover.person
        parent = next((c for p in person.parents if (c := self.covers.get(id(p))) and c.scheme == NHI), None)
        came = stay.became_resident_on
        if person.work == CHILD and parent is not None and parent.acquired_on is not None and parent.acquired_on > came:
            self._join(cover, parent.acquired_on, parent.acquisition_reason or EMPLOYEE_LEFT)
        elif person.work == CHILD or came >= self._year_start:
            self._join(cover, came, _arrival(person, stay))
        elif person.work in _CHANGES_SCHEME and person.age > 19:
            changed_now = self._dice.chance(2 * self._society.moved_this_year)
            self._join(cover, self._day_of_this_year() if changed_now else self._left_work(person, came), EMPLOYEE_LEFT)
        else:
            self._join(cover, self._between(max(came, _age_day(person, 18)), self._year_start), EMPLOYEE_LEFT)

    def _left_work(self, person: Person, came: date) -> date:
        usual = _age_day(person, 20 if person.age < _OLDEST_JOINER else _RETIREMENT)
        return self._between(max(came, usual), self._year_start)

    def _date_elderly(self, cover: Cover, stay: Stay) -> None:
        person = cover.person
        seventy_five = birthday_in(person.birth, person.birth.year + _ELDERLY_AGE)
        if seventy_five > self._as_of:
            cover.elderly_since = self._between(max(stay.became_resident_on, _age_day(person, 65)), self._as_of)
            return
        cover.elderly_since = self._elderly_since(seventy_five, stay)
        if cover.elderly_since > stay.became_resident_on and self._dice.chance(self._society.was_insured_before_75):
            joined = self._between(max(stay.became_resident_on, _age_day(person, _RETIREMENT)), cover.elderly_since)
            self._join(cover, joined, EMPLOYEE_LEFT if joined > stay.became_resident_on else _arrival(person, stay))
            cover.lost_on, cover.loss_reason = cover.elderly_since, ELDERLY_JOINED

    def _elderly_since(self, seventy_five: date, stay: Stay) -> date:
        return max(seventy_five, stay.became_resident_on, self._society.elderly_scheme_from)

    @staticmethod
    def _join(cover: Cover, day: date, reason: str) -> None:
        cover.acquired_on, cover.acquisition_reason = day, reason

    def _between(self, first: date, last: date) -> date:
        days = (last - first).days
        return first if days <= 0 else first + timedelta(days=self._dice.below(days))

    def _day_of_this_year(self) -> date:
        return self._year_start + timedelta(days=1 + self._dice.below(max(1, (self._as_of - self._year_start).days)))


def _arrival(person: Person, stay: Stay) -> str:
    return BORN if stay.became_resident_on == person.birth else MOVED_IN


def _age_day(person: Person, age: int) -> date:
    return birthday_in(person.birth, person.birth.year + age)
