"""児童手当: claims, recipients and children, the monthly judgement, the payments of even months."""

from pathlib import Path

from yoriai.registry import Business

business = Business(
    name="child_allowance",
    label="児童手当",
    module="welfare",
    folder=Path(__file__).parent,
    order=40,
    permissions={
        "child_allowance.view": "児童手当の照会",
        "child_allowance.edit": "児童手当の請求の受付・案内の処理・通知書の発行",
        "child_allowance.decide": "児童手当の認定・却下・差止・消滅",
        "child_allowance.transfer": "児童手当の振込データの作成・引渡し",
    },
    routers="modules.welfare.child_allowance.routes:router",
    jobs="modules.welfare.child_allowance.jobs:NETS",
    models="modules.welfare.child_allowance.models",
    carried="modules.welfare.child_allowance.transfers.carried:carry",
    extractable="modules.welfare.child_allowance.extraction:VIEWS",
    calculation="modules.welfare.child_allowance.calc:CHILD_ALLOWANCE_CALCULATOR",
    person_panel="modules.welfare.child_allowance.panels:person_panel",
    proposals="modules.welfare.child_allowance.followups:propose",
    standings="modules.welfare.child_allowance.standings:list_standings",
    menu=(
        ("受給者台帳", "/cases", "child_allowance.view"),
        ("認定請求", "/claims/new", "child_allowance.edit"),
        ("手続きの案内", "/proposals", "child_allowance.view"),
        ("支払一覧", "/payments", "child_allowance.view"),
        ("振込データ", "/transfers", "child_allowance.transfer"),
    ),
    size_drivers={"child_allowance_cases": "SELECT count(*) FROM child_allowance_case"},
    onboarding="modules.welfare.child_allowance.onboarding:PART",
    exchanged="modules.welfare.child_allowance.exchange:DATA_SETS",
)
