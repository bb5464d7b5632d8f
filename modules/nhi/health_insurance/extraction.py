"""What NHI publishes for extraction (EUC). The names are ours: the 基本データリスト 国民健康保険 was not at hand."""

from modules.nhi.health_insurance.codes import ACQUISITION_REASONS
from yoriai.extraction.views import Item, Kind, Time, View

VIEWS = (
    View(
        "nhi.enrolment",
        "国保資格",
        "fact_nhi_enrolment",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15),
            Item("household_no", "世帯番号", Kind.NUMBER, 15, is_place=True),
            Item("acquired_on", "資格取得年月日", Kind.DATE, 10),
            Item("acquisition_reason", "資格取得事由", Kind.CODE, 20, codes=ACQUISITION_REASONS),
        ),
        permission="nhi.view",
        person="addressee_no",
        household="household_no",
        time=Time.DAY,
        valid_from="acquired_on",
        valid_to="lost_on",
        note="基準日に国民健康保険の資格がある人。",
    ),
    View(
        "nhi.levy",
        "国保賦課",
        "fact_nhi_levy",
        (
            Item("payer_no", "納税義務者の宛名番号", Kind.NUMBER, 15),
            Item("household_no", "世帯番号", Kind.NUMBER, 15, is_place=True),
            Item("fiscal_year", "賦課年度", Kind.NUMBER, 4),
            Item("revision", "更正回数", Kind.NUMBER, 3),
            Item("total", "年税額", Kind.YEN, 12),
            Item("tier", "軽減区分（割）", Kind.NUMBER, 1),
            Item("has_undeclared", "未申告者がいる", Kind.FLAG),
            Item("insured_count", "被保険者数", Kind.NUMBER, 3),
            Item("decided_on", "決定年月日", Kind.DATE, 10),
        ),
        permission="nhi.view",
        person="payer_no",
        household="household_no",
        time=Time.OWN,
        note="世帯・年度ごとに最新の1行。宛名番号で結ぶと納税義務者、世帯番号で結ぶと世帯の全員に付きます。",
    ),
)
