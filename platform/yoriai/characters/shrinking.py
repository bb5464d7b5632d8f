"""縮退: writing a name for a receiver that knows fewer characters. The original is never changed: what comes out is a copy.

A character is replaced only when the receiver's character set lacks it: first by itself without its variation selector, then by
its compatibility form, then by another form of it that the receiver has. What cannot be replaced becomes 〓 and is told, never
dropped. Each replacement is listed, so that a person can be told apart again (文字要件: 縮退 only for receivers that need it).
"""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from yoriai.characters.unihan import characters
from yoriai.documents.glyphs import clusters
from yoriai.japanese import variants

GETA = "〓"
Knows = Callable[[str], bool]


@dataclass(frozen=True)
class Replacement:
    """A character that was replaced: its place in the text (from 0, in characters), what stood there, what stands there, why."""

    place: int
    original: str
    replaced_by: str
    ground: str

    @property
    def codes(self) -> str:
        """`U+845B U+E0102`."""
        return " ".join(f"U+{ord(part):04X}" for part in self.original)

    @property
    def is_lost(self) -> bool:
        """Whether the receiver has no form of it at all."""
        return self.replaced_by == GETA


@dataclass(frozen=True)
class Shrunk:
    """A text in the receiver's characters, and what was replaced for it."""

    text: str
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True)
class Repertoire:
    """A receiver's character set: its name for staff, and the codec that has exactly its characters."""

    label: str
    codec: str
    keeps_selectors: bool = False

    def knows(self, cluster: str) -> bool:
        """Whether the receiver can take the character as it is."""
        if len(cluster) > 1 and not self.keeps_selectors:
            return False
        try:
            cluster.encode(self.codec)
        except UnicodeEncodeError:
            return False
        return True


REPERTOIRES: Mapping[str, Repertoire] = {
    "jis_x_0208": Repertoire("JIS X 0208（第1・第2水準）", "iso2022_jp"),
    "jis_x_0213": Repertoire("JIS X 0213（第1〜第4水準）", "euc_jis_2004"),
    "windows_31j": Repertoire("Windows-31J（シフトJIS）", "cp932"),
}
"""Receivers that are limited. Others (文字情報基盤, UTF-8 with selectors) take names as they are: nothing is shrunk."""


def shrink(text: str, repertoire: str) -> Shrunk:
    """The text in the characters of a repertoire of `REPERTOIRES`; KeyError for another name."""
    known = REPERTOIRES[repertoire]
    written: list[str] = []
    replacements: list[Replacement] = []
    for place, cluster in enumerate(clusters(text)):
        if known.knows(cluster):
            written.append(cluster)
            continue
        replaced_by, ground = _replace(cluster, known.knows)
        replacements.append(Replacement(place, cluster, replaced_by, ground))
        written.append(replaced_by)
    return Shrunk("".join(written), tuple(replacements))


def _replace(cluster: str, knows: Knows) -> tuple[str, str]:
    base = cluster[0]
    if len(cluster) > 1 and knows(base):
        return base, "異体字セレクタを除いた標準の字形"
    plain = unicodedata.normalize("NFKC", base)
    if plain != base and all(knows(one) for one in plain):
        return plain, "互換文字の元の字"
    if (group := variants().get(ord(base))) and group != base and knows(group):
        return group, "氏名の異体字の表"
    if form := _other_form(base, knows):
        return form, "Unihanの異体字"
    return GETA, "受け手の文字集合にない"


def _other_form(base: str, knows: Knows) -> str:
    """The other form of a kanji the receiver has; of several the one that is itself related to the most of them, then the first."""
    known = characters()
    if base not in known:
        return ""
    forms = sorted(filter(knows, known[base].related))
    related = partial(_kinship, among=frozenset(forms))
    return max(forms, key=related, default="")


def _kinship(form: str, among: frozenset[str]) -> int:
    return len(characters()[form].related & among) if form in characters() else 0
