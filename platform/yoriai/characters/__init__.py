"""Kanji of names and places: finding one to type it, and writing one for a receiver that knows fewer."""

from yoriai.characters.picker import Candidate, CharacterQuery, find_characters
from yoriai.characters.shrinking import REPERTOIRES, Replacement, Shrunk, shrink
from yoriai.characters.unihan import Character, CharactersMissing, characters

__all__ = [
    "REPERTOIRES",
    "Candidate",
    "Character",
    "CharacterQuery",
    "CharactersMissing",
    "Replacement",
    "Shrunk",
    "characters",
    "find_characters",
    "shrink",
]
