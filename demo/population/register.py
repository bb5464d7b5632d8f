"""The records of persons as the register shows them: current residents and those removed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from demo.population.addresses import Elsewhere
from demo.population.departures import Departure
from demo.population.dice import Dice
from demo.population.households import HEAD, relationship_text
from demo.population.names import full_name
from demo.population.people import JAPANESE, Household, Person
from demo.population.residency import Chronicle, Stay

_DOMICILE_HERE = 620
_PLANNED_DAYS = 14


@dataclass(slots=True)
class PersonRow:
    """A record of a person as the register shows it."""

    person_no: int
    household_no: int
    name: str
    name_kana: str
    alias: str | None
    alias_kana: str | None
    former_surname: str | None
    birth_date: date
    birth_date_unknown: bool
    sex: str
    nationality: str
    relationship: str
    relationship_text: str
    is_head: bool
    father_no: int | None
    mother_no: int | None
    spouse_no: int | None
    town_code: str
    postcode: str
    address: str
    building: str | None
    previous_address: str | None
    registered_domicile: str | None
    family_register_head: str | None
    became_resident_on: date
    address_since: date
    valid_from: date
    movement_no: int | None
    status: str = "resident"
    planned_move_out_on: date | None = None
    removed_on: date | None = None
    removal_reason: str | None = None
    destination: str | None = None
    removal_movement_no: int | None = None


class Register:
    """Writes person rows."""

    def __init__(
        self, chronicle: Chronicle, elsewhere: Elsewhere, local: str, planned_move_outs: int, dice: Dice
    ) -> None:
        self._chronicle = chronicle
        self._elsewhere = elsewhere
        self._local = local
        self._planned = planned_move_outs
        self._dice = dice

    def household_rows(self, household: Household) -> Iterable[PersonRow]:
        """The current records of a household, and now and then an announced removal."""
        domiciles: dict[tuple[str, str], str] = {}
        planned_on = None
        if self._dice.chance(self._planned):
            planned_on = self._chronicle.as_of + timedelta(days=self._dice.between(1, _PLANNED_DAYS))
        for member in household.members:
            domicile = domiciles.get(member.surname) or self._domicile(household)
            domiciles[member.surname] = domicile
            row = _row(member, household, self._chronicle.stays[id(member)], domicile)
            if planned_on is not None:
                row.status, row.planned_move_out_on = "move_out_planned", planned_on
            yield row

    def removed_row(self, departure: Departure) -> PersonRow:
        """The last state of a removed person."""
        row = _row(departure.person, departure.household, departure.stay, self._domicile(departure.household))
        row.status, row.removed_on, row.removal_reason = "removed", departure.removed_on, departure.reason
        row.destination, row.removal_movement_no = departure.destination, departure.movement_no
        return row

    def _domicile(self, household: Household) -> str:
        return f"{self._local}{household.address}" if self._dice.chance(_DOMICILE_HERE) else self._elsewhere.draw()


def _row(person: Person, household: Household, stay: Stay, domicile: str) -> PersonRow:
    name, kana = full_name(person)
    is_japanese = person.nationality == JAPANESE
    return PersonRow(
        person_no=person.no,
        household_no=household.no,
        name=name,
        name_kana=kana,
        alias=person.alias[0] if person.alias else None,
        alias_kana=person.alias[1] if person.alias else None,
        former_surname=person.former_surname,
        birth_date=person.birth,
        birth_date_unknown=False,
        sex=person.sex,
        nationality=person.nationality,
        relationship="".join(person.relationship),
        relationship_text=relationship_text(person.relationship),
        is_head=person.relationship == (HEAD,),
        father_no=_number(person.father),
        mother_no=_number(person.mother),
        spouse_no=_number(person.spouse),
        town_code=household.town_code,
        postcode=household.postcode,
        address=household.address,
        building=household.building,
        previous_address=stay.previous_address,
        registered_domicile=domicile if is_japanese else None,
        family_register_head=full_name(_register_head(person))[0] if is_japanese else None,
        became_resident_on=stay.became_resident_on,
        address_since=stay.address_since,
        valid_from=stay.valid_from,
        movement_no=stay.movement_no,
    )


def _number(person: Person | None) -> int | None:
    return person.no if person is not None else None


def _register_head(person: Person) -> Person:
    """筆頭者: of a couple the one whose surname it is, of an unmarried child the parent's; oneself otherwise."""
    if person.spouse is not None:
        husband = person if person.is_male else person.spouse
        return husband if husband.nationality == JAPANESE and husband.surname == person.surname else person
    parent = person.father or person.mother
    return (
        parent if parent is not None and parent.surname == person.surname and parent.nationality == JAPANESE else person
    )
