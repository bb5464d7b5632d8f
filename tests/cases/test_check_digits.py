"""The published examples of check digits."""

from typing import Any

import pytest

from tests.cases.published import load_cases
from yoriai.numbers import (
    check_digit_of_corporate_number,
    check_digit_of_municipality_code,
    is_corporate_number,
    is_my_number,
)

_BUSINESSES = ("法人番号 check digit", "個人番号 check digit", "全国地方公共団体コード")
_CASES = [case for case in load_cases("welfare.json", "cd-") if case["business"] in _BUSINESSES]


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


@pytest.mark.parametrize("case", _CASES, ids=lambda case: case["id"])
def test_the_published_check_digit_is_ours(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]
    if "base12" in given:
        assert check_digit_of_corporate_number(given["base12"]) == expected["check_digit"]
    elif "code5" in given:
        codes = zip(_as_list(given["code5"]), _as_list(expected["code6"]), strict=True)
        assert all(f"{base}{check_digit_of_municipality_code(base)}" == code for base, code in codes)
    else:
        is_valid = is_my_number if len(given["number"]) == 12 else is_corporate_number
        assert is_valid(given["number"]) is expected["valid"]
