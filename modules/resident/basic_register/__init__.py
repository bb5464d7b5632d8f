"""住民基本台帳: persons, households, addresses, their movements and their history."""

from pathlib import Path

from yoriai.registry import Business

business = Business(
    name="resident",
    label="住民基本台帳",
    module="resident",
    folder=Path(__file__).parent,
    order=10,
    permissions={
        "resident.view": "住民の照会",
        "resident.edit": "住民異動の登録",
        "resident.ex_officio": "職権による記載・消除・修正・回復・改製",
        "resident.number.view": "個人番号・住民票コードの照会",
        "resident.number.edit": "個人番号・住民票コードの付番・変更",
        "resident.protection.view": "支援措置・抑止の照会",
        "resident.protection.edit": "支援措置・抑止の登録・延長",
        "resident.protection.release": "支援措置・抑止の解除・一時解除",
        "resident.protected.view": "支援措置対象者の住所の照会",
        "resident.inspection": "住民基本台帳の閲覧リストの作成",
        "resident.correct": "異動の取消・訂正",
        "resident.characters": "文字の点検（フォント外・縮退）と縮退した氏名の提供",
        "resident.note": "付箋の照会・登録",
    },
    routers="modules.resident.basic_register.routes:router",
    jobs="modules.resident.basic_register.jobs:NETS",
    models="modules.resident.basic_register.models",
    sealed="modules.resident.basic_register.numbers.renewal:SEALED",
    extractable="modules.resident.basic_register.extraction:VIEWS",
    size_drivers={
        "residents": "SELECT count(*) FROM fact_resident",
        "households": "SELECT count(DISTINCT household_no) FROM fact_resident",
    },
    menu=(
        ("住民検索", "/persons", "resident.view"),
        ("転入", "/movements/move-in", "resident.edit"),
        ("受信した届出", "/intake", "resident.edit"),
        ("異動一覧", "/movement-log", "resident.view"),
        ("異動の一括登録", "/movement-import", "resident.ex_officio"),
        ("番号による検索", "/numbers", "resident.number.view"),
        ("支援措置・抑止", "/protections", "resident.protection.view"),
        ("異動予定", "/plans", "resident.view"),
        ("転入通知未着", "/departures", "resident.view"),
        ("実態調査", "/surveys", "resident.view"),
        ("閲覧", "/inspections", "resident.inspection"),
        ("文字の点検", "/characters", "resident.characters"),
        ("人口統計", "/statistics", "resident.view"),
        ("住基月報・年報", "/reports", "resident.view"),
    ),
    search="/persons",
    proposals="modules.resident.basic_register.followups:propose",
    onboarding="modules.resident.basic_register.onboarding:PART",
    exchanged="modules.resident.basic_register.exchange:DATA_SETS",
    recent="modules.resident.basic_register.reads.recent:list_recent",
    prepare="modules.resident.basic_register.towns:prepare",
)
