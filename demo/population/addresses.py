"""Where a household lives: a real 町字 with an invented number, sometimes a building."""

from dataclasses import dataclass, replace

import polars as pl

from demo.population.dice import Dice, Weighted
from demo.population.people import Household
from demo.population.profile import FOLDER, Profile, read_data
from demo.population.towns import Place

_WORDS = read_data(FOLDER / "data" / "dwellings.yaml")
_MERGED_PLACE_SHARE = 25
_FEW_HOMES_SHARE = 1
_PLAIN_SHARE = 100
_CARE_AGE = 80
_SMALL = 3
_TENANT_TOO = 3
_PUBLIC_HOUSING = 90


@dataclass(frozen=True, slots=True)
class Address:
    """An address inside the municipality (町字 and 番地) with the building as 方書."""

    town: int
    town_code: str
    postcode: str
    text: str
    building: str | None = None


class Directory:
    """The towns of one municipality, some more populous than others, and the making of addresses in them."""

    def __init__(self, towns: pl.DataFrame, profile: Profile, dice: Dice) -> None:
        self._rows = towns.select("town_code", "postcode", "name", "chome_count").rows()
        self._profile = profile
        self._dice = dice
        order = list(range(len(self._rows)))
        dice.shuffle(order)
        self._towns = Weighted((index, self._weight(index, rank)) for rank, index in enumerate(order))
        lodgings = _WORDS["care_homes"] + _WORDS["dormitories"]
        self._lodgings = {name: self.draw_address(self.draw_town(), name) for name in lodgings}

    def _weight(self, index: int, rank: int) -> int:
        name, chome_count = self._rows[index][2], self._rows[index][3]
        if any(word in name for word in _WORDS["few_homes"]):
            return _FEW_HOMES_SHARE
        share = _MERGED_PLACE_SHARE if _is_part_of_town(name, self._rows) else _PLAIN_SHARE
        concentrated = share + share * self._profile.dwelling.town_concentration // (10 + 4 * rank)
        return concentrated * (self._profile.dwelling.chome_weight if chome_count else 1)

    def draw_town(self) -> int:
        """The index of a town, the populous ones more often."""
        return self._dice.draw(self._towns)

    def draw_address(self, town: int, building: str | None = None) -> Address:
        """A new address in the town."""
        code, postcode, name, chome_count = self._rows[town]
        if chome_count:
            chome = _WORDS["chome_numerals"][self._dice.below(chome_count)]
            text = f"{name}{chome}丁目{self._dice.between(1, 28)}番{self._dice.between(1, 42)}号"
        else:
            number = self._dice.between(1, 4800)
            branch = f"の{self._dice.between(1, 9)}" if self._dice.chance(220) else ""
            text = f"{name}{number}番地{branch}"
        return Address(town, code, postcode, text, building)

    def house(self, household: Household) -> None:
        """Give the household a home that fits it; care homes and dormitories have one address each."""
        dice, dwelling = self._dice, self._profile.dwelling
        head, size = household.head, len(household.members)
        if household.is_dormitory:
            self._lodge(household, _WORDS["dormitories"], f"{dice.between(101, 420)}号室")
        elif size == 1 and head.age >= _CARE_AGE and dice.chance(self._profile.households.care_home):
            household.is_care_home = True
            self._lodge(household, _WORDS["care_homes"], "")
        else:
            household.is_owner = size > _SMALL or head.age > 55 or dice.chance(dwelling.owner // 2)
            household.is_owner = household.is_owner and dice.chance(dwelling.owner)
            share = dwelling.apartment // _TENANT_TOO if household.is_owner else min(1000, dwelling.apartment * 2)
            building = self.draw_building() if size <= _SMALL + 1 and dice.chance(share) else None
            self.move(household, self.draw_address(self.draw_town(), building))

    def draw_building(self) -> str:
        """An invented building and room."""
        dice = self._dice
        room = f"{dice.between(1, 9)}0{dice.between(1, 8)}号"
        if dice.chance(_PUBLIC_HOUSING):
            return f"{dice.pick(_WORDS['public_housing'])}{dice.between(1, 6)}棟{room}"
        return f"{dice.pick(_WORDS['building_heads'])}{dice.pick(_WORDS['building_tails'])}{room}"

    def _lodge(self, household: Household, names: list[str], room: str) -> None:
        lodging = self._lodgings[self._dice.pick(names)]
        self.move(household, replace(lodging, building=f"{lodging.building}{room}"))

    @staticmethod
    def move(household: Household, address: Address) -> None:
        """Put the household at the address."""
        household.town, household.town_code, household.postcode = address.town, address.town_code, address.postcode
        household.address, household.building = address.text, address.building


class Elsewhere:
    """Places outside the municipality: half of all moves stay in the prefecture."""

    def __init__(self, near: list[Place], far: list[Place], dice: Dice) -> None:
        self._near = near
        self._far = far
        self._dice = dice

    def draw(self) -> str:
        """A full address from the prefecture on."""
        place = self._dice.pick(self._near if self._dice.chance(560) else self._far)
        return f"{place.text}{self._dice.between(1, 2400)}番地"


def _is_part_of_town(name: str, rows: list[tuple[str, str, str, int]]) -> bool:
    return any(name != other[2] and name.startswith(other[2]) and not other[3] for other in rows) and len(name) > 5
