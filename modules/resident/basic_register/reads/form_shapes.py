"""The shapes of the household movements' forms: what is asked, in which order. One template draws them all."""

from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel

from modules.resident.basic_register.movements.ahead import MAY_BE_PLANNED
from modules.resident.basic_register.movements.transitions import FAMILY_REGISTER, REMOVALS, TRANSITIONS, Reason

Part = Literal["ground", "reasons", "members", "member_items", "person", "items", "address", "target", "destination"]


class ItemField(BaseModel):
    """A field of an item of a 住民票; `kind` is text, name, kana, date, check or select."""

    name: str
    label: str
    kind: str = "text"
    width: str = "m"
    help: str = ""
    options: list[tuple[str, str]] = []


class FormShape(BaseModel):
    """One form: its words and its parts. `subjects` are those who live in the household, the foreign ones, or those who left it."""

    label: str
    verb: str
    event_label: str
    help: str = ""
    parts: list[Part] = ["members"]
    with_new: bool = False
    with_staying: bool = False
    is_ex_officio: bool = False
    is_danger: bool = False
    subjects: Literal["present", "departed", "foreign"] = "present"
    reasons: list[tuple[str, str]] = []
    items: list[ItemField] = []


def _reasons(reasons: Sequence[Reason]) -> list[tuple[str, str]]:
    return [(reason.value, TRANSITIONS[reason].label) for reason in reasons]


RESIDENCE_CLASSES = {
    "mid_long": "中長期在留者",
    "special_permanent": "特別永住者",
    "temporary": "一時庇護許可者・仮滞在許可者",
    "transitional": "出生・国籍喪失による経過滞在者",
}
FOREIGN_FIELDS = [
    ItemField(name="residence_class", label="30条の45の区分", kind="select", options=list(RESIDENCE_CLASSES.items())),
    ItemField(name="residence_status", label="在留資格"),
    ItemField(name="residence_period", label="在留期間", width="s", help="例 3年、1年3月"),
    ItemField(name="residence_until", label="在留期間の満了の日", kind="date"),
    ItemField(name="residence_card_no", label="在留カード等の番号", width="s", help="例 AB12345678CD"),
    ItemField(name="foreign_resident_since", label="外国人住民となった年月日", kind="date"),
]
NAME_FIELDS = [
    ItemField(name="name", label="新しい氏名", kind="name"),
    ItemField(name="name_kana", label="新しいフリガナ", kind="kana"),
    ItemField(name="former_surname", label="旧氏", kind="name", width="s"),
    ItemField(name="alias", label="通称", kind="name", width="s"),
    ItemField(name="registered_domicile", label="新しい本籍", width="l"),
    ItemField(name="family_register_head", label="新しい筆頭者", kind="name"),
    ItemField(name="nationality", label="国籍・地域", width="m", help="名前か3文字の記号（例 ベトナム、VNM）"),
]
CORRECTED_FIELDS = [
    *NAME_FIELDS,
    ItemField(name="birth_date", label="生年月日", kind="date"),
    ItemField(name="sex", label="性別", kind="select", width="s", options=[("1", "男"), ("2", "女"), ("9", "不明")]),
    ItemField(name="became_resident_on", label="住民となった年月日", kind="date"),
    ItemField(name="address_since", label="住所を定めた年月日", kind="date"),
    ItemField(name="previous_address", label="転入前住所", width="l"),
    *FOREIGN_FIELDS,
]

SPLIT = FormShape(
    label="世帯分離",
    verb="分離",
    event_label="世帯を分けた日",
    with_new=True,
    with_staying=True,
    help="同じ住所のまま、印を付けた人が新しい世帯になります。",
)
MERGE = FormShape(
    label="世帯合併",
    verb="合併",
    event_label="世帯を合わせた日",
    parts=["members", "target"],
    with_new=True,
    with_staying=True,
    help="同じ住所にある別の世帯に入ります。住所が変わるときは転居です。",
)
RELATIONS = FormShape(
    label="世帯主・続柄の変更",
    verb="変更",
    event_label="変更のあった日",
    with_new=True,
    help="世帯主が変わるときは、全員に印を付けて続柄を選び直します。",
)
FAMILY = FormShape(
    label="戸籍・氏名の変更",
    verb="変更",
    event_label="届出・変更のあった日",
    parts=["reasons", "member_items"],
    reasons=_reasons(FAMILY_REGISTER),
    items=NAME_FIELDS,
    help="変わる項目だけを入力します。空欄の項目は今のままです。",
)
RESIDENCE = FormShape(
    label="在留情報の変更",
    verb="変更",
    event_label="変更のあった日",
    parts=["member_items"],
    items=FOREIGN_FIELDS,
    subjects="foreign",
    help="出入国在留管理庁の通知により、変わる項目だけを入力します。",
)
REMOVAL = FormShape(
    label="職権消除・失踪宣告・国籍喪失",
    verb="消除",
    event_label="消除の日",
    parts=["reasons", "ground", "members"],
    reasons=_reasons(REMOVALS),
    with_staying=True,
    is_ex_officio=True,
    is_danger=True,
    help=f"職権消除は先の日付にすると異動予定になります: {MAY_BE_PLANNED[Reason.EX_OFFICIO_REMOVAL]}。",
)
CORRECTION = FormShape(
    label="職権修正",
    verb="修正",
    event_label="修正した内容がいつからか",
    parts=["person", "ground", "items", "address"],
    items=CORRECTED_FIELDS,
    is_ex_officio=True,
    help=(
        "直す項目だけを入力します。空欄の項目は今のままです。"
        f"先の日付は異動予定になります: {MAY_BE_PLANNED[Reason.EX_OFFICIO_CORRECTION]}。"
    ),
)
RESTORATION = FormShape(
    label="職権回復",
    verb="回復",
    event_label="消除されていた日（回復のはじまり）",
    parts=["ground", "members"],
    with_new=True,
    is_ex_officio=True,
    subjects="departed",
    help="住民となった日と住所を定めた日は、もとのままになります。",
)
MOVE_OUT_CANCEL = FormShape(
    label="転出取消",
    verb="転出を取消",
    event_label="取り消す日",
    with_staying=True,
    subjects="departed",
    help="世帯と続柄も、転出の届出の前に戻ります。",
)
MOVE_OUT_NOTICE = FormShape(
    label="転入通知の受理",
    verb="転出を確定",
    event_label="転入先の転入年月日",
    parts=["members", "destination"],
    subjects="departed",
    help="転入通知（住基法9条1項）により、転出予定を転出に確定します。",
)
REISSUE = FormShape(
    label="改製",
    verb="改製",
    event_label="改製した日",
    parts=["ground"],
    is_ex_officio=True,
    help="世帯全員の住民票を新しくします。今までの住民票は改製原住民票として150年保存されます。先の日付は異動予定になります。",
)
