"""What the register publishes for extraction (EUC).

Names are those of the 基本データリスト 住民基本台帳 as far as they are known: seen second-hand, in lists of columns
that municipalities have published of their standardised systems. Lengths are from knowledge (K), to be checked against
the list itself. What has no `official` is ours.
"""

from collections.abc import Mapping

from modules.resident.basic_register.labels import CLASS_LABELS, SEX_LABELS, STATUS_LABELS, countries
from modules.resident.basic_register.movements.transitions import TRANSITIONS
from yoriai.extraction.views import Item, Kind, Time, View

_LIST = "S:標準化後の住民基本台帳データの列名（自治体の公開資料）。桁数はK"
_CLASSES: Mapping[str, str] = {
    "mid_long": "中長期在留者",
    "special_permanent": "特別永住者",
    "temporary": "一時庇護許可者等",
    "transitional": "経過滞在者",
}
_REASONS: Mapping[str, str] = {reason.value: transition.label for reason, transition in TRANSITIONS.items()}

_WHO = (
    Item("addressee_no", "宛名番号", Kind.NUMBER, 15, official=_LIST),
    Item("household_no", "世帯番号", Kind.NUMBER, 15, official=_LIST, is_place=True),
)
_PERSON = (
    Item("name", "氏名", length=100, is_name=True, official=_LIST),
    Item("name_kana", "氏名_フリガナ", length=100, is_name=True, official=_LIST),
    Item("kana_confirmed", "氏名_フリガナ確認状況", Kind.FLAG, official=_LIST),
    Item("former_surname", "旧氏", length=100, official=_LIST),
    Item("alias", "通称", length=100, official=_LIST),
    Item("sex", "性別", Kind.CODE, 1, codes=SEX_LABELS, official=_LIST),
    Item("birth_date", "生年月日", Kind.DATE, 10, official=_LIST),
    Item("birth_date_unknown", "生年月日_不詳フラグ", Kind.FLAG, official=_LIST),
    Item(
        "age", "年齢（基準日の終わり）", Kind.NUMBER, 3, column="date_part('year', age({day} + 1, birth_date))::bigint"
    ),
    Item(
        "age_band",
        "年齢階級（5歳、下の歳）",
        Kind.NUMBER,
        3,
        column="(date_part('year', age({day} + 1, birth_date))::bigint / 5 * 5)",
    ),
    Item("relationship", "続柄コード", Kind.CODE, 8, official=_LIST),
    Item("relationship_text", "続柄表記", length=40, official=_LIST),
    Item("is_head", "世帯主である", Kind.FLAG, column="(relationship = '02')"),
    Item(
        "resident_class",
        "住民種別",
        Kind.CODE,
        1,
        column="CASE WHEN nationality = 'JPN' THEN '1' ELSE '2' END",
        codes={"1": "日本人住民", "2": "外国人住民"},
        official=_LIST,
    ),
    Item("nationality", "国籍名等", Kind.CODE, 3, codes=countries(), official=_LIST),
    Item("residence_class", "第30条45規定区分", Kind.CODE, 20, codes=_CLASSES, official=_LIST),
    Item("residence_status", "在留資格等", length=40, official=_LIST),
    Item("residence_until", "在留期間の満了の日", Kind.DATE, 10, official=_LIST),
    Item("foreign_resident_since", "外国人住民となった年月日", Kind.DATE, 10, official=_LIST),
)
_PLACE = (
    Item("postcode", "住所_郵便番号", Kind.CODE, 7, official=_LIST, is_place=True),
    Item("town_code", "住所_町字コード", Kind.CODE, 12, official=_LIST, is_place=True),
    Item("town_name", "住所_町字", length=120, official=_LIST, is_place=True),
    Item("address", "住所（町字・番地）", length=240, is_place=True),
    Item("building", "住所_方書", length=300, official=_LIST, is_place=True),
    Item("address_since", "住所を定めた年月日", Kind.DATE, 10, official=_LIST, is_place=True),
    Item("previous_address", "転入前住所", length=300, official=_LIST, is_place=True),
    Item("registered_domicile", "本籍", length=200, official=_LIST, is_place=True),
    Item("family_register_head", "戸籍_筆頭者", length=100, official=_LIST, is_place=True),
)
_STANDING = (
    Item("became_resident_on", "住民となった年月日", Kind.DATE, 10, official=_LIST),
    Item("status", "住民状態", Kind.CODE, 20, codes=STATUS_LABELS, official=_LIST),
    Item("planned_removal_on", "転出予定年月日", Kind.DATE, 10, official=_LIST),
)
_REMOVAL = (
    Item("removed_on", "消除した年月日", Kind.DATE, 10),
    Item("removal_reason", "消除の事由", Kind.CODE, 30, codes=_REASONS, official=_LIST),
    Item("destination", "転出先住所（確定）", length=300, official=_LIST, is_place=True),
)

VIEWS = (
    View(
        "resident.person",
        "住民",
        "extract_resident",
        (*_WHO, *_PERSON, *_PLACE, *_STANDING),
        permission="resident.view",
        person="addressee_no",
        household="household_no",
        time=Time.DAY,
        condition="status <> 'removed'",
        note="基準日の終わりに住民である人。転出予定の人を含みます。基準日は過去の日にもできます。",
    ),
    View(
        "resident.removed",
        "除票者",
        "extract_resident",
        (*_WHO, *_PERSON, *_PLACE, *_STANDING[:1], *_REMOVAL),
        permission="resident.view",
        person="addressee_no",
        time=Time.DAY,
        condition="status = 'removed'",
        note="基準日の終わりに除票になっている人。",
    ),
    View(
        "resident.movement",
        "住民異動",
        "extract_movement",
        (
            _WHO[0],
            Item("movement_no", "異動番号", Kind.NUMBER, 15),
            Item("reason", "異動事由", Kind.CODE, 30, codes=_REASONS, official=_LIST),
            Item("class", "異動区分", Kind.CODE, 20, column="class", codes=CLASS_LABELS, official=_LIST),
            Item("event_date", "異動年月日", Kind.DATE, 10, official=_LIST),
            Item("notified_on", "異動届出年月日", Kind.DATE, 10, official=_LIST),
            Item("processed_on", "処理年月日", Kind.DATE, 10),
            Item("is_taken_back", "取消・訂正された", Kind.FLAG),
        ),
        permission="resident.view",
        person="addressee_no",
        time=Time.OWN,
        note="異動ごと、人ごとに1行。異動年月日などで絞り込みます。",
    ),
    View(
        "resident.number",
        "番号",
        "extract_number",
        (
            _WHO[0],
            Item("my_number", "個人番号", Kind.SEALED, 12, official=_LIST, sealed="my_number"),
            Item("resident_code", "住民票コード", Kind.SEALED, 11, official=_LIST, sealed="resident_code"),
        ),
        permission="resident.number.view",
        person="addressee_no",
        note="別の職員が承認するまで出力されず、ファイルは暗号化されます（番号法）。",
    ),
)
