"""A small old system: two households, an owner elsewhere, and what the businesses know of them, in the old system's own codes."""

import base64
import copy
from pathlib import Path
from typing import Any

from demo.loading.seal_drawing import draw_seal
from modules.resident.basic_register.towns import read_towns
from tests.conftest import OWN
from yoriai.csv_text import csv_text
from yoriai.numbers import check_digit_of_corporate_number, check_digit_of_my_number

TOWN, POSTCODE, TOWN_NAME, _ = read_towns(OWN)[0]
DECLARATION = """\
source: {system: 旧システム, as_of: 2026-10-31, encoding: cp932}
characters: {"\\uE000": "葛"}
tables:
  resident.person:
    file: 住民.csv
    headings: {個人番号枝番: 宛名番号, 世帯コード: 世帯番号}
    unneeded: {端末番号: 当システムでは使わない}
    drop: [{heading: 端末番号, values: ["試験"], reason: 試験用の記録}]
    codes:
      性別: {"1": "1", "2": "2", "3": "9"}
      続柄コード: {"01": "02", "02": "12", "03": "20"}
      住民状態: {"1": resident, "2": move_out_planned, "9": removed}
      消除の事由: {"21": move_out, "23": death}
      異動事由: {"11": move_in, "12": move_within, "13": birth, "21": move_out, "23": death}
      第30条45規定区分: same
  resident.number:
  resident.protection:
    codes: {支援措置の区分: {"A": dv}}
  seal_registration.registration:
    codes: {登録状態: {"1": active}, 印影の文字の種類: {"S": surname}, 印材: same}
  electoral_roll.entry:
    codes: {性別: same, 登録状態: same}
  non_resident.person:
    codes: {個人法人区分: {"2": corporation, "1": person}, 性別: same}
  non_resident.account:
    codes: {対象の業務: {"01": nhi}, 口座の用途: {"1": debit}, 預金種目: same}
  school_age.child:
    codes: {学齢簿の状態: same, 就学の希望: same, 就学先の区分: {"1": private}}
  nhi.enrolment:
    codes: {資格取得事由: {"01": move_in}, 資格喪失事由: {"11": employee_scheme_joined}}
  nhi.former_member:
  child_allowance.case:
    codes: {受給者の区分: same, 受給の状態: {"3": paying}}
  child_allowance.child:
"""


def my_number(base: int) -> str:
    """A well-formed 個人番号."""
    return f"{base:011d}{check_digit_of_my_number(f'{base:011d}')}"


def corporate_number(base: int) -> str:
    """A well-formed 法人番号."""
    return f"{check_digit_of_corporate_number(f'{base:012d}')}{base:012d}"


def person(number: int, household: int, name: str, kana: str, birth: str, **more: str) -> dict[str, str]:
    """A row of 住民.csv, as the old system writes it."""
    return {
        "個人番号枝番": str(number),
        "世帯コード": str(household),
        "氏名": name,
        "氏名_フリガナ": kana,
        "生年月日": birth,
        "性別": "1",
        "続柄コード": "01",
        "住所_町字コード": TOWN,
        "住所_郵便番号": POSTCODE,
        "住所（町字・番地）": f"{TOWN_NAME}1番1号",
        "住民となった年月日": "20100401",
        "住所を定めた年月日": "20100401",
        "住民状態": "1",
        "消除した年月日": "",
        "消除の事由": "",
        "履歴開始年月日": "20100401",
        "履歴終了年月日": "",
        "異動事由": "",
        "異動年月日": "",
        "異動届出年月日": "",
        "端末番号": "T01",
        **more,
    }


def clean() -> dict[str, list[dict[str, str]]]:
    """The files of the sample, each record good."""
    moved = {"異動事由": "12", "異動年月日": "20200105", "異動届出年月日": "20200110"}
    return {
        "住民.csv": [
            person(101, 1, "山田　太郎", "ﾔﾏﾀﾞ ﾀﾛｳ", "S60.4.1", 履歴終了年月日="20200105"),
            person(101, 1, "山田　太郎", "ヤマダ　タロウ", "S60.4.1", 履歴開始年月日="20200105", **moved),
            person(102, 1, "山田　花子", "ヤマダ　ハナコ", "昭和61年5月2日", 性別="2", 続柄コード="02"),
            person(103, 1, "山田　一郎", "ヤマダ　イチロウ", "2019-06-03", 続柄コード="03", **_born("20190603")),
            person(104, 2, "\ue000西　次郎", "カサイ　ジロウ", "19500203"),
            person(105, 3, "佐藤　三郎", "サトウ　サブロウ", "19400203", 履歴終了年月日="20250301"),
            person(
                105, 3, "佐藤　三郎", "サトウ　サブロウ", "19400203", 履歴開始年月日="20250301", **_died("20250301")
            ),
        ],
        "resident.number.csv": [
            {"宛名番号": str(number), "個人番号": my_number(number), "住民票コード": ""} for number in range(101, 105)
        ],
        "resident.protection.csv": [
            {
                "支援措置番号": "1",
                "宛名番号": "104",
                "支援措置の区分": "A",
                "支援開始年月日": "20260401",
                "支援終了予定年月日": "20270331",
            }
        ],
        "seal_registration.registration.csv": [
            {
                "印鑑登録番号": "9001",
                "宛名番号": "101",
                "印鑑登録証番号": "700",
                "登録年月日": "20150401",
                "登録状態": "1",
                "印影の文字": "山田",
                "印影の文字の種類": "S",
                "登録時の氏名": "山田　太郎",
                "印影ファイル名": "9001.png",
            }
        ],
        "electoral_roll.entry.csv": [
            {
                "登録番号": "1",
                "宛名番号": "101",
                "世帯番号": "1",
                "氏名": "山田　太郎",
                "氏名_フリガナ": "ヤマダ　タロウ",
                "生年月日": "19850401",
                "性別": "1",
                "住所": f"{TOWN_NAME}1番1号",
                "投票区番号": "00",
                "投票区内の番号": "1",
                "登録年月日": "20160901",
            }
        ],
        "non_resident.person.csv": [
            {
                "宛名番号": "201",
                "個人法人区分": "2",
                "氏名・名称": "海商事株式会社",
                "氏名・名称_フリガナ": "ウミショウジ",
                "法人番号": corporate_number(20),
                "住所": "呉市中央1番",
                "登録年月日": "20200401",
            }
        ],
        "non_resident.account.csv": [
            {
                "宛名番号": "101",
                "対象の業務": "01",
                "口座の用途": "1",
                "金融機関コード": "0001",
                "金融機関名": "見本銀行",
                "店舗コード": "001",
                "店舗名": "本店",
                "預金種目": "1",
                "口座番号": "1234567",
                "口座名義人カナ": "ﾔﾏﾀﾞ ﾀﾛｳ",
                "開始年月日": "20200401",
            }
        ],
        "school_age.child.csv": [
            {
                "宛名番号": "103",
                "就学年度": "2026",
                "保護者の宛名番号": "101",
                "編製年月日": "20260401",
                "就学先の区分": "1",
                "学年": "1",
                "学校名": "私立見本小学校",
                "就学年月日": "20260401",
            }
        ],
        "nhi.enrolment.csv": [
            {
                "宛名番号": str(number),
                "世帯番号": "1",
                "資格取得年月日": "20210401",
                "資格取得事由": "01",
                "資格喪失年月日": "",
                "資格喪失事由": "",
            }
            for number in (101, 102)
        ],
        "nhi.former_member.csv": [{"宛名番号": "104", "世帯番号": "2", "特定同一世帯所属者となった年月日": "20250203"}],
        "child_allowance.case.csv": [
            {
                "認定番号": "1",
                "受給者の宛名番号": "101",
                "受給の状態": "3",
                "請求年月日": "20190610",
                "認定年月日": "20190620",
                "当システムで支払う最初の月の初日": "20261001",
            }
        ],
        "child_allowance.child.csv": [
            {"認定番号": "1", "児童の宛名番号": "103", "児童の氏名": "山田　一郎", "児童の生年月日": "20190603"}
        ],
    }


def _born(day: str) -> dict[str, str]:
    same = dict.fromkeys(
        ("住民となった年月日", "住所を定めた年月日", "履歴開始年月日", "異動年月日", "異動届出年月日"), day
    )
    return {**same, "異動事由": "13"}


def _died(day: str) -> dict[str, str]:
    gone = dict.fromkeys(("消除した年月日", "異動年月日", "異動届出年月日"), day)
    return {**gone, "住民状態": "9", "消除の事由": "23", "異動事由": "23"}


def write(folder: Path, files: dict[str, list[dict[str, Any]]]) -> Path:
    """Write the files in the old system's character set, and the impressions."""
    folder.mkdir(exist_ok=True)
    for name, rows in files.items():
        header = list(rows[0])
        text = csv_text(header, ([row[key] for key in header] for row in rows))
        (folder / name).write_bytes(text.encode("cp932"))
    (folder / "9001.png").write_bytes(base64.b64decode(draw_seal(1)))
    (folder / "broken.png").write_bytes(b"no picture")
    return folder


def changed(**changes: Any) -> dict[str, list[dict[str, str]]]:
    """A copy of the clean files to be changed."""
    return {**copy.deepcopy(clean()), **changes}
