"""What the register takes over from an old system: every version of every 住民票, the two numbers, 支援措置.

Item names are those of the 基本データリスト 住民基本台帳 as far as they are known second hand (see `extraction`).
"""

from collections.abc import Mapping

import polars as pl

from modules.resident.basic_register.labels import SEX_LABELS, STATUS_LABELS, is_relationship
from modules.resident.basic_register.movements.transitions import TRANSITIONS
from modules.resident.basic_register.numbers.kinds import KINDS, MY_NUMBER, RESIDENT_CODE
from yoriai.dates import OPEN_END
from yoriai.numbers import is_my_number
from yoriai.onboarding.layout import Column, Kind, Reference, Rule, Table

_LIST = "S:標準化後の住民基本台帳データの列名（自治体の公開資料）。桁数はK"
_CLASSES = {
    "mid_long": "中長期在留者",
    "special_permanent": "特別永住者",
    "temporary": "一時庇護許可者等",
    "transitional": "経過滞在者",
}
_CATEGORIES = {"dv": "DV", "stalking": "ストーカー", "child_abuse": "児童虐待", "similar": "その他これらに準ずるもの"}
_REASONS: Mapping[str, str] = {reason.value: transition.label for reason, transition in TRANSITIONS.items()}


def is_resident_code(number: str) -> bool:
    """Whether it is written as a 住民票コード: eleven digits."""
    return len(number) == KINDS[RESIDENT_CODE].digits and number.isascii() and number.isdigit()


def _is_nationality(code: str) -> bool:
    return len(code) == 3 and code.isascii() and code.isalpha() and code.isupper()


def _is_postcode(code: str) -> bool:
    return len(code) == 7 and code.isascii() and code.isdigit()


_WHO = Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST)
PERSON = Table(
    "resident.person",
    "住民",
    (
        _WHO,
        Column("household_no", "世帯番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("name", "氏名", Kind.NAME, 100, is_required=True, official=_LIST),
        Column("name_kana", "氏名_フリガナ", Kind.KANA, 100, is_required=True, official=_LIST),
        Column("kana_confirmed", "氏名_フリガナ確認状況", Kind.FLAG, default=False, official=_LIST),
        Column("alias", "通称", Kind.NAME, 100, official=_LIST),
        Column("former_surname", "旧氏", Kind.NAME, 100, official=_LIST),
        Column("birth_date", "生年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("birth_date_unknown", "生年月日_不詳フラグ", Kind.FLAG, default=False, official=_LIST),
        Column("sex", "性別", Kind.CODE, codes=SEX_LABELS, is_required=True, official=_LIST),
        Column(
            "nationality",
            "国籍名等",
            Kind.TEXT,
            3,
            check=_is_nationality,
            fault="国籍のコードは英大文字3字です。",
            default="JPN",
            official=_LIST,
        ),
        Column("relationship", "続柄コード", Kind.CODE, 8, is_required=True, is_code=is_relationship, official=_LIST),
        Column("town_code", "住所_町字コード", Kind.TEXT, 12, official=_LIST),
        Column(
            "postcode",
            "住所_郵便番号",
            Kind.TEXT,
            7,
            check=_is_postcode,
            fault="郵便番号は7桁の数字です。",
            official=_LIST,
        ),
        Column("address", "住所（町字・番地）", Kind.TEXT, 240, is_required=True, is_printed=True),
        Column("building", "住所_方書", Kind.TEXT, 300, is_printed=True, official=_LIST),
        Column("previous_address", "転入前住所", Kind.TEXT, 300, is_printed=True, official=_LIST),
        Column("registered_domicile", "本籍", Kind.TEXT, 200, is_printed=True, official=_LIST),
        Column("family_register_head", "戸籍_筆頭者", Kind.TEXT, 100, is_printed=True, official=_LIST),
        Column("residence_class", "第30条45規定区分", Kind.CODE, codes=_CLASSES, official=_LIST),
        Column("residence_status", "在留資格等", Kind.TEXT, 40, official=_LIST),
        Column("residence_period", "在留期間", Kind.TEXT, 40),
        Column("residence_until", "在留期間の満了の日", Kind.DATE, official=_LIST),
        Column("residence_card_no", "在留カード等の番号", Kind.TEXT, 12, official=_LIST),
        Column("foreign_resident_since", "外国人住民となった年月日", Kind.DATE, official=_LIST),
        Column("became_resident_on", "住民となった年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("address_since", "住所を定めた年月日", Kind.DATE, is_required=True, official=_LIST),
        Column("status", "住民状態", Kind.CODE, codes=STATUS_LABELS, is_required=True, official=_LIST),
        Column("removed_on", "消除した年月日", Kind.DATE),
        Column("removal_reason", "消除の事由", Kind.CODE, codes=_REASONS, official=_LIST),
        Column("planned_removal_on", "転出予定年月日", Kind.DATE, official=_LIST),
        Column("destination", "転出先住所（確定）", Kind.TEXT, 300, is_printed=True, official=_LIST),
        Column("valid_from", "履歴開始年月日", Kind.DATE, is_required=True),
        Column("valid_to", "履歴終了年月日", Kind.DATE, default=OPEN_END),
        Column("reason", "異動事由", Kind.CODE, codes=_REASONS, default="conversion", official=_LIST),
        Column("event_date", "異動年月日", Kind.DATE, official=_LIST),
        Column("notified_on", "異動届出年月日", Kind.DATE, official=_LIST),
    ),
    key=("addressee_no", "valid_from"),
    rules=(
        Rule("period", "valid_to", pl.col("valid_from") >= pl.col("valid_to"), "履歴の終了が開始以前です。"),
        Rule(
            "birth_after",
            "birth_date",
            pl.col("birth_date") > pl.min_horizontal("became_resident_on", "valid_from"),
            "生年月日が住民となった日より後です。",
        ),
        Rule(
            "removal",
            "removed_on",
            (pl.col("status") == "removed") != pl.col("removed_on").is_not_null(),
            "消除した年月日と住民状態が合いません。",
        ),
        Rule(
            "planned",
            "planned_removal_on",
            (pl.col("status") == "move_out_planned") & pl.col("planned_removal_on").is_null(),
            "転出予定なのに転出予定年月日がありません。",
        ),
        Rule(
            "event",
            "event_date",
            (pl.col("reason") != "conversion") & pl.col("event_date").is_null(),
            "異動事由があるのに異動年月日がありません。",
        ),
    ),
    loaded="""
SELECT r.addressee_no, r.household_no, r.name, r.name_kana, r.kana_confirmed, r.alias, r.former_surname, r.birth_date,
       r.birth_date_unknown, r.sex, r.nationality, r.relationship, r.town_code, r.postcode, r.address, r.building,
       r.previous_address,
       r.registered_domicile, r.family_register_head, r.residence_class, r.residence_status, r.residence_period,
       r.residence_until, r.residence_card_no, r.foreign_resident_since,
       r.became_resident_on, r.address_since, r.status, r.removed_on, r.removal_reason,
       r.planned_removal_on, r.destination, r.valid_from, r.valid_to, m.reason,
       CASE WHEN m.movement_no <> 0 THEN m.event_date END AS event_date,
       CASE WHEN m.movement_no <> 0 THEN m.notified_on END AS notified_on
  FROM resident_record r JOIN movement m ON m.movement_no = r.movement_no WHERE r.superseded_at IS NULL""",
    note="1人の履歴ごとに1行。現在の行の履歴終了年月日は空欄か9999-12-31。除票も含めます。",
)
NUMBER = Table(
    "resident.number",
    "番号",
    (
        _WHO,
        Column(
            "my_number",
            "個人番号",
            Kind.TEXT,
            12,
            check=is_my_number,
            fault="個人番号の検査用数字が合いません。",
            official=_LIST,
            sealed=MY_NUMBER,
        ),
        Column(
            "resident_code",
            "住民票コード",
            Kind.TEXT,
            11,
            check=is_resident_code,
            fault="住民票コードは11桁の数字です。",
            official=_LIST,
            sealed=RESIDENT_CODE,
        ),
    ),
    key=("addressee_no",),
    references=(Reference("addressee_no", (PERSON.name,), "addressee_no"),),
    loaded="""
SELECT addressee_no, max(sealed) FILTER (WHERE kind = 'my_number') AS my_number,
       max(sealed) FILTER (WHERE kind = 'resident_code') AS resident_code
  FROM person_number WHERE superseded_at IS NULL GROUP BY addressee_no""",
)
PROTECTION = Table(
    "resident.protection",
    "支援措置",
    (
        Column("protection_no", "支援措置番号", Kind.NUMBER, 15, is_required=True),
        _WHO,
        Column("category", "支援措置の区分", Kind.CODE, codes=_CATEGORIES, is_required=True),
        Column("starts_on", "支援開始年月日", Kind.DATE, is_required=True),
        Column("ends_on", "支援終了予定年月日", Kind.DATE),
        Column("applicant", "申出者", Kind.TEXT, 100),
        Column("offender", "加害者", Kind.TEXT, 300),
        Column("opinion", "相談機関の意見", Kind.TEXT, 1000),
    ),
    key=("protection_no", "addressee_no"),
    references=(Reference("addressee_no", (PERSON.name,), "addressee_no"),),
    rules=(Rule("period", "ends_on", pl.col("starts_on") > pl.col("ends_on"), "支援終了予定が開始より前です。"),),
    loaded="""
SELECT p.protection_no, s.addressee_no, p.category, p.starts_on, p.ends_on, p.applicant, p.offender, p.opinion
  FROM protection p JOIN protection_subject s ON s.protection_no = p.protection_no WHERE p.superseded_at IS NULL""",
    note="対象者ごとに1行。住所を隠し、証明書の交付を止めた状態で取り込みます。",
)
