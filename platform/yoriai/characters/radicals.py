"""The 214 radicals of the 康熙字典: by number, by their character in any form, by the names they have in Japanese."""

import unicodedata
from functools import cache
from importlib import resources

from yoriai.japanese import katakana_as_hiragana

_FIRST_FORM = 0x2F00
COUNT = 214


@cache
def radical_names() -> dict[str, int]:
    """Each way to name a radical, in hiragana or as its character, with its number."""
    found: dict[str, int] = {}
    text = resources.files("yoriai").joinpath("data/radicals.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            number, forms, names = line.split("\t")
            for name in (*forms, *names.split("・")):
                found.setdefault(name, int(number))
    return found


def list_radicals() -> list[tuple[int, str, str]]:
    """(number, character, first Japanese name or "") of all, for a list to choose from."""
    names: dict[int, str] = {}
    for name, number in radical_names().items():
        if len(name) > 1 or "\u3040" <= name <= "\u309f":
            names.setdefault(number, name)
    return [(number, character_of(number), names.get(number, "")) for number in range(1, COUNT + 1)]


def character_of(number: int) -> str:
    """The radical as an ordinary kanji."""
    return unicodedata.normalize("NFKC", chr(_FIRST_FORM + number - 1))


def find_radical(text: str) -> int | None:
    """The number of the radical meant; None for an empty text and for one that names none."""
    plain = unicodedata.normalize("NFKC", text).strip().split(" ")[0]
    if not plain:
        return None
    if plain.isdigit():
        return int(plain) if 1 <= int(plain) <= COUNT else None
    hiragana = katakana_as_hiragana(plain)
    if hiragana in radical_names():
        return radical_names()[hiragana]
    return next((number for number in range(1, COUNT + 1) if character_of(number) == plain), None)
