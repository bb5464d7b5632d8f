"""住登外管理: people and bodies not on the register, one number space with it, 名寄せ, and where letters go."""

from pathlib import Path

from yoriai.registry import Business

_PACKAGE = "modules.resident.non_resident"

business = Business(
    name="non_resident",
    label="住登外・宛名",
    module="resident",
    folder=Path(__file__).parent,
    order=14,
    permissions={
        "non_resident.view": "住登外者・送付先の照会",
        "non_resident.edit": "住登外者・送付先の登録",
        "non_resident.merge": "名寄せと取消し",
        "non_resident.account": "口座の照会・登録",
        "non_resident.unified": "団体内統合宛名番号・個人番号 (個人番号利用事務)",
    },
    routers=f"{_PACKAGE}.routes:router",
    jobs=f"{_PACKAGE}.jobs:NETS",
    models=f"{_PACKAGE}.models",
    sealed=f"{_PACKAGE}.renewal:SEALED",
    extractable=f"{_PACKAGE}.extraction:VIEWS",
    veil=f"{_PACKAGE}.extraction:VEIL",
    proposals=f"{_PACKAGE}.proposals:propose",
    person_panel=f"{_PACKAGE}.panels:person_panel",
    same_person=f"{_PACKAGE}.panels:other_numbers",
    menu=(
        ("宛名検索", "/search", "non_resident.view"),
        ("名寄せの候補", "/duplicates", "non_resident.view"),
        ("返戻・公示送達", "/returned", "non_resident.view"),
        ("店舗統廃合", "/branch-mergers", "non_resident.account"),
        ("団体内統合宛名", "/unified", "non_resident.unified"),
    ),
    size_drivers={"non_residents": "SELECT count(*) FROM non_resident"},
    onboarding="modules.resident.non_resident.onboarding:PART",
    exchanged="modules.resident.non_resident.exchange:DATA_SETS",
    received="modules.resident.non_resident.exchange:RECEIVERS",
)
