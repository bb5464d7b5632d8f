"""Search through variants: every way to write or say a name finds the name as it stands, variation selectors kept (issue 4, 3)."""

from datetime import date

from modules.resident.basic_register.search.criteria import Criteria
from modules.resident.basic_register.search.find import search_persons
from tests.resident.people import FATHER, MoveInFactory
from yoriai.tenancy.session import WriteSession

TODAY = date(2026, 11, 20)
NAMES = {
    "渡邉\U000e0110　一郎": "ワタナベ　イチロウ",
    "髙橋　次郎": "タカハシ　ジロウ",
    "山﨑　三郎": "ヤマザキ　サブロウ",
    "齋\U000e0101藤　四郎": "サイトウ　シロウ",
    "葛\U000e0102西　ヱツ": "カサイ　エツ",
    "𠮷田　ゐの": "ヨシダ　イノ",
    "濵\U000e0101田　五郎": "ハマダ　ゴロウ",
    "河野　聖子": "コーノ　セーコ",
}
QUERIES = {
    "渡邉\U000e0110　一郎": ("渡辺", "渡邊", "渡邉", "渡邉\U000e0103", "わたなべ", "ﾜﾀﾅﾍﾞ", "ワタナヘ"),
    "髙橋　次郎": ("高橋", "髙橋", "たかはし　じろう", "ﾀｶﾊｼ ｼﾞﾛｰ", "ﾀｶﾊｼ", "タカハシ　シロウ"),
    "山﨑　三郎": ("山崎", "山﨑", "山嵜", "ヤマサキ", "ﾔﾏｻﾞｷ", "やまざき"),
    "齋\U000e0101藤　四郎": ("斉藤", "斎藤", "齊藤", "齋藤", "サイトウ", "サイトー", "さいとー　しろー"),
    "葛\U000e0102西　ヱツ": ("葛西", "葛\U000e0100西", "葛西エツ", "カサイ　ヱツ", "かさい"),
    "𠮷田　ゐの": ("吉田", "𠮷田", "吉田　いの", "ヨシタ", "ﾖｼﾀﾞ　ヰノ"),
    "濵\U000e0101田　五郎": ("浜田", "濱田", "濵田", "はまだ", "ハマタ"),
    "河野　聖子": ("コウノ", "こうの せいこ", "コオノ", "コーノ", "こうのせいこ", "セイコ"),
}


async def test_every_variant_kana_width_and_voicing_finds_the_name_and_leaves_it_as_written(
    session: WriteSession, move_in: MoveInFactory
) -> None:
    for number, (name, kana) in enumerate(NAMES.items(), 1):
        member = {**FATHER, "name": name, "name_kana": kana, "birth_date": f"1960-01-{number:02}"}
        await move_in(member, address={"town_code": "999000101", "block": f"{number}番1号"})
    missed = []
    for name, queries in QUERIES.items():
        for query in queries:
            found = (await search_persons(session, Criteria(q=query), TODAY)).persons
            if [person.name for person in found] != [name]:
                missed.append((query, [person.name for person in found]))
    assert missed == []
