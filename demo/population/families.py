"""Couples, parents with children at home, and three generations: who is kin to whom."""

from collections.abc import Iterable, Sequence

from demo.population.dice import Dice, Weighted
from demo.population.people import Family, Person
from demo.population.profile import Profile, Society

ADULT = 18
_OLDEST = 130
_YOUNGEST_COUPLE = 19
_WIDEST_SEARCH = 7
_TRIES = 6
_DAYS_BETWEEN_BIRTHS = 300
_FATHER_YEARS = (18, 58)
_MOTHER_YEARS = (18, 46)
_ELDER = 58
_ELDER_YEARS = (20, 42)


def pair_couples(people: Sequence[Person], society: Society, dice: Dice) -> list[Family]:
    """Link spouses who live together; returns their families, children yet to come."""
    women: list[list[Person]] = [[] for _ in range(_OLDEST)]
    for person in people:
        if not person.is_male and person.age >= _YOUNGEST_COUPLE and dice.chance(society.married_female.at(person.age)):
            women[person.age].append(person)
    families = []
    for man in people:
        if man.is_male and man.age >= _YOUNGEST_COUPLE and dice.chance(society.married_male.at(man.age)):
            wife = _take_nearest(women, man.age - dice.draw(society.spouse_age_gap))
            if wife is not None:
                man.spouse, wife.spouse = wife, man
                families.append(Family(wife, man))
    return families


def _take_nearest(women: list[list[Person]], age: int) -> Person | None:
    for distance in range(_WIDEST_SEARCH):
        for near in (age + distance, age - distance):
            if 0 <= near < _OLDEST and women[near]:
                return women[near].pop()
    return None


class Nursery:
    """Gives children to families: a parent of a fitting age, siblings of fitting distance, few large families."""

    def __init__(self, people: Sequence[Person], couples: Iterable[Family], society: Society, dice: Dice) -> None:
        self._society = society
        self._dice = dice
        self._pools: tuple[list[list[Family]], ...] = tuple([[] for _ in range(_OLDEST)] for _ in range(3))
        for family in couples:
            if family.mother is not None:
                self._pools[0][family.mother.age].append(family)
        for person in people:
            if person.spouse is None and person.age >= ADULT + _MOTHER_YEARS[0]:
                pool = self._pools[2 if person.is_male else 1]
                pool[person.age].append(Family(None, person) if person.is_male else Family(person, None))

    def place(self, child: Person, kinds: Weighted[int]) -> Family | None:
        """Link the child to a family that can take it, or None when there is no such family."""
        kind, gap = self._dice.draw(kinds), self._dice.draw(self._society.mother_age_gap)
        family = self._search(child, self._pools[kind], child.age + gap, _WIDEST_SEARCH)
        if family is not None:
            family.children.append(child)
            child.mother, child.father = family.mother, family.father
        return family

    def place_anywhere(self, child: Person) -> Family | None:
        """Link a minor to any family whose parents could be its parents."""
        for pool in self._pools:
            candidates = (family for families in pool[child.age + ADULT : child.age + 47] for family in families)
            family = next((family for family in candidates if self._fits(family, child)), None)
            if family is not None:
                family.children.append(child)
                child.mother, child.father = family.mother, family.father
                return family
        return None

    def _search(self, child: Person, pool: list[list[Family]], age: int, distance: int) -> Family | None:
        for step in range(distance):
            for near in (age + step, age - step):
                candidates = pool[near] if ADULT <= near < _OLDEST else []
                for _ in range(min(_TRIES, len(candidates))):
                    family = self._dice.pick(candidates)
                    if self._is_ready(family) and self._fits(family, child):
                        return family
        return None

    def _is_ready(self, family: Family) -> bool:
        return self._dice.chance(self._society.sibling_readiness.at(len(family.children)))

    def _fits(self, family: Family, child: Person) -> bool:
        # A single parent who has meanwhile been placed as a child of the house heads no family.
        if any(parent.parents or not _could_be_parent(parent, child) for parent in family.parents):
            return False
        return all(self._could_be_sibling(other, child) for other in family.children)

    def _could_be_sibling(self, other: Person, child: Person) -> bool:
        if abs((other.birth - child.birth).days) >= _DAYS_BETWEEN_BIRTHS:
            return True
        if other.age == child.age and self._dice.chance(self._society.twins):
            child.birth = other.birth
            return True
        return False


def _could_be_parent(parent: Person, child: Person) -> bool:
    least, most = _FATHER_YEARS if parent.is_male else _MOTHER_YEARS
    return least * 366 <= (child.birth - parent.birth).days <= most * 365


def place_children(
    people: Sequence[Person], couples: list[Family], profile: Profile, society: Society, dice: Dice
) -> list[Family]:
    """Give every minor, and the adults who live with their parents, a family; returns all families."""
    nursery = Nursery(people, couples, society, dice)
    families = {id(family): family for family in couples}
    minors = Weighted(enumerate(society.minor_family))
    grown = Weighted(enumerate(society.adult_child_family))
    for child in (person for person in people if person.age < ADULT):
        family = nursery.place(child, minors) or nursery.place_anywhere(child)
        if family is not None:
            families[id(family)] = family
    parents = {id(parent) for family in families.values() for parent in family.parents if family.children}
    for person in people:
        if person.age < ADULT or person.spouse is not None or id(person) in parents:
            continue
        stays = dice.chance(profile.households.adult_child_at_home.at(person.age))
        family = nursery.place(person, grown) if stays else None
        if family is not None:
            families[id(family)] = family
            parents.update(id(parent) for parent in family.parents)
    return list(families.values())


def join_generations(
    families: list[Family], singles: list[Person], profile: Profile, society: Society, dice: Dice
) -> None:
    """Let some elders, couples or alone, live with the family of a son or daughter."""
    young: list[list[Family]] = [[] for _ in range(_OLDEST)]
    for family in families:
        is_young = family.mother is not None and family.mother.age < _ELDER
        if is_young or any(child.age < ADULT for child in family.children):
            for parent in family.parents:
                young[parent.age].append(family)
    shares = profile.households
    alone = [Family(None, p) if p.is_male else Family(p, None) for p in singles if p.age >= _ELDER and not p.parents]
    for family in [*families, *alone]:
        share = shares.three_generations if len(family.parents) == 2 else shares.three_generations_alone
        elders = family.parents
        if (
            min(elder.age for elder in elders) < _ELDER
            or any(child.age < ADULT for child in family.children)
            or family.elders
        ):
            continue
        if dice.chance(share):
            _join(family, young, society, dice)


def _join(elders: Family, young: list[list[Family]], society: Society, dice: Dice) -> None:
    anchor = elders.mother or elders.parents[0]
    wants_son = dice.chance(society.through_son)
    for _ in range(4 * _TRIES):
        age = anchor.age - dice.between(*_ELDER_YEARS)
        family = dice.pick(young[age]) if young[age] else None
        if (
            family is None
            or family is elders
            or family.elders is not None
            or family.has_younger
            or family.members[0].parents
        ):
            continue
        heir = _heir(family, wants_son)
        if heir is None or not all(_could_be_parent(elder, heir) for elder in elders.parents):
            continue
        if not all(abs((heir.birth - sibling.birth).days) >= _DAYS_BETWEEN_BIRTHS for sibling in elders.children):
            continue
        heir.mother, heir.father = elders.mother, elders.father
        family.elders, elders.has_younger = elders, True
        return


def _heir(family: Family, wants_son: bool) -> Person | None:
    if len(family.parents) == 1:
        return family.parents[0]
    return family.father if wants_son else family.mother
