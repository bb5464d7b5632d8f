"""Check digits of official numbers; the worked examples of others are in tests/cases."""

import pytest

from yoriai.numbers import (
    check_digit_of_corporate_number,
    check_digit_of_municipality_code,
    check_digit_of_my_number,
    is_corporate_number,
    is_municipality_code,
    is_my_number,
)


@pytest.mark.parametrize("base", ["01100", "13101", "34213", "47201"])
def test_a_changed_digit_of_a_municipality_code_is_noticed(base: str) -> None:
    code = f"{base}{check_digit_of_municipality_code(base)}"
    assert is_municipality_code(code)
    for place in range(6):
        wrong = f"{code[:place]}{(int(code[place]) + 1) % 10}{code[place + 1 :]}"
        assert not is_municipality_code(wrong) or (place < 5 and wrong[5] == code[5] and int(code[5]) <= 1)


def test_a_changed_digit_of_a_my_number_is_noticed() -> None:
    number = f"98320567321{check_digit_of_my_number('98320567321')}"
    assert is_my_number(number)
    assert not is_my_number(f"{number[:11]}{(int(number[11]) + 1) % 10}")


def test_a_corporate_number_begins_with_its_check_digit() -> None:
    assert check_digit_of_corporate_number("123456789012") == 7
    assert is_corporate_number("7123456789012")
    assert not is_corporate_number("8123456789012")


@pytest.mark.parametrize("text", ["", "34213", "34213a", "３４２１３１", "3421311"])
def test_what_has_other_than_six_digits_is_no_municipality_code(text: str) -> None:
    assert not is_municipality_code(text)
