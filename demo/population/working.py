"""What grown people do: employed, self-employed, farming, at home, retired, studying."""

from demo.population.dice import Dice, Weighted
from demo.population.families import ADULT
from demo.population.people import JAPANESE, Household, Person
from demo.population.profile import Profile, Society, WorkTable

REGULAR, PART, SELF, FARM, UNEMPLOYED, HOME, RETIRED = (
    "regular",
    "part",
    "self",
    "farm",
    "unemployed",
    "home",
    "retired",
)
STUDENT, DEDICATED, CHILD = "student", "dedicated", "child"
_CLASSES = (REGULAR, PART, SELF, FARM, UNEMPLOYED, HOME, RETIRED)
_OWN_BUSINESS = frozenset({SELF, FARM})
_MAY_HELP = frozenset({HOME, PART, UNEMPLOYED, RETIRED})
_HELPING_AGES = range(20, 80)


class Employment:
    """Draws everybody's work from the profile."""

    def __init__(self, profile: Profile, society: Society, dice: Dice) -> None:
        self._work = profile.work
        self._society = society
        self._dice = dice
        self._male = _by_age(profile.work.male)
        self._female = _by_age(profile.work.female)

    def employ(self, household: Household) -> None:
        """Set the work of all members, and whether the household lives on public assistance."""
        for member in household.members:
            member.work = self._work_of(member, household)
        owners = {id(m) for m in household.members if m.work in _OWN_BUSINESS}
        for member in household.members:
            helps = member.work in _MAY_HELP and member.age in _HELPING_AGES and _kin_of(member, owners)
            if helps and self._dice.chance(self._society.dedicated_worker):
                member.work, member.is_dedicated = DEDICATED, True
        poor = all(member.work not in (REGULAR, *_OWN_BUSINESS, DEDICATED) for member in household.members)
        # Households that could be poor are about half of all.
        household.has_assistance = (
            poor and not household.is_care_home and self._dice.chance(2 * self._work.public_assistance)
        )

    def _work_of(self, person: Person, household: Household) -> str:
        if person.age < ADULT:
            return CHILD
        if household.is_dormitory:
            return REGULAR
        if household.is_care_home:
            return RETIRED
        if (
            person.nationality == JAPANESE
            and person.spouse is None
            and self._dice.chance(self._work.student.at(person.age))
        ):
            return STUDENT
        table = self._male if person.is_male else self._female
        return self._dice.draw(table[person.age])


def _by_age(table: WorkTable) -> list[Weighted[str]]:
    starts = sorted(table)
    weighted = {start: Weighted(zip(_CLASSES, table[start], strict=True)) for start in starts}
    return [weighted[max((start for start in starts if start <= age), default=starts[0])] for age in range(131)]


def _kin_of(member: Person, owners: set[int]) -> bool:
    return any(
        id(other) in owners for other in (member.spouse, *member.parents) if other is not None and other is not member
    )
