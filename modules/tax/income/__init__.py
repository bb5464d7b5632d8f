"""所得: what people earned in a year, and the legal measures of it that other businesses judge from."""

from pathlib import Path

from yoriai.registry import Business

business = Business(
    name="income",
    label="所得情報",
    module="tax",
    folder=Path(__file__).parent,
    order=20,
    permissions={"income.view": "所得の照会", "income.edit": "所得の登録"},
    calculation="modules.tax.income.calc:INCOME",
    models="modules.tax.income.models",
    extractable="modules.tax.income.extraction:VIEWS",
    routers="modules.tax.income.routes:router",
    person_panel="modules.tax.income.panels:person_panel",
    received="modules.tax.income.exchange:RECEIVERS",
)
