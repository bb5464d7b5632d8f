"""Check digits of the numbers Japanese administration identifies people and bodies by."""

_MUNICIPALITY_WEIGHTS = (6, 5, 4, 3, 2)


def check_digit_of_municipality_code(base: str) -> int:
    """Check digit of a 5-digit 全国地方公共団体コード (weights 6 to 2, modulus 11, last digit of the complement)."""
    _require_digits(base, 5)
    total = sum(weight * int(digit) for weight, digit in zip(_MUNICIPALITY_WEIGHTS, base, strict=True))
    return (11 - total % 11) % 10


def is_municipality_code(code: str) -> bool:
    """Whether six digits are a well-formed 全国地方公共団体コード."""
    return _is_digits(code, 6) and int(code[5]) == check_digit_of_municipality_code(code[:5])


def check_digit_of_my_number(base: str) -> int:
    """Check digit of an 11-digit 個人番号 base (平成26年総務省令85号 5条)."""
    _require_digits(base, 11)
    weights = [n + 1 if n <= 6 else n - 5 for n in range(11, 0, -1)]
    remainder = sum(weight * int(digit) for weight, digit in zip(weights, base, strict=True)) % 11
    return 0 if remainder <= 1 else 11 - remainder


def is_my_number(number: str) -> bool:
    """Whether twelve digits are a well-formed 個人番号."""
    return _is_digits(number, 12) and int(number[11]) == check_digit_of_my_number(number[:11])


def check_digit_of_corporate_number(base: str) -> int:
    """Check digit, written first, of a 12-digit 法人番号 base (weight 1 and 2 from the right, modulus 9)."""
    _require_digits(base, 12)
    total = sum(int(digit) * (1 if place % 2 == 0 else 2) for place, digit in enumerate(reversed(base)))
    return 9 - total % 9


def is_corporate_number(number: str) -> bool:
    """Whether thirteen digits are a well-formed 法人番号."""
    return _is_digits(number, 13) and int(number[0]) == check_digit_of_corporate_number(number[1:])


def _is_digits(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _require_digits(text: str, length: int) -> None:
    if not _is_digits(text, length):
        raise ValueError(f"{length} digits expected: {text!r}")
