"""Who bears which name: lines of descent share a surname, wives mostly their husband's, foreigners their own."""

from demo.population.dice import Dice
from demo.population.households import SIBLINGS, UNREGISTERED_WIFE
from demo.population.names import SPACE, ForeignNames, GivenNames, Spelled, Surnames
from demo.population.people import JAPANESE, Household, Person
from demo.population.profile import Profile, Society

_WORKER_AGES = range(19, 38)
_BRIDE_AGES = range(24, 62)
_SETTLED_ALONE = 480
_ROOTED = 420
_DAUGHTER_BACK = 560
_SON_IN_LAW_ADOPTED = 120


class Registrar:
    """Names people and decides who is a foreigner."""

    def __init__(self, prefecture_code: str, towns: int, profile: Profile, society: Society, dice: Dice) -> None:
        self._surnames = Surnames(prefecture_code, towns, dice)
        self._given = GivenNames()
        self._foreign = ForeignNames()
        self._profile = profile
        self._society = society
        self._dice = dice

    def settle_foreigners(self, households: list[Household], residents: int) -> None:
        """Make the profile's share of residents foreign: workers in dormitories, spouses, families of long standing."""
        origin = self._profile.origin
        wanted = residents * origin.foreign // 1000
        workers = wanted * origin.foreign_worker // 1000
        settled = wanted - workers
        for household in households:
            if len(household.members) == 1 and household.head.age in _WORKER_AGES and workers > 0:
                household.head.nationality = self._dice.draw(self._foreign.of_workers)
                household.is_dormitory = True
                workers -= 1
            elif settled > 0:
                settled -= self._settle(household)

    def _settle(self, household: Household) -> int:
        nation = self._dice.draw(self._foreign.of_settled)
        wife = next(
            (m for m in household.members if not m.is_male and m.spouse and m.age in _BRIDE_AGES and not m.parents),
            None,
        )
        if nation == "KOR" or (len(household.members) == 1 and self._dice.chance(_SETTLED_ALONE)):
            for member in household.members:
                member.nationality = nation
            return len(household.members)
        if wife is None:
            return 0
        wife.nationality = nation
        return 1

    def name_household(self, household: Household) -> None:
        """Name everybody in the household."""
        for line in self._lines(household.members):
            surname = self._new_surname(household)
            for member in line:
                member.surname = surname
        household.surname = household.head.surname
        taken: set[Spelled] = set()
        foreign: Spelled | None = None
        for member in household.members:
            member.given = self._given.draw(member.sex, member.birth.year, taken, self._dice)
            taken.add(member.given)
            if member.nationality != JAPANESE:
                foreign = self._name_foreigner(member, foreign)
            elif not member.is_male and member.spouse and self._dice.chance(self._society.former_surname):
                member.former_surname = self._new_surname(household)[0]

    def name_member(self, person: Person, surname: Spelled, taken: set[Spelled]) -> None:
        """Name one person of a known family."""
        person.surname = surname
        person.given = self._given.draw(person.sex, person.birth.year, taken, self._dice)

    def new_surname(self, town: int) -> Spelled:
        """A surname as it occurs in the town."""
        return self._surnames.draw(town, _ROOTED, self._dice)

    def _new_surname(self, household: Household) -> Spelled:
        return self.new_surname(household.town)

    def _name_foreigner(self, person: Person, family: Spelled | None) -> Spelled:
        surname, given = self._foreign.draw(person, self._dice)
        if self._foreign.uses_alias(person, self._dice):
            person.alias = (
                f"{person.surname[0]}{SPACE}{person.given[0]}",
                f"{person.surname[1]}{SPACE}{person.given[1]}",
            )
        person.surname, person.given = family or surname, given
        return person.surname

    def _lines(self, members: list[Person]) -> list[list[Person]]:
        """Members grouped by who shares a surname."""
        lines = [[member] for member in members]
        if len(members) == 1:
            return lines
        for one, other in self._links(members):
            first = next(line for line in lines if one in line)
            second = next(line for line in lines if other in line)
            if first is not second:
                first.extend(second)
                lines.remove(second)
        return lines

    def _links(self, members: list[Person]) -> list[tuple[Person, Person]]:
        links = []
        for member in members:
            if member.spouse is not None and not member.is_male and member.relationship != (UNREGISTERED_WIFE,):
                links.append((member, member.spouse))
            if member.parents and self._keeps_surname(member, members):
                links += [(member, parent) for parent in member.parents]
            if member.relationship and member.relationship[0] in SIBLINGS and not member.parents:
                links.append((member, members[0]))
        return links

    def _keeps_surname(self, child: Person, members: list[Person]) -> bool:
        if child.is_male or (child.spouse is None and not any(child in other.parents for other in members)):
            return True
        return self._dice.chance(_DAUGHTER_BACK if child.spouse is None else _SON_IN_LAW_ADOPTED)
