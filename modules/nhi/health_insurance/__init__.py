"""国民健康保険: who is insured, and the levy (保険税 or 保険料) of a household."""

from pathlib import Path

from yoriai.registry import Business

business = Business(
    name="nhi",
    label="国民健康保険",
    module="nhi",
    folder=Path(__file__).parent,
    order=30,
    permissions={
        "nhi.view": "国保の照会",
        "nhi.edit": "国保の資格・賦課の変更・通知書の発行",
        "nhi.debit": "国保の口座振替 (請求・結果)",
    },
    settings_schema=Path(__file__).parent / "settings.json",
    routers="modules.nhi.health_insurance.routes:router",
    jobs="modules.nhi.health_insurance.jobs:NETS",
    calculation="modules.nhi.health_insurance.calc:NHI",
    models="modules.nhi.health_insurance.models",
    carried="modules.nhi.health_insurance.debits.carried:carry",
    extractable="modules.nhi.health_insurance.extraction:VIEWS",
    person_panel="modules.nhi.health_insurance.panels:person_panel",
    proposals="modules.nhi.health_insurance.followups:propose",
    standings="modules.nhi.health_insurance.standings:list_standings",
    size_drivers={
        "nhi_households": (
            "SELECT count(DISTINCT household_no) FROM nhi_enrolment"
            " WHERE superseded_at IS NULL AND lost_on = '9999-12-31'"
        ),
    },
    menu=(
        ("国保 資格異動の候補", "/candidates", "nhi.view"),
        ("国保 資格取得", "/enrolments/new", "nhi.edit"),
        ("国保 通知書", "/notices", "nhi.view"),
        ("国保 口座振替", "/debits", "nhi.debit"),
        ("国保 賦課状況", "/statistics", "nhi.view"),
    ),
    onboarding="modules.nhi.health_insurance.onboarding:PART",
    exchanged="modules.nhi.health_insurance.exchange:DATA_SETS",
)
