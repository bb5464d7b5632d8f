"""Which seal text is whose name, which size is allowed, who is old enough."""

from datetime import date

import pytest

from modules.resident.seal_registration.rules import (
    PersonNames,
    TextKind,
    may_register_from,
    reply_due_on,
    size_fault,
    text_kind,
)

SUFFIXES = ("之印", "の印", "印")
TARO = PersonNames("山田　太郎", alias=None, former_surname="佐藤", name_kana="ヤマダ　タロウ")


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("山田太郎", TextKind.FULL),
        ("山田", TextKind.SURNAME),
        ("山田之印", TextKind.SURNAME),
        ("太郎", TextKind.GIVEN),
        ("佐藤", TextKind.FORMER),
        ("佐藤太郎", TextKind.FORMER),
        ("山太", TextKind.COMBINED),
        ("山郎", TextKind.COMBINED),
        ("佐太郎", TextKind.COMBINED),
        ("山田　太郎", TextKind.FULL),
        ("鈴木", None),
        ("太山", None),
        ("山田商店", None),
        ("田太", None),
        ("印", None),
        ("ヤマダ", None),
    ],
)
def test_a_seal_shows_the_name_or_parts_of_it_and_nothing_else(text: str, kind: TextKind | None) -> None:
    assert text_kind(text, TARO, SUFFIXES) is kind


@pytest.mark.parametrize(
    ("text", "name"), [("渡辺", "渡邉　花子"), ("斉藤", "齋藤　一"), ("高橋", "髙橋　花"), ("葛󠄂西", "葛西　健")]
)
def test_variants_of_characters_are_the_same_name(text: str, name: str) -> None:
    assert text_kind(text, PersonNames(name)) is TextKind.SURNAME


def test_an_alias_counts_and_a_foreign_name_in_katakana_only_for_foreign_residents() -> None:
    foreign = PersonNames("SMITH　JOHN", "山本　ジョン", None, "スミス　ジョン", allows_kana=True)
    assert text_kind("山本", foreign) is TextKind.ALIAS
    assert text_kind("スミス", foreign) is TextKind.KANA
    assert text_kind("SMITH", foreign) is TextKind.SURNAME
    assert text_kind("ヤマダ", TARO) is None


@pytest.mark.parametrize(
    ("width", "height", "rule"),
    [
        (800, 800, "too_small"),
        (801, 800, None),
        (500, 900, None),
        (2500, 2500, None),
        (2501, 2500, "too_large"),
        (700, 2600, "too_large"),
    ],
)
def test_a_seal_must_not_fit_into_8_mm_and_must_fit_into_25_mm(width: int, height: int, rule: str | None) -> None:
    fault = size_fault(width, height, 8, 25)
    assert (fault.rule if fault else None) == rule


def test_one_may_register_from_the_fifteenth_birthday() -> None:
    """The age is attained at the end of the eve (年齢計算ニ関スル法律), so the counter's first day is the birthday."""
    assert may_register_from(date(2011, 4, 1), 15) == date(2026, 4, 1)
    assert may_register_from(date(2012, 2, 29), 15) == date(2027, 3, 1)


def test_the_day_of_sending_is_not_counted() -> None:
    assert reply_due_on(date(2026, 11, 18), 30) == date(2026, 12, 18)
