"""Finding kanji by strokes, radical, reading and code (COM-052), and writing names for limited receivers (COM-050, COM-051)."""

import httpx
import pytest

from yoriai.characters import CharacterQuery, find_characters, shrink
from yoriai.documents.glyphs import draw_glyph, list_missing
from yoriai.errors import Invalid
from yoriai.tenancy.ref import TenantRef

RARE = ("邉", "𠮷", "﨑")


def _found(**values: str) -> list[str]:
    return [candidate.text for candidate in find_characters(CharacterQuery(**values))[0]]


@pytest.mark.parametrize(
    ("character", "strokes", "radical", "reading", "code"),
    [
        ("邉", "17", "しんにょう", "へん", "U+9089"),
        ("𠮷", "6", "口", "キチ", "20BB7"),
        ("﨑", "11-12", "46", "さき", "1-47-82"),
        ("辻", "6", "辶", "つじ", "1-36-52"),
        ("葛", "12", "くさかんむり", "カツ", "葛"),
    ],
)
def test_com_052_rare_kanji_are_found_by_each_way(
    character: str, strokes: str, radical: str, reading: str, code: str
) -> None:
    assert character in _found(strokes=strokes, radical=radical)
    assert character in _found(radical=radical, reading=reading)
    assert character in _found(strokes=strokes, reading=reading)
    assert _found(code=code)[0] == character


def test_com_052_the_forms_of_a_character_come_with_their_selectors() -> None:
    found = _found(code="辺")
    assert {"辺", "邉", "邊", "邉\U000e0110"} <= set(found)
    assert list_missing(found) == []


def test_com_052_a_character_without_readings_is_read_like_its_other_form() -> None:
    assert "𠮷" in _found(reading="きち", strokes="6")


def test_com_052_all_that_cannot_be_read_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        find_characters(CharacterQuery(strokes="たくさん", radical="ない部首", code="U+1"))
    assert {error.field for error in refused.value.fields} == {"strokes", "radical", "code"}


def test_com_053_a_form_is_drawn_for_screens_without_the_font() -> None:
    plain, variant = draw_glyph("邉"), draw_glyph("邉\U000e0110")
    assert plain.startswith("<svg")
    assert plain != variant
    assert draw_glyph("\U00013000") == ""


async def test_com_052_whoever_is_logged_in_searches_and_nobody_else(
    client: httpx.AsyncClient, tenant: TenantRef
) -> None:
    path = f"/{tenant}/characters"
    answer = (await client.get(path, params={"character": "辺"})).json()
    assert {"邉", "邊"} <= {row["text"] for row in answer["rows"]}
    picture = await client.get(answer["rows"][0]["glyph"])
    assert picture.headers["content-type"] == "image/svg+xml"
    assert (await client.get("/static/glyph/zz.svg")).status_code == 404
    assert (await client.get(path, params={"strokes": "x"})).status_code == 422
    page = await client.get(path, params={"radical": "しんにょう", "strokes": "17"}, headers={"hx-request": "true"})
    assert 'data-character="邉"' in page.text
    del client.headers["authorization"]
    assert (await client.get(path)).status_code == 401


@pytest.mark.parametrize(
    ("text", "repertoire", "expected"),
    [
        ("渡邉\U000e0110　髙橋", "jis_x_0208", "渡邉　高橋"),
        ("渡邉\U000e0110　髙橋", "windows_31j", "渡邉　髙橋"),
        ("山﨑", "jis_x_0208", "山崎"),
        ("山﨑", "jis_x_0213", "山﨑"),
        ("𠮷田", "jis_x_0213", "吉田"),
        ("神\ufa19", "jis_x_0208", "神神"),
        ("佐藤　太郎", "jis_x_0208", "佐藤　太郎"),
    ],
)
def test_com_050_names_are_shrunk_only_where_the_receiver_lacks_a_character(
    text: str, repertoire: str, expected: str
) -> None:
    shrunk = shrink(text, repertoire)
    assert shrunk.text == expected
    assert bool(shrunk.replacements) == (text != expected)


def test_com_050_each_replacement_is_listed_with_its_place_and_ground() -> None:
    first, second = shrink("渡邉\U000e0110　髙", "jis_x_0208").replacements
    assert (first.place, first.original, first.replaced_by, first.codes) == (1, "邉\U000e0110", "邉", "U+9089 U+E0110")
    assert (second.place, second.original, second.replaced_by) == (3, "髙", "高")
    assert first.ground
    assert first.ground != second.ground


def test_com_050_what_has_no_form_is_marked_and_never_dropped() -> None:
    shrunk = shrink("Nguyễn\u2603", "jis_x_0208")
    assert shrunk.text == "Nguy〓n〓"
    assert all(replacement.is_lost for replacement in shrunk.replacements)
