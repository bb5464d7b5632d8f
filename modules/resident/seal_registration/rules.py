"""What may be registered: whose name a seal text is, whether its impression has an allowed size, whether a person is old enough.

Pure: names, lengths in hundredths of a millimetre and days go in, a judgement comes out (印鑑登録証明事務処理要領 第2).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from yoriai.dates import attained_on
from yoriai.japanese import fold_name

UNIT = 100
"""Lengths are in hundredths of a millimetre."""


class TextKind(StrEnum):
    """Which name a seal shows."""

    FULL = "full"
    SURNAME = "surname"
    GIVEN = "given"
    FORMER = "former"
    ALIAS = "alias"
    COMBINED = "combined"
    KANA = "kana"


TEXT_LABELS: Mapping[str, str] = {
    TextKind.FULL: "氏名",
    TextKind.SURNAME: "氏",
    TextKind.GIVEN: "名",
    TextKind.FORMER: "旧氏（または旧氏と名）",
    TextKind.ALIAS: "通称（またはその氏・名）",
    TextKind.COMBINED: "氏名・旧氏・通称の一部の組合せ",
    TextKind.KANA: "氏名のカタカナ表記（外国人住民）",
}


@dataclass(frozen=True)
class PersonNames:
    """The names on the 住民票; parts are separated by spaces. `allows_kana`: a foreign resident's name in katakana counts."""

    name: str
    alias: str | None = None
    former_surname: str | None = None
    name_kana: str = ""
    allows_kana: bool = False


def text_kind(seal_text: str, names: PersonNames, suffixes: Iterable[str] = ()) -> TextKind | None:
    """Which of the person's names the seal shows, variants of characters folded; None: it shows none of them."""
    wanted = {fold_name(text) for text in _without_suffix(seal_text, suffixes)} - {""}
    for kind, allowed in _allowed(names):
        if wanted & allowed:
            return kind
    parts = _combinable(names)
    return TextKind.COMBINED if any(_is_combination(text, parts) for text in wanted) else None


def _allowed(names: PersonNames) -> list[tuple[TextKind, set[str]]]:
    surname, given = _split(names.name)
    alias = names.alias or ""
    former = names.former_surname or ""
    kana = names.name_kana if names.allows_kana else ""
    pairs: list[tuple[TextKind, Sequence[str]]] = [
        (TextKind.FULL, [names.name]),
        (TextKind.SURNAME, [surname]),
        (TextKind.GIVEN, [given]),
        (TextKind.FORMER, [former, former + given] if former else []),
        (TextKind.ALIAS, [alias, *alias.split()]),
        (TextKind.KANA, [kana, *kana.split()]),
    ]
    return [(kind, {fold_name(text) for text in texts if text.strip()}) for kind, texts in pairs]


def _combinable(names: PersonNames) -> list[tuple[str, str]]:
    """Pairs of (氏, 名) of which a part each may stand together."""
    surname, given = _split(names.name)
    pairs = [(surname, given)]
    if names.former_surname:
        pairs.append((names.former_surname, given))
    if names.alias:
        pairs.append(_split(names.alias))
    return [(fold_name(first), fold_name(second)) for first, second in pairs if first and second]


def _is_combination(text: str, pairs: Iterable[tuple[str, str]]) -> bool:
    """Whether the text is the beginning of a 氏 and then some of its 名, in their order (山田太郎: 山太, 山田太)."""
    for surname, given in pairs:
        for cut in range(1, len(text)):
            first, second = text[:cut], text[cut:]
            if surname.startswith(first) and _is_subsequence(second, given):
                return True
    return False


def _is_subsequence(part: str, whole: str) -> bool:
    rest = iter(whole)
    return all(character in rest for character in part)


def _split(name: str) -> tuple[str, str]:
    first, _, rest = " ".join(name.split()).partition(" ")
    return first, rest


def _without_suffix(text: str, suffixes: Iterable[str]) -> list[str]:
    plain = "".join(text.split())
    return [plain, *(plain.removesuffix(suffix) for suffix in suffixes if plain.endswith(suffix))]


@dataclass(frozen=True)
class SizeFault:
    """Why an impression's size is refused."""

    rule: str
    message: str


def size_fault(width: int, height: int, minimum_mm: int, maximum_mm: int) -> SizeFault | None:
    """Whether an impression (hundredths of a millimetre) fits inside the small square, or does not fit inside the large one."""
    if width <= minimum_mm * UNIT and height <= minimum_mm * UNIT:
        return SizeFault("too_small", f"印影が小さすぎます（一辺{minimum_mm}mmの正方形に収まるものは登録できません）。")
    if width > maximum_mm * UNIT or height > maximum_mm * UNIT:
        return SizeFault(
            "too_large", f"印影が大きすぎます（一辺{maximum_mm}mmの正方形に収まらないものは登録できません）。"
        )
    return None


def may_register_from(birth: date, age: int) -> date:
    """The first day on which somebody is old enough: the age is attained at the end of the birthday's eve, so the birthday."""
    return attained_on(birth, age) + timedelta(days=1)


def reply_due_on(sent_on: date, days: int) -> date:
    """The last day for the answer to a 照会書: the day of sending is not counted (民法140条)."""
    return sent_on + timedelta(days=days)
