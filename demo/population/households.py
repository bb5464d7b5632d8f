"""Families put under one roof, the head of each household, and everybody's relationship to the head."""

from collections import deque
from collections.abc import Sequence

from demo.population.dice import Dice
from demo.population.families import ADULT, join_generations, pair_couples, place_children
from demo.population.people import Family, Household, Person
from demo.population.profile import FOLDER, Profile, Society, read_data

HEAD = "02"
RELATIVE = "98"
LODGER = "99"
UNREGISTERED_WIFE = "14"
_CODES: dict[str, str] = read_data(FOLDER / "data" / "relationships.yaml")["codes"]
_SLOTS = 4
_HUSBAND, _WIFE, _CHILD, _FATHER, _MOTHER = "11", "12", "20", "51", "52"
_BROTHERS, _SISTERS = ("61", "62"), ("63", "64")
SIBLINGS = frozenset(_BROTHERS + _SISTERS)
_ELDER_STEPS_BACK = 80
_SIBLINGS_BETWEEN = 10


def form_households(people: Sequence[Person], profile: Profile, society: Society, dice: Dice) -> list[Household]:
    """All people in households, each with one head, in random order and not yet anywhere."""
    couples = pair_couples(people, society, dice)
    families = place_children(people, couples, profile, society, dice)
    housed = {id(member) for family in families for member in family.members}
    singles = [person for person in people if id(person) not in housed]
    join_generations(families, [person for person in singles if person.age >= ADULT], profile, society, dice)
    households = [_household(family, society, dice) for family in families if not family.has_younger]
    housed = {id(member) for household in households for member in household.members}
    households += _live_alone([person for person in people if id(person) not in housed], society, dice)
    _take_in_lone_minors(households, dice)
    dice.shuffle(households)
    for household in households:
        household.members.sort(key=lambda m: (m is not household.head, m is not household.head.spouse, m.birth))
        for member in household.members:
            member.household = household
        relate_to_head(household)
        _unregister_some(household, society, dice)
    return households


def _household(family: Family, society: Society, dice: Dice) -> Household:
    elders = family.elders
    members = family.members + (elders.members if elders else [])
    return Household(members, _choose_head(family, society, dice))


def _choose_head(family: Family, society: Society, dice: Dice) -> Person:
    elders = family.elders
    if elders is not None:
        eldest = elders.father or elders.parents[0]
        if dice.chance(society.elder_is_head.at(eldest.age)):
            return eldest
    parent = family.father or family.parents[0]
    if len(family.parents) == 2 and dice.chance(society.wife_surname):
        parent = family.parents[1]
    grown = [child for child in family.children if child.age >= ADULT + 12]
    if grown and parent.age >= _ELDER_STEPS_BACK and dice.chance(society.grown_child_is_head):
        return grown[0]
    return parent


def _live_alone(people: list[Person], society: Society, dice: Dice) -> list[Household]:
    households: list[Household] = []
    for person in people:
        last = households[-1] if households else None
        if (
            last
            and len(last.members) == 1
            and dice.chance(society.siblings_together)
            and _could_share(last.head, person)
        ):
            last.members.append(person)
        else:
            households.append(Household([person], person))
    return households


def _could_share(one: Person, other: Person) -> bool:
    return min(one.age, other.age) >= ADULT and 1 < abs(one.age - other.age) < _SIBLINGS_BETWEEN


def _take_in_lone_minors(households: list[Household], dice: Dice) -> None:
    lone = [h for h in households if h.head.age < ADULT]
    able = [h for h in households if h.head.age >= ADULT + 12]
    for household in lone if able else []:
        dice.pick(able).members.extend(household.members)
        households.remove(household)


def relate_to_head(household: Household) -> None:
    """Set each member's relationship by the shortest way of kinship from the head."""
    if len(household.members) == 1:
        household.head.relationship = (HEAD,)
        return
    paths = _paths(household.head, household.members)
    for member in household.members:
        path = paths.get(id(member))
        member.relationship = path if path is not None and len(path) <= _SLOTS else (RELATIVE,)


def relationship_text(slots: tuple[str, ...]) -> str:
    """The relationship as it is written: 子の妻."""
    return "の".join(_CODES[slot] for slot in slots)


def relationship_codes() -> frozenset[str]:
    """The slot codes in use."""
    return frozenset(_CODES)


def _paths(head: Person, members: list[Person]) -> dict[int, tuple[str, ...]]:
    if len(members) == 2 and not any(m.spouse or m.parents for m in members):
        other = members[1] if members[0] is head else members[0]
        return {
            id(head): (HEAD,),
            id(other): (_sibling(head, other) if abs(head.age - other.age) < _SIBLINGS_BETWEEN else RELATIVE,),
        }
    paths: dict[int, tuple[str, ...]] = {id(head): ()}
    queue = deque([head])
    while queue:
        person = queue.popleft()
        for other, step in _steps(person, members):
            if id(other) not in paths:
                paths[id(other)] = (*paths[id(person)], step)
                queue.append(other)
    paths[id(head)] = (HEAD,)
    return paths


def _steps(person: Person, members: list[Person]) -> list[tuple[Person, str]]:
    steps = []
    for other in members:
        if other is person.spouse:
            steps.append((other, _HUSBAND if other.is_male else _WIFE))
        elif other is person.father:
            steps.append((other, _FATHER))
        elif other is person.mother:
            steps.append((other, _MOTHER))
        elif person in other.parents:
            steps.append((other, _CHILD))
        elif other is not person and any(parent in person.parents for parent in other.parents):
            steps.append((other, _sibling(person, other)))
    return steps


def _sibling(person: Person, other: Person) -> str:
    older, younger = _BROTHERS if other.is_male else _SISTERS
    return older if other.birth <= person.birth else younger


def _unregister_some(household: Household, society: Society, dice: Dice) -> None:
    if (
        len(household.members) == 2
        and household.members[1].relationship in ((_WIFE,),)
        and dice.chance(society.unregistered_marriage)
    ):
        household.members[1].relationship = (UNREGISTERED_WIFE,)
