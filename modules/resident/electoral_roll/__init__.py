"""選挙人名簿: who may vote, where they are listed, their cards, and who has voted."""

from pathlib import Path

from yoriai.registry import Business

_FOLDER = Path(__file__).parent

business = Business(
    name="electoral_roll",
    label="選挙人名簿",
    module="resident",
    folder=_FOLDER,
    order=14,
    permissions={
        "electoral_roll.view": "選挙人名簿の照会・統計",
        "electoral_roll.edit": "選挙の登録、補正登録、表示・抹消、停止の登録",
        "electoral_roll.receive": "期日前・不在者・当日投票の受付",
        "electoral_roll.print": "入場券・名簿の抄本の印刷",
    },
    routers="modules.resident.electoral_roll.routes:router",
    person_panel="modules.resident.electoral_roll.panels:person_panel",
    menu=(
        ("名簿の検索", "/entries", "electoral_roll.view"),
        ("選挙", "/elections", "electoral_roll.view"),
        ("異動", "/changes", "electoral_roll.view"),
        ("登録者数・直接請求", "/statistics", "electoral_roll.view"),
        ("閲覧の申出", "/inspections", "electoral_roll.view"),
        ("在外・郵便等証明書", "/overseas", "electoral_roll.view"),
    ),
    settings_schema=_FOLDER / "settings.json",
    check_settings="modules.resident.electoral_roll.districts:check_settings",
    jobs="modules.resident.electoral_roll.jobs:NETS",
    size_drivers={"electors": "SELECT count(*) FROM electoral_entry WHERE status <> 'removed'"},
    models="modules.resident.electoral_roll.models",
    carried="modules.resident.electoral_roll.carried:carry",
    extractable="modules.resident.electoral_roll.extraction:VIEWS",
    calculation="modules.resident.electoral_roll.calc:ELECTORAL_ROLL_CALCULATOR",
    onboarding="modules.resident.electoral_roll.onboarding:PART",
)
