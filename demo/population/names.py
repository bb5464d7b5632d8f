"""Japanese and foreign names: surnames of the region, given names of the generation, register spellings."""

import re
from collections.abc import Iterable
from typing import Any

from demo.population.dice import Dice, Weighted
from demo.population.people import FEMALE, JAPANESE, MALE, Person
from demo.population.profile import FOLDER, read_data

SPACE = "\u3000"
_DATA = FOLDER / "data"
_USUAL_WEIGHT = 10
_TOWN_SURNAMES = 7
_TRIES = 8
_KATAKANA_START = re.compile(r"\s(?=[ァ-ヶー])")

Spelled = tuple[str, str]
"""A part of a name and its reading in katakana."""


class Surnames:
    """Surnames by weight, some at home in a certain town, some spelled as in an old register."""

    def __init__(self, prefecture_code: str, towns: int, dice: Dice) -> None:
        data = read_data(_DATA / "surnames.yaml")
        banded = [data["nationwide"], data["regions"].get(prefecture_code, {})]
        self._all: Weighted[Spelled] = Weighted(
            (_spelled(name), weight) for bands in banded for weight, names in bands.items() for name in names
        )
        self._by_town = [[dice.draw(self._all) for _ in range(_TOWN_SURNAMES)] for _ in range(towns)]
        self._variants: dict[str, Weighted[str]] = {
            plain: Weighted([*forms.items(), (plain, 1000 - sum(forms.values()))])
            for plain, forms in read_data(_DATA / "variants.yaml").items()
        }

    def draw(self, town: int | None, rootedness: int, dice: Dice) -> Spelled:
        """A surname: of the town's own families so many times in a thousand, else of the region."""
        own = town is not None and dice.chance(rootedness)
        written, reading = dice.pick(self._by_town[town or 0]) if own else dice.draw(self._all)
        variants = self._variants.get(written)
        return (dice.draw(variants) if variants else written), reading


class GivenNames:
    """Given names by sex and year of birth."""

    def __init__(self) -> None:
        data = read_data(_DATA / "given_names.yaml")
        self._groups: dict[str, list[dict[str, Any]]] = {MALE: data["male"], FEMALE: data["female"]}
        self._by_year: dict[tuple[str, int], Weighted[Spelled]] = {}

    def draw(self, sex: str, year: int, taken: Iterable[Spelled], dice: Dice) -> Spelled:
        """A name given in that year that no one in the family bears yet."""
        names = self._by_year.get((sex, year))
        if names is None:
            names = self._by_year[sex, year] = Weighted(self._of_year(sex, year))
        name = dice.draw(names)
        for _ in range(_TRIES):
            if name not in taken:
                break
            name = dice.draw(names)
        return name

    def _of_year(self, sex: str, year: int) -> Iterable[tuple[Spelled, int]]:
        groups = self._groups[sex]
        clamped = max(groups[0]["peak"], min(year, groups[-1]["peak"]))
        for group in groups:
            usual = group["spread"] - abs(clamped - group["peak"])
            for entry in group["names"] if usual > 0 else ():
                written, reading, *weight = entry.split()
                yield (written, reading), usual * int(weight[0] if weight else _USUAL_WEIGHT)


class ForeignNames:
    """Alphabet names with katakana by nationality."""

    def __init__(self) -> None:
        self._data: dict[str, dict[str, Any]] = read_data(_DATA / "foreign_names.yaml")
        self.of_workers = Weighted((nation, entry["weight"]) for nation, entry in self._data.items())
        self.of_settled = Weighted((nation, entry["settled"]) for nation, entry in self._data.items())

    def draw(self, person: Person, dice: Dice) -> tuple[Spelled, Spelled]:
        """Family and given name of the person's nationality."""
        entry = self._data[person.nationality]
        return _transcribed(dice.pick(entry["family"])), _transcribed(
            dice.pick(entry["male" if person.is_male else "female"])
        )

    def uses_alias(self, person: Person, dice: Dice) -> bool:
        """Whether the person goes by a registered Japanese name (通称)."""
        return dice.chance(self._data[person.nationality].get("alias_per_mille", 0))


def full_name(person: Person) -> Spelled:
    """Name and reading as registered: Japanese with a full-width space, foreign in the alphabet."""
    if person.nationality == JAPANESE:
        return f"{person.surname[0]}{SPACE}{person.given[0]}", f"{person.surname[1]}{SPACE}{person.given[1]}"
    written = f"{person.surname[0]} {person.given[0]}"
    return written, f"{person.surname[1]}{SPACE}{person.given[1]}".replace(" ", SPACE)


def _spelled(entry: str) -> Spelled:
    written, reading = entry.split()
    return written, reading


def _transcribed(entry: str) -> Spelled:
    written, reading = _KATAKANA_START.split(entry, maxsplit=1)
    return written, reading
