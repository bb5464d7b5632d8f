"""The number of an 入場券 with its check digit, and its bars in NW-7 (JIS X 0506, the barcode such cards usually carry)."""

_ELECTION_DIGITS, _CARD_DIGITS = 3, 7
LENGTH = _ELECTION_DIGITS + _CARD_DIGITS + 1
_START_STOP = "A"
_WIDE = 3
# Each sign is four bars and three spaces, 1 for a wide one.
_SIGNS = {
    "0": "0000011", "1": "0000110", "2": "0001001", "3": "1100000", "4": "0010010",
    "5": "1000010", "6": "0100001", "7": "0100100", "8": "0110000", "9": "1001000",
    "A": "0011010",
}  # fmt: skip


def card_code(election_no: int, card_no: int) -> str:
    """`00100000427`: three digits of the election, seven of the card, and the check digit; raises ValueError for more digits."""
    body = f"{election_no % 10**_ELECTION_DIGITS:0{_ELECTION_DIGITS}d}{card_no:0{_CARD_DIGITS}d}"
    if len(body) != LENGTH - 1:
        raise ValueError(f"card number {card_no} is too long")
    return body + _check_digit(body)


def read_card_code(text: str, election_no: int) -> int | None:
    """The card's number in what a reader sends; None where it is no card of this election or misread."""
    digits = text.strip().strip("ABCDabcd")
    if len(digits) != LENGTH or not (digits.isascii() and digits.isdigit()):
        return None
    body = digits[:-1]
    if _check_digit(body) != digits[-1] or int(body[:_ELECTION_DIGITS]) != election_no % 10**_ELECTION_DIGITS:
        return None
    return int(body[_ELECTION_DIGITS:])


def card_number(text: str, election_no: int) -> int | None:
    """The card's number in what a reader sends or a clerk types (its digits alone); None where it is no card's."""
    plain = text.strip()
    if (number := read_card_code(plain, election_no)) is not None:
        return number
    return int(plain) if plain.isascii() and plain.isdigit() and len(plain) <= _CARD_DIGITS else None


def bars(code: str) -> list[int]:
    """The widths of bars and spaces in turn, beginning and ending with a bar, in units of the narrow one."""
    widths: list[int] = []
    for sign in f"{_START_STOP}{code}{_START_STOP}":
        if widths:
            widths.append(1)
        widths += [_WIDE if mark == "1" else 1 for mark in _SIGNS[sign]]
    return widths


def _check_digit(body: str) -> str:
    """Modulus 10 with the weights 3 and 1 from the right (as JAN uses it)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)
