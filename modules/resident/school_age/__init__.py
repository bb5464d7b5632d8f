"""就学: 学齢簿, school districts, notices of enrolment, and all that leads a child to another school."""

from pathlib import Path

from yoriai.registry import Business

_FOLDER = Path(__file__).parent
_PACKAGE = "modules.resident.school_age"

business = Business(
    name="school_age",
    label="就学",
    module="resident",
    folder=_FOLDER,
    order=16,
    permissions={
        "school_age.view": "学齢簿の照会",
        "school_age.edit": "学齢簿の異動・申請の登録・通知書の発行",
        "school_age.decide": "就学に関する申請の決定・新入学者の確定",
        "school_age.counter": "窓口での転入学通知書の交付",
        "school_age.school": "自校の児童生徒の照会 (所属が学校名の職員)",
    },
    routers=f"{_PACKAGE}.routes:router",
    jobs=f"{_PACKAGE}.jobs:NETS",
    models=f"{_PACKAGE}.models",
    extractable=f"{_PACKAGE}.extraction:VIEWS",
    calculation=f"{_PACKAGE}.calc:SCHOOL_AGE_CALCULATOR",
    settings_schema=_FOLDER / "settings.json",
    check_settings=f"{_PACKAGE}.settings:check_settings",
    person_panel=f"{_PACKAGE}.panels:person_panel",
    proposals=f"{_PACKAGE}.proposals:propose",
    menu=(
        ("学齢簿", "/register", "school_age.view"),
        ("新入学", "/entrants", "school_age.view"),
        ("指定校変更・区域外・猶予", "/cases", "school_age.view"),
        ("就学の統計", "/statistics", "school_age.view"),
        ("自校の名簿", "/own-school", "school_age.school"),
    ),
    size_drivers={"school_age_children": "SELECT count(*) FROM school_age_child"},
    onboarding="modules.resident.school_age.onboarding:PART",
)
