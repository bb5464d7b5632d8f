"""Japanese names for searching: what a clerk types and what the register holds are folded to the same form.

Names themselves are kept character for character, variation selectors included; only the folded copies are compared.
"""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from importlib import resources
from itertools import combinations

_HIRAGANA_TO_KATAKANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
_KATAKANA_TO_HIRAGANA = {katakana: code for code, katakana in _HIRAGANA_TO_KATAKANA.items()}
_SELECTORS = dict.fromkeys([*range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0)])
_SMALL_AND_OLD = str.maketrans("ァィゥェォッャュョヮヵヶヰヱヲヂヅ", "アイウエオツヤユヨワカケイエオジズ")
_VOICING = dict.fromkeys([0x3099, 0x309A])
_LONG_MARKS = re.compile(r"[-‐‑‒–—―−ー─〜~]")
_DROPPED_IN_KANA = re.compile(r"[\s・.,'’]+")
_DROPPED_IN_NAMES = re.compile(r"[\s・]+")
_VOWEL_ROWS = {
    "ア": "アカサタナハマヤラワ",
    "イ": "イキシチニヒミリ",
    "ウ": "ウクスツヌフムユル",
    "エ": "エケセテネヘメレ",
    "オ": "オコソトノホモヨロ",
}
_VOWEL_OF = {kana: vowel for vowel, row in _VOWEL_ROWS.items() for kana in row}
_ALL_CHOICES, _MOST_ALONE = 2, 4
"""How many long vowels of a word are searched in every mixture, and how many one by one: each way costs an index look-up."""
_KANA = re.compile(r"[ぁ-ゖァ-ヺー・\s]+")
_BANK_TEXT = re.compile(r"[0-9A-Z\uff66-\uff9f ().\-/\\]*")
_LARGE = str.maketrans("ァィゥェォッャュョヮ", "アイウエオツヤユヨワ") | {ord("ー"): "-", ord("－"): "-"}
_HALF = {
    unicodedata.normalize("NFKC", chr(code)): chr(code)
    for code in range(0xFF66, 0xFF9E)
    if code != 0xFF70 and not 0xFF67 <= code <= 0xFF6F
} | {"\u3099": "\uff9e", "\u309a": "\uff9f", "　": " "}
_IDEOGRAPH = "々〆〇\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f"
_NAME = re.compile(
    rf"(?:[{_IDEOGRAPH}][\ufe00-\ufe0f\U000e0100-\U000e01ef]?|[ぁ-ゖァ-ヺー・゛゜]|[A-Za-zＡ-Ｚａ-ｚÀ-ɏ.,'’\-\s])+"
)


@cache
def variants() -> dict[int, str]:
    """Each variant character's representative, as `str.translate` takes it; ValueError when groups overlap."""
    table: dict[int, str] = {}
    text = resources.files("yoriai").joinpath("data/variants.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        for character in line:
            if ord(character) in table:
                raise ValueError(f"variants.txt: {character} stands in two groups")
            table[ord(character)] = line[0]
    return table


def hiragana_as_katakana(text: str) -> str:
    """Each hiragana as its katakana, everything else as it is."""
    return text.translate(_HIRAGANA_TO_KATAKANA)


def katakana_as_hiragana(text: str) -> str:
    """Each katakana as its hiragana, everything else as it is."""
    return text.translate(_KATAKANA_TO_HIRAGANA)


def to_katakana(text: str) -> str:
    """Kana as フリガナ are stored: full-width katakana, parts of a name separated by one full-width space."""
    return "　".join(unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA).split())


def to_bank_kana(text: str) -> str | None:
    """Text in the characters of a 全銀 record, half-width and without small kana; None for what no bank's record can hold."""
    wide = hiragana_as_katakana(unicodedata.normalize("NFKC", text).upper()).translate(_LARGE)
    half = "".join(_HALF.get(part, part) for sign in wide for part in unicodedata.normalize("NFD", sign)).strip()
    return half if _BANK_TEXT.fullmatch(half) else None


def fold_name(text: str) -> str:
    """A name for comparing: width, variants and their selectors, kana kind, case and spaces make no difference."""
    plain = unicodedata.normalize("NFKC", text.translate(_SELECTORS)).translate(variants())
    plain = plain.translate(_HIRAGANA_TO_KATAKANA).translate(_SMALL_AND_OLD)
    return _DROPPED_IN_NAMES.sub("", plain).lower()


def fold_kana(text: str) -> str:
    """Kana for comparing: ひらがな, half width, small and old kana, voicing marks and long marks make no difference.

    Clerks hear ヤマサキ or ヤマザキ and オーノ or オオノ; both find both. A long mark becomes the vowel it prolongs.
    """
    plain = unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA).translate(_SMALL_AND_OLD)
    plain = _DROPPED_IN_KANA.sub("", unicodedata.normalize("NFD", plain).translate(_VOICING)).lower()
    folded: list[str] = []
    for character in plain:
        if folded and _LONG_MARKS.match(character):
            character = _VOWEL_OF.get(folded[-1], "ー")
        folded.append(character)
    return "".join(folded)


def fold_kana_ways(text: str) -> list[str]:
    """What is searched for, folded, in each way its long vowels may stand in the register, `fold_kana` first.

    サイトー is サイトウ too and サイトウ サイトー, whose mark is kept as the vowel it prolongs; セーコ and セイコ likewise. Whether
    ウ after コ is a long vowel or the next name's first (オノ ウメコ) nobody knows, so each is searched both ways.
    """
    marks = unicodedata.normalize("NFKC", text).translate(_HIRAGANA_TO_KATAKANA)
    spoken = _LONG_MARKS.sub("ー", marks)
    written = fold_kana(re.sub("(.[\u3099\u309a]?)ー", lambda found: found[1] + _written_long(found[1]), spoken))
    long = [place for place in range(1, len(written)) if _is_long(written[place - 1 : place + 1])]
    ways = (_spoken(written, places) for places in _choices(long))
    return list(dict.fromkeys([fold_kana(text), *ways]))


def _written_long(before: str) -> str:
    """How a long vowel after the character is usually written: コウ, セイ; else by the mark."""
    folded = fold_kana(before)
    return {"オ": "ウ", "エ": "イ"}.get(_VOWEL_OF.get(folded, ""), "ー")


def _is_long(pair: str) -> bool:
    return (_VOWEL_OF.get(pair[0], ""), pair[1]) in {("オ", "ウ"), ("エ", "イ")}


def _spoken(text: str, places: Sequence[int]) -> str:
    """The folded text with the vowels at the places as they are heard."""
    return "".join(_VOWEL_OF[text[at - 1]] if at in places else sign for at, sign in enumerate(text))


def _choices(places: Sequence[int]) -> list[tuple[int, ...]]:
    """Which of the places are taken: of one or two each choice, of more none, each alone, all; of very many none or all."""
    if len(places) <= _ALL_CHOICES:
        return [chosen for size in range(len(places) + 1) for chosen in combinations(places, size)]
    alone = [(place,) for place in places] if len(places) <= _MOST_ALONE else []
    return [(), *alone, tuple(places)]


def grams(text: str) -> list[str]:
    """The index terms of a folded text: its single characters and its pairs of neighbours, each once, sorted."""
    return sorted({*text, *(text[i : i + 2] for i in range(len(text) - 1))})


def query_grams(text: str) -> list[str]:
    """The index terms that every text containing `text` has: its pairs, or the character if it is only one."""
    if len(text) == 1:
        return [text]
    return sorted({text[i : i + 2] for i in range(len(text) - 1)})


def has_only_kana(text: str) -> bool:
    """Whether the text is kana of any kind and width, long marks, middle dots and spaces, and is not empty."""
    plain = unicodedata.normalize("NFKC", text)
    return bool(plain.strip()) and _KANA.fullmatch(plain) is not None


def has_only_name_chars(text: str) -> bool:
    """Whether the text can stand on a 住民票 as a name: kanji with selectors, full-width kana, Latin letters.

    Digits, half-width kana, symbols and emoji are refused; so is a variation selector that follows no kanji.
    """
    return bool(text.strip()) and _NAME.fullmatch(text) is not None
