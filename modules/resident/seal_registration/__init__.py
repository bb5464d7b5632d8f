"""印鑑登録: seals of residents, their cards, certificates, and the endings that follow from the register."""

from pathlib import Path

from yoriai.registry import Business

_FOLDER = Path(__file__).parent

business = Business(
    name="seal_registration",
    label="印鑑登録",
    module="resident",
    folder=_FOLDER,
    order=12,
    permissions={
        "seal_registration.view": "印鑑登録の照会",
        "seal_registration.image": "印影の表示",
        "seal_registration.edit": "印鑑登録の申請・登録証・照会書の受付・通知書の発行",
        "seal_registration.decide": "印鑑登録の抹消・復活・一時停止と登録の判断",
        "seal_registration.issue": "印鑑登録証明書の交付",
        "seal_registration.link": "コンビニ交付との連携",
    },
    routers="modules.resident.seal_registration.routes:router",
    jobs="modules.resident.seal_registration.jobs:NETS",
    models="modules.resident.seal_registration.models",
    carried="modules.resident.seal_registration.carried:carry",
    extractable="modules.resident.seal_registration.extraction:VIEWS",
    settings_schema=_FOLDER / "settings.schema.json",
    person_panel="modules.resident.seal_registration.panels:person_panel",
    proposals="modules.resident.seal_registration.proposals:propose",
    menu=(
        ("印鑑登録", "/registrations", "seal_registration.view"),
        ("印鑑証明の交付", "/certificates/new", "seal_registration.issue"),
        ("印鑑 判断待ち", "/reviews", "seal_registration.view"),
    ),
    size_drivers={"seal_registrations": "SELECT count(*) FROM seal_registration"},
    onboarding="modules.resident.seal_registration.onboarding:PART",
)
