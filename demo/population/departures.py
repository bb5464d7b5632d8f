"""People who left the register in the last years: by death, or by moving out alone, from a family, or all together."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from demo.population.addresses import Address
from demo.population.dice import Dice, Weighted
from demo.population.households import HEAD
from demo.population.people import FEMALE, JAPANESE, MALE, Household, Person, draw_birth
from demo.population.residency import DEATH, MOVE_OUT, Chronicle, Movement, Setting, Stay, became_head
from yoriai.dates import birthday_in

_CHILD, _WIFE = "20", "12"
_LEAVING_AGES = (18, 26)
_SINGLE_AGES = (19, 44)
_FAMILY_AGES = (26, 48)
_WIDOWED = 66
_DAYS_OF_YEAR = 365


@dataclass(slots=True, eq=False)
class Departure:
    """A removed person with the last state of the record."""

    person: Person
    household: Household
    stay: Stay
    removed_on: date
    reason: str
    destination: str | None
    movement_no: int


class Departures:
    """Makes the removed records of the horizon; numbers go on after the residents'."""

    def __init__(
        self, setting: Setting, chronicle: Chronicle, households: list[Household], residents: int, dice: Dice
    ) -> None:
        self._setting = setting
        self._chronicle = chronicle
        self._households = households
        self._residents = residents
        self._dice = dice
        self._next_person = residents + 1
        self._next_household = len(households) + 1
        self._death_age = Weighted(self._bands(setting.society.death_age))

    @staticmethod
    def _bands(table: dict[int, int]) -> Iterator[tuple[tuple[int, int], int]]:
        starts = sorted(table)
        for start, end in zip(starts, [*starts[1:], 104], strict=True):
            yield (start, end - 1), table[start]

    def draw(self) -> list[Departure]:
        """All departures of the horizon."""
        rates = self._setting.profile.movement
        deaths = self._residents * rates.deaths * rates.horizon_years // 1000
        outs = self._residents * rates.move_outs * rates.horizon_years // 1000
        left = self._deaths(deaths)
        kinds = Weighted(enumerate(self._setting.society.move_out_kind))
        families = [h for h in self._households if len(h.members) > 1 and h.head.age in range(42, 64)]
        departed = 0
        while departed < outs:
            kind = self._dice.draw(kinds)
            group = (
                self._child_leaves(families) if kind == 1 and families else self._household_leaves(is_family=kind == 2)
            )
            left += group
            departed += len(group)
        return left

    def _deaths(self, count: int) -> list[Departure]:
        by_spouse = count * self._setting.profile.movement.head_by_death // 1000
        widowed = [h for h in self._households if len(h.members) == 1 and h.head.age >= _WIDOWED and not h.is_care_home]
        self._dice.shuffle(widowed)
        left = []
        for index in range(count):
            day = self._chronicle.day_within_horizon()
            if index < by_spouse and index < len(widowed):
                departure = self._spouse_died(widowed[index], day)
                if departure is not None:
                    left.append(departure)
                    continue
            low, high = self._dice.draw(self._death_age)
            person = self._person(self._dice.between(low, high), self._sex(), day)
            left.append(self._died_alone(person, day))
        return left

    def _spouse_died(self, household: Household, day: date) -> Departure | None:
        widow = household.head
        stay = self._chronicle.stays[id(widow)]
        if stay.valid_from >= day or widow.nationality != JAPANESE:
            return None
        dead = self._person(widow.age + self._dice.between(-2, 6), FEMALE if widow.is_male else MALE, day)
        self._name(dead, widow.surname, [widow])
        dead.spouse = widow
        dead.relationship = (_WIFE,) if widow.is_male else (HEAD,)
        movement = self._chronicle.note(DEATH, day, household.no)
        departure = self._leave(dead, household, self._stay_of(dead, household, day, stay), day, DEATH, None, movement)
        if not widow.is_male:
            home = Address(
                household.town, household.town_code, household.postcode, household.address, household.building
            )
            self._chronicle.past.append(became_head(stay, widow, day, (_WIFE,), home, movement))
        return departure

    def _died_alone(self, person: Person, day: date) -> Departure:
        household = self._former_household([person])
        self._name(person, household.surname, [])
        movement = self._chronicle.note(DEATH, day, household.no)
        return self._leave(person, household, self._stay_of(person, household, day, None), day, DEATH, None, movement)

    def _child_leaves(self, families: list[Household]) -> list[Departure]:
        household = self._dice.pick(families)
        head, day = household.head, self._chronicle.day_within_horizon()
        age = self._dice.between(*_LEAVING_AGES)
        child = self._person(age, self._sex(), day)
        stay = self._chronicle.stays[id(head)]
        parents = [m for m in (head, head.spouse) if m is not None]
        if (
            stay.valid_from >= day
            or any((child.birth - p.birth).days < 20 * 366 for p in parents)
            or head.nationality != JAPANESE
        ):
            return []
        self._name(child, head.surname, household.members)
        child.relationship = (_CHILD,)
        child.father, child.mother = (head, head.spouse) if head.is_male else (head.spouse, head)
        movement = self._chronicle.note(MOVE_OUT, day, household.no)
        own = self._stay_of(child, household, day, stay)
        return [self._leave(child, household, own, day, MOVE_OUT, self._setting.elsewhere.draw(), movement)]

    def _household_leaves(self, *, is_family: bool) -> list[Departure]:
        day = self._chronicle.day_within_horizon()
        head_age = self._dice.between(*(_FAMILY_AGES if is_family else _SINGLE_AGES))
        head = self._person(head_age, MALE if is_family else self._sex(), day)
        members = [head, *(self._family_of(head, day) if is_family else [])]
        household = self._former_household(members)
        stay = self._stay_of(head, household, day, None)
        movement = self._chronicle.note(MOVE_OUT, day, household.no)
        destination = self._setting.elsewhere.draw()
        named: list[Person] = []
        for member in members:
            self._name(member, household.surname, named)
            named.append(member)
        return [
            self._leave(m, household, self._stay_of(m, household, day, stay), day, MOVE_OUT, destination, movement)
            for m in members
        ]

    def _family_of(self, head: Person, day: date) -> list[Person]:
        wife = self._person(max(20, head.age - self._dice.between(-2, 5)), FEMALE, day)
        wife.spouse, head.spouse, wife.relationship = head, wife, (_WIFE,)
        children = []
        for index in range(self._dice.between(0, 2)):
            age = wife.age - 24 - 4 * index - self._dice.between(0, 3)
            if age >= 1:
                child = self._person(age, self._sex(), day)
                child.father, child.mother, child.relationship = head, wife, (_CHILD,)
                children.append(child)
        return [wife, *children]

    def _person(self, age: int, sex: str, day: date) -> Person:
        return Person(max(0, age), sex, draw_birth(max(0, age), day, self._dice), relationship=(HEAD,))

    def _sex(self) -> str:
        return MALE if self._dice.chance(self._setting.society.boys) else FEMALE

    def _former_household(self, members: list[Person]) -> Household:
        household = Household(members, members[0], no=self._next_household)
        self._next_household += 1
        household.is_owner = self._dice.chance(self._setting.society.leavers_owning)
        directory = self._setting.directory
        building = None if household.is_owner else directory.draw_building()
        directory.move(household, directory.draw_address(directory.draw_town(), building))
        household.surname = self._setting.registrar.new_surname(household.town)
        return household

    def _name(self, person: Person, surname: tuple[str, str], family: list[Person]) -> None:
        self._setting.registrar.name_member(person, surname, {member.given for member in family})

    def _stay_of(self, person: Person, household: Household, day: date, like: Stay | None) -> Stay:
        """The stay of someone who lived with `like`, or of a household of its own."""
        if like is not None:
            since = max(person.birth, like.became_resident_on)
            start = max(person.birth, min(like.address_since, day - timedelta(days=1)))
            previous = None if since == start == person.birth else like.previous_address
            return Stay(min(since, start), start, previous, start)
        years = self._dice.below(max(1, min(person.age, 60 if household.is_owner else 9)) * _DAYS_OF_YEAR)
        start = max(person.birth, day - timedelta(days=years + 1))
        return Stay(start, start, self._setting.elsewhere.draw(), start)

    def _leave(
        self,
        person: Person,
        household: Household,
        stay: Stay,
        day: date,
        reason: str,
        destination: str | None,
        movement: Movement,
    ) -> Departure:
        person.no = self._next_person
        self._next_person += 1
        person.household = household
        person.age = day.year - person.birth.year - (birthday_in(person.birth, day.year) > day)
        movement.person_nos.append(person.no)
        return Departure(person, household, stay, day, reason, destination, movement.no)
