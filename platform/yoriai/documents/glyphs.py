"""Whether the font can print a name as it is written: a font that lacks a variant prints the ordinary form without a word."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from yoriai.documents.fonts import SERIF, find_family, known_fonts

_UNICODE_PLATFORMS = (0, 3)
_VARIATION_FORMAT = 14
# A font that is read as it is drawn is no place for two threads.
_one_at_a_time = threading.Lock()
_PRINTABLE = frozenset(" \u3000\n")


@dataclass(frozen=True)
class Repertoire:
    """The characters of a font, and its variants: for each base character the selectors it knows."""

    family: str
    characters: frozenset[int]
    selectors: Mapping[int, frozenset[int]]


@dataclass(frozen=True)
class MissingGlyph:
    """A character that will not be printed as written; `is_variant` when the base prints, but in its ordinary form."""

    character: str
    is_variant: bool

    @property
    def codes(self) -> str:
        """`U+845B U+E0100`."""
        return " ".join(f"U+{ord(part):04X}" for part in self.character)

    @property
    def message(self) -> str:
        """What the clerk has to know."""
        if self.is_variant:
            plain = self.character[0]
            return (
                f"「{self.character}」({self.codes})の字形がフォントにありません。標準の字形「{plain}」で印刷されます。"
            )
        return f"「{self.character}」({self.codes})がフォントにありません。印刷できません。"


def list_missing(texts: Iterable[str]) -> list[MissingGlyph]:
    """The characters of the texts that the font of names cannot print as written, each once, in their order.

    The compiler takes the first font of `SERIF` that has the base character and drops a selector this font lacks, silently.
    """
    found: dict[str, MissingGlyph] = {}
    for text in texts:
        for character in clusters(text):
            if character not in found and (missing := _find_missing(character)):
                found[character] = missing
    return list(found.values())


def can_print(text: str) -> bool:
    """Whether the fonts of names print the character, or the character with its selector, as written."""
    return _find_missing(text) is None


def list_variants(character: str) -> list[str]:
    """The forms of a character that the first font of names can print beside the ordinary one: the character with a selector."""
    for repertoire in _repertoires():
        if ord(character) in repertoire.characters:
            return [character + chr(selector) for selector in sorted(repertoire.selectors.get(ord(character), ()))]
    return []


@lru_cache(maxsize=4_000)
def draw_glyph(cluster: str) -> str:
    """The form of a character (with its selector) as SVG, one em high, for screens without the font. "" where no font has it."""
    base, selectors = ord(cluster[0]), [ord(one) for one in cluster[1:]]
    for repertoire in _repertoires():
        if base in repertoire.characters and set(selectors) <= repertoire.selectors.get(base, frozenset()):
            with _one_at_a_time:
                return _draw(_open(repertoire.family), base, selectors)
    return ""


def _draw(font: TTFont, base: int, selectors: list[int]) -> str:
    glyphs = font.getGlyphSet()
    pen = SVGPathPen(glyphs)
    glyphs[_glyph_of(font, base, selectors)].draw(pen)
    em, descent = font["head"].unitsPerEm, font["hhea"].descent
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {em} {em}">'
        f'<path transform="matrix(1 0 0 -1 0 {em + descent})" d="{pen.getCommands()}"/></svg>'
    )


def _glyph_of(font: TTFont, base: int, selectors: list[int]) -> str:
    """The glyph's name; a selector that names the ordinary form has no glyph of its own."""
    for table in font["cmap"].tables if selectors else ():
        if table.format == _VARIATION_FORMAT:
            for code, name in table.uvsDict.get(selectors[0], ()):
                if code == base and name:
                    return str(name)
    return str(font.getBestCmap()[base])


def clusters(text: str) -> Iterator[str]:
    """The characters of a text, a variation selector together with its base."""
    place = 0
    while place < len(text):
        end = place + 1
        while end < len(text) and _is_selector(ord(text[end])):
            end += 1
        yield text[place:end]
        place = end


def _find_missing(cluster: str) -> MissingGlyph | None:
    if cluster in _PRINTABLE:
        return None
    base = ord(cluster[0])
    for repertoire in _repertoires():
        if base in repertoire.characters:
            selectors = [ord(selector) for selector in cluster[1:]]
            known = repertoire.selectors.get(base, frozenset())
            return None if all(selector in known for selector in selectors) else MissingGlyph(cluster, is_variant=True)
    return MissingGlyph(cluster, is_variant=False)


def _is_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0100 <= code <= 0xE01EF


@cache
def _repertoires() -> tuple[Repertoire, ...]:
    """Of the installed fonts of names, in the order in which the compiler takes them. Read once: it takes a second."""
    return tuple(_read(family) for family in SERIF if find_family((family,)))


@cache
def _open(family: str) -> TTFont:
    """The font, kept open: its glyphs are read one by one as they are drawn."""
    font = next(font for font in known_fonts().fonts() if font.family == family)
    return TTFont(font.path, fontNumber=font.index, lazy=True)


def _read(family: str) -> Repertoire:
    font = next(font for font in known_fonts().fonts() if font.family == family)
    characters: set[int] = set()
    selectors: dict[int, set[int]] = {}
    with TTFont(font.path, fontNumber=font.index, lazy=True) as opened:
        for table in opened["cmap"].tables:
            if table.format == _VARIATION_FORMAT:
                for selector, bases in table.uvsDict.items():
                    for base, _ in bases:
                        selectors.setdefault(base, set()).add(selector)
            elif table.platformID in _UNICODE_PLATFORMS:
                characters.update(table.cmap)
    return Repertoire(family, frozenset(characters), {base: frozenset(known) for base, known in selectors.items()})
