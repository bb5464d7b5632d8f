"""The two numbers, how they are written, and how the clerk is told of a wrong one."""

from collections.abc import Mapping
from dataclasses import dataclass

from yoriai.findings import Findings
from yoriai.numbers import is_my_number

MY_NUMBER, RESIDENT_CODE = "my_number", "resident_code"
VIEW, EDIT = "resident.number.view", "resident.number.edit"
_CODE_WEIGHTS = (2, 3, 4, 5, 6, 7, 2, 3, 4, 5)


@dataclass(frozen=True)
class NumberKind:
    """A kind of number: its digits, and the articles of its giving and of its change."""

    label: str
    digits: int
    assigned_by: str
    changed_by: str


KINDS: Mapping[str, NumberKind] = {
    MY_NUMBER: NumberKind("個人番号", 12, "番号法7条1項", "番号法7条2項"),
    RESIDENT_CODE: NumberKind("住民票コード", 11, "住基法30条の3", "住基法30条の4"),
}
REASONS: Mapping[str, str] = {
    "assigned": "付番",
    "requested": "請求による変更",
    "ex_officio": "職権による変更",
    "corrected": "訂正",
}


def check_number(findings: Findings, kind: str, number: str, place: str) -> None:
    """Digits and check digit. Of a 個人番号 a wrong check digit is an error; of a 住民票コード a question.

    The formula of the 住民票コード (住基法施行規則1条) has not been seen in an official text (evidence K?), so it only warns.
    """
    rule = KINDS[kind]
    if not (number.isascii() and number.isdigit() and len(number) == rule.digits):
        findings.refuse(place, f"{rule.label}は{rule.digits}桁の数字です。", rule.assigned_by)
    elif kind == MY_NUMBER and not is_my_number(number):
        findings.refuse(place, "個人番号の検査用数字が合いません。番号を確かめてください。", "平成26年総務省令85号5条")
    elif kind == RESIDENT_CODE and int(number[-1]) != check_digit_of_resident_code(number[:-1]):
        message = "住民票コードの検査数字が合わないようです。番号を確かめてください。"
        findings.warn_at("code_check_digit", place, message, "住基法施行規則1条")


def check_digit_of_resident_code(base: str) -> int:
    """Check digit of a ten-digit 住民票コード base: modulus 11, weights 2 to 7 and 2 to 5 from the right (evidence K?)."""
    total = sum(weight * int(digit) for weight, digit in zip(_CODE_WEIGHTS, reversed(base), strict=True))
    remainder = total % 11
    return 0 if remainder <= 1 else 11 - remainder


def masked(kind: str) -> str:
    """What stands where the number may not be read."""
    return "＊" * KINDS[kind].digits
