"""What the income records publish for extraction (EUC). The names are ours: the 基本データリスト 個人住民税 was not at hand."""

from yoriai.extraction.views import Item, Kind, Time, View

_YEN = (
    ("salary_revenue", "給与収入"),
    ("salary_income", "給与所得"),
    ("pension_revenue", "公的年金等収入"),
    ("pension_income", "公的年金等所得"),
    ("business_income", "営業等所得"),
    ("farm_income", "農業所得"),
    ("property_income", "不動産所得"),
    ("other_income", "その他の所得"),
    ("total_income_amount", "総所得金額等"),
    ("sum_income_amount", "合計所得金額"),
    ("fixed_asset_tax", "固定資産税額"),
)

VIEWS = (
    View(
        "income.income",
        "所得",
        "fact_income",
        (
            Item("addressee_no", "宛名番号", Kind.NUMBER, 15),
            Item("income_year", "所得年分", Kind.NUMBER, 4),
            Item("is_declared", "申告あり", Kind.FLAG),
            *(Item(key, label, Kind.YEN, 12) for key, label in _YEN),
        ),
        permission="income.view",
        person="addressee_no",
        time=Time.OWN,
        note="年分ごとに1行。所得年分で絞り込みます。",
    ),
)
