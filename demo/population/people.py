"""Persons and households while they are being put together, and the drawing of ages from the pyramid."""

from dataclasses import dataclass, field
from datetime import date, timedelta

from demo.population.dice import Dice
from demo.population.profile import BANDS, Profile
from yoriai.dates import birthday_in

MALE = "1"
FEMALE = "2"
JAPANESE = "JPN"
_BAND = 5
_OLDEST_BAND = (40, 25, 15, 10, 6, 4)
"""How the hundred-year-olds spread over 100, 101 ... 105."""


@dataclass(slots=True, eq=False)
class Person:
    """A resident in the making. Kin are links; whoever is not linked is not known to the register."""

    age: int
    sex: str
    birth: date
    no: int = 0
    spouse: "Person | None" = None
    father: "Person | None" = None
    mother: "Person | None" = None
    household: "Household | None" = None
    nationality: str = JAPANESE
    surname: tuple[str, str] = ("", "")
    given: tuple[str, str] = ("", "")
    alias: tuple[str, str] | None = None
    former_surname: str | None = None
    relationship: tuple[str, ...] = ()
    work: str = ""
    is_dedicated: bool = False

    @property
    def is_male(self) -> bool:
        """Whether the person is male."""
        return self.sex == MALE

    @property
    def parents(self) -> tuple["Person", ...]:
        """The parents the register knows."""
        if self.father is None:
            return () if self.mother is None else (self.mother,)
        return (self.father,) if self.mother is None else (self.father, self.mother)


@dataclass(slots=True, eq=False)
class Family:
    """A couple or a single parent and the children at home."""

    mother: Person | None
    father: Person | None
    children: list[Person] = field(default_factory=list)
    elders: "Family | None" = None
    has_younger: bool = False

    @property
    def parents(self) -> list[Person]:
        """Mother and father as far as they are there."""
        return [parent for parent in (self.father, self.mother) if parent is not None]

    @property
    def members(self) -> list[Person]:
        """Parents and children."""
        return self.parents + self.children


@dataclass(slots=True, eq=False)
class Household:
    """People under one roof with one head, and where they live."""

    members: list[Person]
    head: Person
    no: int = 0
    surname: tuple[str, str] = ("", "")
    town: int = 0
    town_code: str = ""
    postcode: str = ""
    address: str = ""
    building: str | None = None
    is_owner: bool = False
    is_care_home: bool = False
    is_dormitory: bool = False
    has_assistance: bool = False
    settled_on: date = date.min


def draw_people(profile: Profile, residents: int, as_of: date, dice: Dice) -> list[Person]:
    """Exactly `residents` persons with the ages and sexes of the pyramid (largest remainders), in random order."""
    cells = [(age, MALE, weight) for age, weight in enumerate(_by_year(profile.pyramid.male))]
    cells += [(age, FEMALE, weight) for age, weight in enumerate(_by_year(profile.pyramid.female))]
    counts = apportion(residents, [weight for _, _, weight in cells])
    people = [
        Person(age, sex, draw_birth(age, as_of, dice))
        for (age, sex, _), count in zip(cells, counts, strict=True)
        for _ in range(count)
    ]
    dice.shuffle(people)
    return people


def draw_birth(age: int, as_of: date, dice: Dice) -> date:
    """A day of birth such that the person is `age` on `as_of` (the birthday itself counted)."""
    latest = birthday_in(as_of, as_of.year - age)
    earliest = birthday_in(as_of, as_of.year - age - 1) + timedelta(days=1)
    return earliest + timedelta(days=dice.below((latest - earliest).days + 1))


def apportion(total: int, weights: list[int]) -> list[int]:
    """Split a total by weights into whole numbers that add up to it, by largest remainder."""
    whole = sum(weights)
    counts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), i))
    for index in by_remainder[: total - sum(counts)]:
        counts[index] += 1
    return counts


def _by_year(bands: tuple[int, ...]) -> list[int]:
    years: list[int] = []
    for index in range(BANDS - 1):
        before, here, after = bands[max(index - 1, 0)], bands[index], bands[index + 1]
        # Births fall from year to year: within a band the line between its neighbours is followed.
        slope = after - before if index else 2 * (after - here)
        years += [max(1, 200 * here + 20 * (position - 2) * slope) for position in range(_BAND)]
    oldest = bands[BANDS - 1] * 1000
    return years + [oldest * part // sum(_OLDEST_BAND) for part in _OLDEST_BAND]
