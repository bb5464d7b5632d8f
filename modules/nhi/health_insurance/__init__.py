"""国民健康保険: who is insured, and the levy (保険税 or 保険料) of a household."""

from pathlib import Path

from yoriai.registry import Business

business = Business(
    name="nhi",
    label="国民健康保険",
    module="nhi",
    folder=Path(__file__).parent,
    order=30,
    permissions={"nhi.view": "国保の照会", "nhi.edit": "国保の資格・賦課の変更"},
    calculation="modules.nhi.health_insurance.calc:NHI",
    models="modules.nhi.health_insurance.models",
)
