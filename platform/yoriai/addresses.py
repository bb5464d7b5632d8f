"""Numbers in Japanese addresses: what 漢数字 of a 丁目 or 番地 count, and the order in which people read addresses."""

import re
import unicodedata

_KANJI = "〇一二三四五六七八九"
_UNITS = {"十": 10, "百": 100, "千": 1000}
_NUMERAL = f"[{_KANJI}{''.join(_UNITS)}]"
# 漢数字 count only before one of these words; in 一番町 or 二の宮 they are part of a name.
_COUNTED = re.compile(rf"{_NUMERAL}+(?=丁目|丁|番地|番(?!町)|号|地割|線|[のノ](?=[0-9{_KANJI}十]))")
_DIGITS = re.compile(r"[0-9]+")
_WIDTH = 8


def with_digits(text: str) -> str:
    """The address with the 漢数字 that count as digits: 本町二十一丁目 is 本町21丁目, 一番町 stays."""
    return _COUNTED.sub(lambda found: str(_count(found[0])), text)


def address_order(text: str) -> str:
    """What puts addresses in the order of their numbers: 二丁目 before 三丁目 and 十丁目, 9番 before 10番, whatever their width."""
    plain = with_digits(unicodedata.normalize("NFKC", text))
    return _DIGITS.sub(lambda found: found[0].zfill(_WIDTH), plain)


def _count(numeral: str) -> int:
    """The number that 漢数字 write, with units (二十一) or digit by digit (二一)."""
    if not any(unit in numeral for unit in _UNITS):
        return int("".join(str(_KANJI.index(sign)) for sign in numeral))
    total, digit = 0, 0
    for sign in numeral:
        if sign in _UNITS:
            total += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            digit = _KANJI.index(sign)
    return total + digit
