"""What 住登外管理 takes over from an old system (移行): those who are not on the register, and everybody's accounts.

The names are those of the 中間標準レイアウト 宛名管理 as far as they are known second hand (K, to be checked against the layout).
"""

from collections.abc import Iterable

import polars as pl

from modules.resident.non_resident.businesses import business_choices
from modules.resident.non_resident.codes import ACCOUNT_TYPES, ACCOUNT_USES, KINDS, SEXES
from yoriai.dates import OPEN_END
from yoriai.japanese import fold_kana, fold_name, to_bank_kana
from yoriai.numbers import is_corporate_number
from yoriai.onboarding.layout import LINE, Column, Context, Fault, Frames, Kind, Part, Reference, Rule, Table
from yoriai.onboarding.loading import set_counter
from yoriai.tenancy.bulk import BulkWriteSession

_LIST = "K:中間標準レイアウト仕様 宛名管理の項目名（未確認）"
_CURRENT_OF = "superseded_at IS NULL AND valid_to = '9999-12-31'"

PERSON = Table(
    "non_resident.person",
    "住登外者",
    (
        Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column("kind", "個人法人区分", Kind.CODE, codes=KINDS, is_required=True, official=_LIST),
        Column("name", "氏名・名称", Kind.TEXT, 120, is_required=True, is_printed=True, official=_LIST),
        Column("name_kana", "氏名・名称_フリガナ", Kind.KANA, 120, is_required=True, official=_LIST),
        Column("representative", "代表者", Kind.TEXT, 100, default="", is_printed=True),
        Column("birth_date", "生年月日", Kind.DATE, official=_LIST),
        Column("sex", "性別", Kind.CODE, codes=SEXES, default="0", official=_LIST),
        Column(
            "corporate_number",
            "法人番号",
            Kind.TEXT,
            13,
            check=is_corporate_number,
            fault="法人番号の検査用数字が合いません。",
            official=_LIST,
        ),
        Column("postcode", "郵便番号", Kind.TEXT, 7, official=_LIST),
        Column("address", "住所", Kind.TEXT, 240, is_required=True, is_printed=True, official=_LIST),
        Column("building", "方書", Kind.TEXT, 300, default="", is_printed=True, official=_LIST),
        Column("reason", "登録の事由", Kind.TEXT, 100, default="移行"),
        Column("valid_from", "登録年月日", Kind.DATE, is_required=True),
    ),
    key=("addressee_no",),
    rules=(
        Rule(
            "corporation",
            "corporate_number",
            pl.col("corporate_number").is_not_null() & (pl.col("kind") != "corporation"),
            "法人でないのに法人番号があります。",
        ),
        Rule(
            "birth_after", "birth_date", pl.col("birth_date") > pl.col("valid_from"), "生年月日が登録の日より後です。"
        ),
    ),
    loaded=f"""
SELECT n.addressee_no, n.kind, r.name, r.name_kana, r.representative, r.birth_date, r.sex, r.corporate_number, r.postcode,
       r.address, r.building, r.reason, r.valid_from
  FROM non_resident n JOIN non_resident_record r ON r.addressee_no = n.addressee_no WHERE {_CURRENT_OF}""",  # noqa: S608
)
ACCOUNT = Table(
    "non_resident.account",
    "口座",
    (
        Column("addressee_no", "宛名番号", Kind.NUMBER, 15, is_required=True, official=_LIST),
        Column(
            "business", "対象の業務", Kind.CODE, is_code=lambda code: code in dict(business_choices()), default="all"
        ),
        Column("account_use", "口座の用途", Kind.CODE, codes=ACCOUNT_USES, is_required=True),
        Column("bank_code", "金融機関コード", Kind.TEXT, 4, is_required=True, official=_LIST),
        Column("bank_name", "金融機関名", Kind.TEXT, 40, is_required=True),
        Column("branch_code", "店舗コード", Kind.TEXT, 3, is_required=True, official=_LIST),
        Column("branch_name", "店舗名", Kind.TEXT, 40, is_required=True),
        Column("account_type", "預金種目", Kind.CODE, codes=ACCOUNT_TYPES, is_required=True, official=_LIST),
        Column("account_number", "口座番号", Kind.TEXT, 7, is_required=True, official=_LIST),
        Column(
            "holder_kana",
            "口座名義人カナ",
            Kind.TEXT,
            30,
            is_required=True,
            check=lambda text: to_bank_kana(text) == text,
            fault="口座名義が全銀の半角カナではありません。",
            official=_LIST,
        ),
        Column("valid_from", "開始年月日", Kind.DATE, is_required=True),
    ),
    key=("addressee_no", "business", "account_use"),
    references=(Reference("addressee_no", ("resident.person", PERSON.name), "addressee_no"),),
    rules=(
        Rule("bank", "bank_code", ~pl.col("bank_code").str.contains("^[0-9]{4}$"), "金融機関コードは4桁の数字です。"),
        Rule("branch", "branch_code", ~pl.col("branch_code").str.contains("^[0-9]{3}$"), "店舗コードは3桁の数字です。"),
        Rule(
            "number",
            "account_number",
            ~pl.col("account_number").str.contains("^[0-9]{7}$"),
            "口座番号は7桁の数字です。",
        ),
    ),
    loaded=f"""
SELECT addressee_no, business, account_use, bank_code, bank_name, branch_code, branch_name, account_type, account_number,
       holder_kana, valid_from FROM bank_account WHERE {_CURRENT_OF}""",  # noqa: S608
)


def check(frames: Frames, _context: Context) -> Iterable[Fault]:
    """A 宛名番号 stands for one: it cannot be a resident's and another's at the same time."""
    if "resident.person" not in frames:
        return
    residents = frames["resident.person"].select("addressee_no").drop_nulls().unique()
    for line in frames[PERSON.name].join(residents, on="addressee_no", how="semi")[LINE]:
        yield Fault(PERSON.name, line, "宛名番号", "resident_too", "同じ宛名番号の住民がいます。")


def load(session: BulkWriteSession, frames: Frames, context: Context) -> None:
    """Write those who are not on the register, and accounts."""
    people = frames[PERSON.name].drop(LINE, strict=False)
    by = pl.lit(context.staff)
    session.append("non_resident", people.select("addressee_no", "kind", staff_id=by))
    records = people.drop("kind").with_columns(
        name_fold=pl.Series([fold_name(name) for name in people["name"]], dtype=pl.String),
        kana_fold=pl.Series([fold_kana(kana) for kana in people["name_kana"]], dtype=pl.String),
        source=pl.lit("移行"),
        valid_to=pl.lit(OPEN_END),
        staff_id=by,
    )
    session.append("non_resident_record", records)
    accounts = frames[ACCOUNT.name].drop(LINE, strict=False)
    session.append("bank_account", accounts.with_columns(valid_to=pl.lit(OPEN_END), reason=pl.lit("移行"), staff_id=by))
    if not people.is_empty():
        set_counter(session, "addressee", int(people["addressee_no"].sort()[-1]))


PART = Part((PERSON, ACCOUNT), load, check)
