"""Finding a kanji that the input method does not offer: by strokes, radical, reading, code, or from another form of it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from yoriai.characters.radicals import find_radical
from yoriai.characters.unihan import Character, characters
from yoriai.documents.glyphs import can_print, list_variants
from yoriai.errors import FieldError, Invalid
from yoriai.japanese import fold_kana

MAX_STROKES = 64
_HEX = re.compile(r"(?:U\+|U|0X|\\U)?([0-9A-F]{4,6})(?:[\s_+]*(?:U\+)?([0-9A-F]{4,6}))?", re.IGNORECASE)
_CELL = re.compile(r"(?:([12])-)?(\d{1,2})-(\d{1,2})")


@dataclass(frozen=True)
class CharacterQuery:
    """What is known of the character sought; what is empty is not asked for. Conditions all hold together."""

    strokes: str = ""
    """`12`, or `11-13`."""
    radical: str = ""
    """Number, character or Japanese name: `162`, `辶`, `しんにょう`."""
    reading: str = ""
    """Kana of an 音 or 訓, from its beginning."""
    code: str = ""
    """`U+9089`, 面区点 `1-78-20` or `78-20`, or a character whose other forms are sought."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing is asked."""
        return not any((self.strokes, self.radical, self.reading, self.code))


@dataclass(frozen=True)
class Candidate:
    """A form that can be typed: a character, or one of its variants with a selector, as IPAmj明朝 draws it."""

    text: str
    code: str
    cell: str
    strokes: str
    readings: str
    is_variant: bool


def find_characters(query: CharacterQuery, limit: int = 120) -> tuple[list[Candidate], int]:
    """The forms that fit, those of JIS first, each followed by its variants; and how many characters fit at all.

    Only what the font of names can print is offered. Raises Invalid with every field that cannot be read.
    """
    matches = _matching(query)
    found: list[Candidate] = []
    for character in matches:
        if len(found) >= limit:
            break
        found += _forms(character)
    return found[: limit + 40], len(matches)


def _matching(query: CharacterQuery) -> list[Character]:
    errors: list[FieldError] = []
    wanted: Iterable[Character] = _printable()
    named = _read_code(query.code, errors)
    if named is not None:
        wanted = named
    strokes = _read_strokes(query.strokes, errors)
    radical = find_radical(query.radical)
    if query.radical.strip() and radical is None:
        message = (
            f"「{query.radical.strip()}」という部首はありません。番号(1〜214)、部首の字、または名前で入力してください。"
        )
        errors.append(FieldError("radical", message, "radical"))
    if errors:
        raise Invalid(fields=errors)
    reading = fold_kana(query.reading)
    return [
        character
        for character in wanted
        if (not strokes or strokes & character.strokes)
        and (radical is None or radical in character.radicals)
        and (not reading or any(known.startswith(reading) for known in _folded_readings(character.text)))
    ]


@cache
def _printable() -> tuple[Character, ...]:
    """Every kanji of the font: JIS first, then by strokes and code."""
    found = [character for character in characters().values() if can_print(character.text)]
    return tuple(sorted(found, key=lambda one: (not one.is_jis, min(one.strokes, default=99), one.text)))


@cache
def _folded_readings(text: str) -> tuple[str, ...]:
    """A character's readings for comparing; where Unihan has none, those of its other forms (𠮷 is read like 吉)."""
    known = characters()
    own = known[text].readings
    if not own:
        own = tuple(
            reading for other in sorted(known[text].related) if other in known for reading in known[other].readings
        )
    return tuple(dict.fromkeys(fold_kana(reading) for reading in own))


def _read_strokes(text: str, errors: list[FieldError]) -> frozenset[int]:
    plain = unicodedata.normalize("NFKC", text).strip().removesuffix("画")
    if not plain:
        return frozenset()
    first, _, last = re.sub("[~〜ー–-]", "-", plain).partition("-")
    if first.isdigit() and (last.isdigit() or not last):
        low, high = int(first), int(last or first)
        if 1 <= low <= high <= MAX_STROKES:
            return frozenset(range(low, high + 1))
    message = f"画数は 12 または 11-13 のように、1から{MAX_STROKES}までの数字で入力してください。"
    errors.append(FieldError("strokes", message, "strokes"))
    return frozenset()


def _read_code(text: str, errors: list[FieldError]) -> list[Character] | None:
    """The characters a code or a character names, with their other forms; None when nothing was asked."""
    plain = text.strip()
    if not plain:
        return None
    base = _named(unicodedata.normalize("NFKC", plain) if plain.isascii() or not _is_kanji(plain[0]) else plain)
    known = characters()
    if base is None or base not in known:
        message = f"「{plain}」の文字はありません。U+9089、1-78-20(面区点)、または漢字1文字を入力してください。"
        errors.append(FieldError("code", message, "code"))
        return []
    forms = [
        base,
        *sorted(known[base].related, key=lambda other: (not known[other].is_jis if other in known else True, other)),
    ]
    return [known[form] for form in forms if form in known and can_print(form)]


def _named(text: str) -> str | None:
    if _is_kanji(text[0]):
        return text[0]
    if cell := _CELL.fullmatch(text):
        plane, row, place = int(cell[1] or 1), int(cell[2]), int(cell[3])
        raw = bytes([row + 0xA0, place + 0xA0]) if row <= 94 and place <= 94 else b""
        try:
            return (b"\x8f" + raw if plane == 2 else raw).decode("euc_jis_2004")[:1] or None
        except UnicodeDecodeError:
            return None
    code = _HEX.fullmatch(text)
    return chr(int(code[1], 16)) if code and int(code[1], 16) <= 0x10FFFF else None


def _is_kanji(character: str) -> bool:
    return ord(character) > 0x2E7F and not 0x3040 <= ord(character) <= 0x30FF


def _forms(character: Character) -> Iterator[Candidate]:
    strokes = "・".join(str(count) for count in sorted(character.strokes))
    readings = "・".join(character.readings[:4])
    yield Candidate(character.text, character.code, character.cell, strokes, readings, is_variant=False)
    for variant in list_variants(character.text):
        code = f"{character.code} {ord(variant[1]):04X}"
        yield Candidate(variant, code, character.cell, strokes, readings, is_variant=True)
