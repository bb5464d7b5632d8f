"""カスタマバーコード of Japan Post: postcode and 住所表示番号 in 67 bars of four states, for the discount of bulk mail.

Rules, codes and check digit as Japan Post's 郵便番号・バーコードマニュアル states them. Bars are digits: 1 long, 2 semi-long
upwards, 3 semi-long downwards, 4 timing.
"""

import re
import unicodedata
from collections.abc import Sequence

from yoriai.addresses import with_digits

ADDRESS_CODES = 13
"""How many codes the 住所表示番号 fills; what is longer is cut, what is shorter filled with CC4."""
_START, _STOP, _FILL = "13", "31", "CC4"
_BARS = {
    "0": "144", "1": "114", "2": "132", "3": "312", "4": "123", "5": "141", "6": "321", "7": "213", "8": "231", "9": "411",
    "-": "414", "CC1": "324", "CC2": "342", "CC3": "234", "CC4": "432", "CC5": "243", "CC6": "423", "CC7": "441", "CC8": "111",
}  # fmt: skip
_CODES = list(_BARS)
"""The place of a code is its value in the check digit: 0 to 9, hyphen 10, CC1 11 … CC8 18."""
_LEFT_OUT = re.compile(r"[&/・.]")
_DASHES = re.compile(r"[‐‑‒–—―−ｰ─]")
_FLOOR = re.compile(r"(?<=[0-9])F(?![A-Z])")
_OTHERS = re.compile(r"[A-Z]{2,}|[^0-9A-Z-]+")


def address_number(address: str) -> str:
    """住所表示番号: digits, hyphens and single letters of an address after the 町域; `6-7LB106` of 綾部6-7 LプラザB106.

    An address with its 町域 in front is read as well, since numerals inside names do not count.
    """
    text = _DASHES.sub("-", unicodedata.normalize("NFKC", address)).upper()
    text = with_digits(_LEFT_OUT.sub("", text))
    text = _OTHERS.sub("-", _FLOOR.sub("-", text))
    text = re.sub("-+", "-", text)
    return re.sub("-?([A-Z])-?", r"\1", text).strip("-")


def customer_codes(postcode: str | None, address: str) -> tuple[str, ...]:
    """The 21 codes between start and stop, the check digit last; empty where the post wants no barcode: without a postcode of seven
    digits, and for a 代表番号 (its last two digits are 00).
    """
    digits = (postcode or "").replace("-", "")
    if not (len(digits) == 7 and digits.isascii() and digits.isdigit()) or digits.endswith("00"):
        return ()
    codes: list[str] = []
    for sign in address_number(address):
        codes += _letter(sign) if sign.isalpha() else [sign]
    codes = [*digits, *codes[:ADDRESS_CODES], *[_FILL] * (ADDRESS_CODES - len(codes))]
    return (*codes, _check_code(codes))


def customer_bars(postcode: str | None, address: str) -> str:
    """The 67 bars from start to stop, or nothing where there is to be no barcode."""
    codes = customer_codes(postcode, address)
    return f"{_START}{''.join(_BARS[code] for code in codes)}{_STOP}" if codes else ""


def read_bars(bars: str) -> tuple[str, ...]:
    """The codes that a reader finds in the bars. Raises ValueError for bars that are no customer barcode or fail the check."""
    by_bars = {shape: code for code, shape in _BARS.items()}
    shapes = [bars[place : place + 3] for place in range(2, len(bars) - 2, 3)]
    if not (bars.startswith(_START) and bars.endswith(_STOP)) or len(shapes) != 21 or set(shapes) - set(by_bars):
        raise ValueError("no customer barcode")
    codes = tuple(by_bars[shape] for shape in shapes)
    if _check_code(codes[:-1]) != codes[-1]:
        raise ValueError("the check digit does not agree")
    return codes


def _letter(sign: str) -> list[str]:
    group, digit = divmod(ord(sign) - ord("A"), 10)
    return [f"CC{group + 1}", str(digit)]


def _check_code(codes: Sequence[str]) -> str:
    """What makes the sum of all values a multiple of 19."""
    return _CODES[-sum(_CODES.index(code) for code in codes) % 19]
