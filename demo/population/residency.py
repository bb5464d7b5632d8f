"""Since when people live here: 住民となった日, 住所を定めた日, and what the register recorded of the last years."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from demo.population.addresses import Address, Directory, Elsewhere
from demo.population.dice import Dice
from demo.population.households import HEAD, LODGER
from demo.population.names import SPACE, Spelled, full_name
from demo.population.naming import Registrar
from demo.population.people import JAPANESE, Household, Person
from demo.population.profile import Profile, Society
from demo.population.towns import Place
from yoriai.dates import birthday_in

BIRTH, DEATH, MARRIAGE = "birth", "death", "marriage"
MOVE_IN, MOVE_WITHIN, MOVE_OUT = "move_in", "move_within", "move_out"
NOTIFIED, EX_OFFICIO = "notified", "ex_officio"
_BY_NOTICE_OF_REGISTRY = frozenset({BIRTH, DEATH, MARRIAGE})
_DAYS_OF_YEAR = 365
_NOTICE_DAYS = 14
_LATE_DAYS = 60
_INDEPENDENT = 20
_WEDDING_AGES = range(22, 40)


@dataclass(slots=True, eq=False)
class Movement:
    """One 異動: what happened to whom when."""

    no: int
    reason: str
    event_date: date
    notified_on: date
    household_no: int
    former_address: str | None
    person_nos: list[int] = field(default_factory=list)

    @property
    def movement_class(self) -> str:
        """Whether the register was changed on a notice of the person or by office."""
        return EX_OFFICIO if self.reason in _BY_NOTICE_OF_REGISTRY else NOTIFIED


@dataclass(slots=True, eq=False)
class Past:
    """A former version of a person's record, valid until `valid_to`."""

    person: Person
    valid_from: date
    valid_to: date
    name: Spelled
    relationship: tuple[str, ...]
    address: Address
    address_since: date
    movement_no: int | None = None


@dataclass(slots=True, eq=False)
class Stay:
    """A person's residence here: since when, from where, and when the present version of the record began."""

    became_resident_on: date
    address_since: date
    previous_address: str | None
    valid_from: date
    movement_no: int | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """What a municipality's people live in: its place, its towns, the places around it, its habits and names."""

    place: Place
    profile: Profile
    society: Society
    directory: Directory
    elsewhere: Elsewhere
    registrar: Registrar


class Chronicle:
    """Works out everybody's stay and keeps the movements and former versions."""

    def __init__(self, setting: Setting, as_of: date, dice: Dice) -> None:
        self.as_of = as_of
        self.horizon = birthday_in(as_of, as_of.year - setting.profile.movement.horizon_years)
        self.movements: list[Movement] = []
        self.past: list[Past] = []
        self.stays: dict[int, Stay] = {}
        self._profile = setting.profile
        self._society = setting.society
        self._directory = setting.directory
        self._elsewhere = setting.elsewhere
        self._registrar = setting.registrar
        self._local = setting.place.text
        self._dice = dice

    def settle(self, household: Household) -> None:
        """Set the stay of every member and record what happened within the horizon."""
        head = household.head
        head_since = self._settle_head(household)
        origin = self._elsewhere.draw()
        former = self._directory.draw_address(
            household.town if self._dice.chance(self._society.moved_within_town) else self._directory.draw_town()
        )
        for member in household.members:
            since = head_since if member is head else self._member_since(member, household, head_since)
            if member.nationality != JAPANESE:
                since = max(since, self._society.foreign_register_from)
            address_since = max(since, household.settled_on)
            if since == member.birth and address_since == since:
                previous = None
            elif address_since == since:
                previous = origin if since == head_since else self._elsewhere.draw()
            else:
                previous = f"{self._local}{former.text}"
            self.stays[id(member)] = Stay(since, address_since, previous, address_since)
        self._record(household, former)
        self._maybe_wedding(household)

    def note(self, reason: str, day: date, household_no: int, former_address: str | None = None) -> Movement:
        """A new movement of that day, notified within the legal days or somewhat late."""
        days = (
            self._dice.between(0, _LATE_DAYS)
            if self._dice.chance(self._society.late_notice)
            else self._dice.between(0, _NOTICE_DAYS)
        )
        notified_on = min(self.as_of, day + timedelta(days=days))
        if reason == MOVE_OUT:
            notified_on = day - timedelta(days=self._dice.between(0, _NOTICE_DAYS))
        movement = Movement(len(self.movements) + 1, reason, day, notified_on, household_no, former_address)
        self.movements.append(movement)
        return movement

    def day_within_horizon(self) -> date:
        """A day of the last years, yesterday at the latest."""
        return self.horizon + timedelta(days=self._dice.below((self.as_of - self.horizon).days))

    def _settle_head(self, household: Household) -> date:
        head, dwelling, dice = household.head, self._profile.dwelling, self._dice
        years = dwelling.tenure_owner if household.is_owner else dwelling.tenure_renter
        days = dice.sample(years) * _DAYS_OF_YEAR + dice.below(_DAYS_OF_YEAR)
        earliest = birthday_in(head.birth, head.birth.year + min(_INDEPENDENT, head.age))
        household.settled_on = max(self.as_of - timedelta(days=days), earliest)
        if head.nationality == JAPANESE and not household.is_dormitory and dice.chance(self._profile.origin.native):
            if household.is_owner and dice.chance(self._society.ancestral_home):
                household.settled_on = head.birth
            return head.birth
        if dice.chance(self._society.came_straight):
            return household.settled_on
        return max(head.birth, household.settled_on - timedelta(days=dice.below(14 * _DAYS_OF_YEAR)))

    def _member_since(self, member: Person, household: Household, head_since: date) -> date:
        head, dice = household.head, self._dice
        if member.birth >= head_since:
            return member.birth
        if member is head.spouse and head_since == head.birth:
            is_native = member.nationality == JAPANESE and dice.chance(self._society.wife_native)
            return member.birth if is_native else self._wedding_day(member, head)
        if any(parent in household.members for parent in member.parents) or member is head.spouse:
            return head_since
        if member.nationality == JAPANESE and dice.chance(self._profile.origin.native):
            return member.birth
        return max(member.birth, head_since - timedelta(days=dice.below(20 * _DAYS_OF_YEAR)))

    def _wedding_day(self, member: Person, head: Person) -> date:
        at_most = min(
            [self.as_of, *(c.birth for c in head.household.members if member in c.parents)]
            if head.household
            else [self.as_of]
        )
        adult = max(birthday_in(p.birth, p.birth.year + 19) for p in (member, head))
        span = max(1, min((at_most - adult).days, 12 * _DAYS_OF_YEAR))
        return max(member.birth, min(at_most, adult + timedelta(days=self._dice.below(span))))

    def _record(self, household: Household, former: Address) -> None:
        recorded: dict[tuple[str, date], Movement] = {}
        moved_before = household.settled_on - timedelta(days=self._dice.between(200, 12 * _DAYS_OF_YEAR))
        for member in household.members:
            stay = self.stays[id(member)]
            if stay.address_since < self.horizon:
                continue
            reason = _reason(member, stay)
            key = (reason, stay.address_since)
            if key not in recorded:
                recorded[key] = self.note(reason, stay.address_since, household.no, stay.previous_address)
            recorded[key].person_nos.append(member.no)
            stay.movement_no = recorded[key].no
            if reason == MOVE_WITHIN:
                since = max(stay.became_resident_on, moved_before)
                name, relationship = full_name(member), member.relationship
                self.past.append(Past(member, since, stay.address_since, name, relationship, former, since))

    def _maybe_wedding(self, household: Household) -> None:
        head, spouse = household.head, household.head.spouse
        if (
            spouse is None
            or len(household.members) != 2
            or spouse.age not in _WEDDING_AGES
            or spouse.nationality != JAPANESE
        ):
            return
        stay = self.stays[id(spouse)]
        first = max(self.horizon, stay.valid_from + timedelta(days=30))
        if (
            first >= self.as_of
            or spouse.surname != head.surname
            or not self._dice.chance(self._profile.movement.weddings)
        ):
            return
        day = first + timedelta(days=self._dice.below((self.as_of - first).days))
        maiden = self._registrar.new_surname(household.town)
        home = Address(household.town, household.town_code, household.postcode, household.address, household.building)
        name = (f"{maiden[0]}{SPACE}{spouse.given[0]}", f"{maiden[1]}{SPACE}{spouse.given[1]}")
        self._unmarry(household, spouse, name)
        self.past.append(
            Past(spouse, stay.valid_from, day, name, (LODGER,), home, stay.address_since, stay.movement_no)
        )
        movement = self.note(MARRIAGE, day, household.no)
        movement.person_nos.append(spouse.no)
        stay.valid_from, stay.movement_no = day, movement.no

    def _unmarry(self, household: Household, spouse: Person, maiden_name: tuple[str, str]) -> None:
        """What was recorded of the spouse before the wedding bears the maiden name; the household's records stand last."""
        for position in range(len(self.past) - 1, -1, -1):
            earlier = self.past[position]
            if earlier.person.household is not household:
                break
            if earlier.person is spouse:
                self.past[position] = replace(earlier, name=maiden_name, relationship=(LODGER,))


def _reason(member: Person, stay: Stay) -> str:
    if stay.address_since > stay.became_resident_on:
        return MOVE_WITHIN
    return BIRTH if stay.became_resident_on == member.birth else MOVE_IN


def became_head(
    stay: Stay, person: Person, day: date, former_relationship: tuple[str, ...], home: Address, movement: Movement
) -> Past:
    """Make the person head from the day on; returns the version of the record that ends then."""
    past = Past(
        person, stay.valid_from, day, full_name(person), former_relationship, home, stay.address_since, stay.movement_no
    )
    stay.valid_from, stay.movement_no = day, movement.no
    person.relationship = (HEAD,)
    movement.person_nos.append(person.no)
    return past
