"""What a person's page shows of incomes: the latest year known."""

from yoriai.tenancy.session import Reader
from yoriai.web.panels import Amount, Panel, Status

_LATEST = """
SELECT income_year, is_declared, salary_revenue, pension_revenue, sum_income_amount, total_income_amount FROM fact_income
 WHERE addressee_no = $1 ORDER BY income_year DESC LIMIT 1
"""


async def person_panel(session: Reader, addressee_no: int) -> Panel:
    """The latest income; a person without one is shown as such, since 未申告 changes reductions."""
    href = f"/income/persons/{addressee_no}"
    row = await session.fetchrow(_LATEST, addressee_no)
    if row is None:
        return Panel("所得情報", href, Status("記録なし"))
    year = row["income_year"]
    if not row["is_declared"]:
        return Panel("所得情報", href, Status(f"{year}年分 未申告", "warn"))
    items = [
        {"label": "給与収入", "value": row["salary_revenue"], "kind": "yen"},
        {"label": "公的年金等収入", "value": row["pension_revenue"], "kind": "yen"},
        {"label": "総所得金額等", "value": row["total_income_amount"], "kind": "yen"},
    ]
    amount = Amount(f"{year}年分 合計所得金額", row["sum_income_amount"], f"{href}/years/{year}")
    return Panel("所得情報", href, Status(f"{year}年分", "ok"), amount, [item for item in items if item["value"]])
