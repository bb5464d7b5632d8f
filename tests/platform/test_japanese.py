"""Names and kana are folded so that what a clerk types meets what the register holds."""

import pytest

from yoriai.japanese import (
    fold_kana,
    fold_kana_ways,
    fold_name,
    grams,
    has_only_kana,
    has_only_name_chars,
    query_grams,
    to_katakana,
    variants,
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("渡邉", "渡辺"),
        ("渡邊", "渡辺"),
        ("髙橋", "高橋"),
        ("山﨑", "山崎"),
        ("齋藤", "斉藤"),
        ("𠮷田", "吉田"),
        ("濵田", "浜田"),
        ("辻\U000e0100", "辻"),
        ("葛\U000e0101城", "葛城"),
        ("神", "\ufa19"),
        ("佐藤　さくら", "佐藤サクラ"),
        ("ＮＧＵＹＥＮ Van", "nguyenvan"),
    ],
)
def test_variants_of_a_name_fold_alike(left: str, right: str) -> None:
    assert fold_name(left) == fold_name(right)


@pytest.mark.parametrize(("left", "right"), [("島田", "鳥田"), ("太田", "大田"), ("二宮", "ニ宮")])
def test_other_names_stay_apart(left: str, right: str) -> None:
    assert fold_name(left) != fold_name(right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("わたなべ", "ワタナベ"),
        ("ﾜﾀﾅﾍﾞ", "ワタナベ"),
        ("ヤマサキ", "ヤマザキ"),
        ("オーノ", "オオノ"),
        ("ヱツコ", "エツコ"),
        ("キョウコ", "キヨウコ"),
        ("ミツヅカ", "ミツズカ"),
        ("ワタナベ　タロウ", "ワタナベタロウ"),
        ("マリ－", "マリー"),
    ],
)
def test_kana_heard_alike_folds_alike(left: str, right: str) -> None:
    assert fold_kana(left) == fold_kana(right)


def test_a_long_mark_is_searched_as_it_may_be_written() -> None:
    assert fold_kana_ways("サイトー") == ["サイトオ", "サイトウ"]
    assert fold_kana_ways("せーじ") == ["セエシ", "セイシ"], "ジ folds to シ"
    assert fold_kana_ways("リョーコ") == ["リヨオコ", "リヨウコ"]
    assert fold_kana_ways("イトー　コージ") == ["イトオコオシ", "イトウコウシ", "イトオコウシ", "イトウコオシ"]
    assert fold_kana_ways("オーノ") == ["オオノ", "オウノ"]
    assert fold_kana_ways("スーザン") == ["スウサン"], "there is one way"
    assert fold_kana_ways("ワタナベ") == ["ワタナヘ"]


def test_a_long_vowel_is_searched_as_its_mark_is_kept() -> None:
    for stored, typed in (
        ("コーノ", "こうの"),
        ("セーコ", "ｾｲｺ"),
        ("ユーコ", "ゆうこ"),
        ("オーノ", "おおの"),
        ("ジョージ", "ジョウジ"),
    ):
        assert fold_kana(stored) in fold_kana_ways(typed), typed
        assert fold_kana(typed) in fold_kana_ways(stored), stored
    assert fold_kana("オノ　ウメコ") in fold_kana_ways("オノウメコ"), "the way it is typed is never lost"
    assert fold_kana("ワタナベ　イチロー") in fold_kana_ways("わたなべいちろう"), "one as typed, the other as heard"
    assert fold_kana_ways("オウ") == ["オウ", "オオ"]
    assert len(fold_kana_ways("コウ" * 3)) == 5
    assert len(fold_kana_ways("コウ" * 5)) == 2


def test_there_are_enough_groups_of_variants_and_none_overlap() -> None:
    assert len(set(variants().values())) >= 120


def test_a_text_has_the_terms_of_every_part_of_it() -> None:
    text = "渡辺太郎"
    parts = {text[i:j] for i in range(4) for j in range(i + 1, 5)}
    assert all(set(query_grams(part)) <= set(grams(text)) for part in parts)


@pytest.mark.parametrize("text", ["ワタナベ タロウ", "わたなべ", "ﾜﾀﾅﾍﾞ", "マリー・アン"])
def test_kana_is_kana(text: str) -> None:
    assert has_only_kana(text)


@pytest.mark.parametrize("text", ["渡辺", "", " ", "ワタナベ1", "WATANABE"])
def test_what_is_not_kana_is_refused(text: str) -> None:
    assert not has_only_kana(text)


@pytest.mark.parametrize(
    "text", ["渡邉 太郎", "𠮷田 さくら", "辻\U000e0100本", "佐々木 マリー", "NGUYEN VAN", "O'Brien"]
)
def test_names_of_people_are_names(text: str) -> None:
    assert has_only_name_chars(text)


@pytest.mark.parametrize("text", ["渡辺1", "", "ﾜﾀﾅﾍﾞ", "渡辺☆", "\U000e0100渡辺", "渡辺😀", "<b>"])
def test_what_no_name_has_is_refused(text: str) -> None:
    assert not has_only_name_chars(text)


def test_furigana_is_stored_in_full_width_katakana() -> None:
    assert to_katakana("ﾜﾀﾅﾍﾞ  たろう") == "ワタナベ　タロウ"
