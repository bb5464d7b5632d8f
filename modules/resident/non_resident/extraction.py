"""What 住登外管理 publishes for extraction (EUC), and how protected people are hidden in the extractions of every business.

Names of the 項目定義書 where they are known. The veil is here and not at the register, for a protected person is hidden by whatever
number they go by: also by one that 名寄せ joins to theirs.
"""

from modules.resident.basic_register.facts import HIDDEN_TEXT, SEE
from modules.resident.non_resident.codes import KINDS
from yoriai.extraction.views import Item, Kind, Veil, View

_STANDINGS = {"resident": "住民", "former": "除票", "non_resident": "住登外"}
_LIST = "S:住登外者宛名番号管理 項目定義書の項目名（二次資料）。桁数はK"

VEIL = Veil("fact_hidden_addressee", "addressee_no", "is_concealed", SEE, HIDDEN_TEXT)
VIEWS = (
    View(
        "non_resident.addressee",
        "宛名（住民・住登外・法人）",
        "fact_addressee",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15, official=_LIST),
            Item("representative_no", "名寄せ先宛名番号", Kind.NUMBER, 15, official=_LIST),
            Item("kind", "個人・法人の別", Kind.CODE, 10, codes=KINDS),
            Item("standing", "宛名の区分", Kind.CODE, 20, codes=_STANDINGS),
            Item("name", "氏名・名称", length=100, is_name=True),
            Item("name_kana", "氏名・名称_フリガナ", length=100, is_name=True),
            Item("birth_date", "生年月日", Kind.DATE, 10, official=_LIST),
            Item("postcode", "住所_郵便番号", Kind.CODE, 7, official=_LIST, is_place=True),
            Item("address", "住所", length=300, is_place=True),
            Item("building", "住所_方書", length=300, official=_LIST, is_place=True),
        ),
        permission="non_resident.view",
        person="addressee_no",
        others=("representative_no",),
    ),
)
