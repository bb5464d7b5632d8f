"""What stands on a certificate, and that nothing is cut or lost on the way to the paper."""

from dataclasses import replace
from datetime import date

from modules.resident.certificates.contents import OMITTED, Subject, build, certify, lines_of, text_of
from modules.resident.certificates.fitting import fit, missing_in
from modules.resident.certificates.kinds import Item, Kind
from modules.resident.certificates.printing import print_pages, reprint_note, to_page
from tests.resident.certificates.applications import text_of as pdf_text
from tests.resident.certificates.sheets import CERTIFIER, CONFIG, MADE, PLACE, sheet


def _values(content: dict[str, object]) -> dict[str, str]:
    return {line["label"]: line["value"] for line in lines_of(content)}


def test_items_that_were_not_asked_for_are_omitted() -> None:
    content = build(Kind.INDIVIDUAL, [Subject(sheet())], sheet(), frozenset(), PLACE)
    values = _values(content)
    assert {values[label] for label in ("世帯主", "続柄", "本籍", "筆頭者", "住民票コード", "個人番号")} == {OMITTED}
    assert values["氏名"] == "渡邉　太郎"
    assert values["住所"] == "広島県ためし市ためし町1番2号"


def test_asked_items_stand_in_words() -> None:
    items = frozenset({Item.RELATIONSHIP, Item.DOMICILE})
    values = _values(build(Kind.INDIVIDUAL, [Subject(sheet())], sheet(), items, PLACE))
    assert (values["世帯主"], values["続柄"], values["本籍"]) == ("渡邉　太郎", "世帯主", "東京都千代田区千代田1番")


def test_a_foreign_resident_has_a_nationality_instead_of_a_domicile() -> None:
    person = replace(sheet(), nationality="USA", residence_status="留学", foreign_resident_since=date(2026, 4, 2))
    values = _values(build(Kind.INDIVIDUAL, [Subject(person)], person, frozenset({Item.DOMICILE}), PLACE))
    assert "本籍" not in values
    assert (values["国籍・地域"], values["在留資格"]) == ("米国", "留学")
    assert (values["外国人住民となった日"], values["生年月日"]) == ("令和8年4月2日", "1985年4月1日")


def test_the_history_names_earlier_addresses_and_names_with_their_end() -> None:
    before = replace(sheet(), address="ためし町9番9号", name="佐藤　太郎", valid_from=date(2020, 1, 1))
    subject = Subject(sheet(), [before])
    values = _values(build(Kind.INDIVIDUAL, [subject], sheet(), frozenset({Item.HISTORY}), PLACE))
    assert values["異動前住所"] == "広島県ためし市ためし町9番9号（令和8年11月10日まで）"
    assert values["異動前氏名"] == "佐藤　太郎（令和8年11月10日まで）"


def test_a_long_name_is_told_and_printed_whole() -> None:
    name = "寿限無五劫擦切海砂利水魚水行末雲来末風来末" * 3
    person = replace(sheet(), name=name[:60])
    content = build(Kind.INDIVIDUAL, [Subject(person)], sheet(), frozenset(), PLACE)
    (told,) = fit(content)
    assert "全角60文字" in told
    pdf = print_pages([to_page(certify(content, {}, CERTIFIER, MADE.date(), 7))], CONFIG, made_at=MADE, practice=False)
    assert name[:60] in pdf_text(pdf)


def test_a_variant_outside_the_font_is_told_with_its_code() -> None:
    person = replace(sheet(), name="葛\U000e0100　太郎")
    content = build(Kind.INDIVIDUAL, [Subject(person)], None, frozenset(), PLACE)
    (glyph,) = missing_in(content)
    assert glyph.is_variant
    assert glyph.codes == "U+845B U+E0100"
    known = build(Kind.INDIVIDUAL, [Subject(replace(person, name="葛\U000e0102　太郎"))], None, frozenset(), PLACE)
    assert missing_in(known) == []


def test_a_character_no_font_has_is_told() -> None:
    content = build(Kind.INDIVIDUAL, [Subject(replace(sheet(), name="\U00013000"))], None, frozenset(), PLACE)
    assert [glyph.is_variant for glyph in missing_in(content)] == [False]


def test_the_paper_has_serial_certifier_and_the_words_of_the_day() -> None:
    content = build(Kind.HOUSEHOLD, [Subject(sheet())], sheet(), frozenset(), PLACE)
    page = to_page(certify(content, {}, CERTIFIER, MADE.date(), 12), note=reprint_note(3))
    text = pdf_text(print_pages([page], CONFIG, made_at=MADE, practice=True))
    for part in ("第12号", "ためし市長", "見本　一郎", "令和8年11月20日", "再印刷（2回目）", "練習環境・架空データ"):
        assert part in text
    assert "この写しは、住民票の原本と相違ないことを証明する。" in text


def test_the_first_print_bears_no_note() -> None:
    assert reprint_note(1) == ""


def test_a_municipality_changes_its_words_from_a_day_on() -> None:
    settings = {"texts": [{"kind": "household", "from": "2026-12-01", "text": "新しい認証文です。"}]}
    assert text_of(Kind.HOUSEHOLD, settings, date(2026, 11, 30)) == "この写しは、住民票の原本と相違ないことを証明する。"
    assert text_of(Kind.HOUSEHOLD, settings, date(2026, 12, 1)) == "新しい認証文です。"


def test_many_certificates_in_one_file_are_numbered_each_by_itself() -> None:
    content = build(Kind.INDIVIDUAL, [Subject(sheet())], sheet(), frozenset(), PLACE)
    pages = [to_page(certify(content, {}, CERTIFIER, MADE.date(), serial)) for serial in (1, 2, 3)]
    text = pdf_text(print_pages(pages, CONFIG, made_at=MADE, practice=False))
    assert all(f"第{serial}号" in text for serial in (1, 2, 3))
    assert text.count("1 / 1") == 3
