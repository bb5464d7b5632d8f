"""What the search box sends while somebody types a name: it asks anew after each pause."""

import random
from collections.abc import Iterator

FIRST_KANA = "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリワ"
_PAUSE_AFTER = (1, 2, 4)
"""Clerks type kana in bursts: the box sees the first, the second and the fourth character, then whole words."""


def typed_kana(kana: str) -> Iterator[str]:
    """The queries of a フリガナ typed to its end."""
    family, _, _ = kana.partition(" ")
    yield from (family[:length] for length in _PAUSE_AFTER if length < len(family))
    yield from dict.fromkeys((family, kana))


def typed_kanji(name: str) -> Iterator[str]:
    """The queries of a name in kanji: the input method hands over whole words."""
    family, _, _ = name.partition(" ")
    yield from dict.fromkeys((family, name))


def type_name(name: str, kana: str, dice: random.Random) -> list[str]:
    """The queries by which a clerk finds somebody: mostly by kana, and no further than is needed."""
    queries = list(typed_kana(kana) if dice.random() < 0.7 else typed_kanji(name))
    return queries[: dice.randint(min(2, len(queries)), len(queries))]
