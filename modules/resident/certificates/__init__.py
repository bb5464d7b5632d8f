"""証明書: 住民票の写し, 除票の写し, 記載事項証明, 不在住証明, 転出証明書; their applications, issues and takings."""

from pathlib import Path

from yoriai.registry import Business

_FOLDER = Path(__file__).parent

business = Business(
    name="certificate",
    label="証明書",
    module="resident",
    folder=_FOLDER,
    order=14,
    permissions={
        "certificate.view": "証明書の発行履歴の照会",
        "certificate.issue": "証明書の交付",
        "certificate.void": "証明書の無効処理と再発行",
        "certificate.bulk": "証明書の一括発行",
        "certificate.numbers": "住民票コード・個人番号を記載した証明書の交付",
        "certificate.override": "発行停止・支援措置の対象者の証明書の交付",
        "certificate.feed": "コンビニ交付への証明書データの提供",
    },
    routers="modules.resident.certificates.routes:router",
    models="modules.resident.certificates.models",
    sealed="modules.resident.certificates.renewal:SEALED",
    settings_schema=_FOLDER / "settings.schema.json",
    proposals="modules.resident.certificates.proposals:propose",
    person_panel="modules.resident.certificates.panels:person_panel",
    menu=(
        ("発行履歴・日計", "/issues", "certificate.view"),
        ("不在住証明", "/requests/new?kind=absence", "certificate.issue"),
        ("一括発行", "/bulk", "certificate.bulk"),
        ("文字あふれ一覧", "/overflow", "certificate.bulk"),
        ("本人通知", "/notices", "certificate.view"),
    ),
    size_drivers={"certificates": "SELECT count(*) FROM certificate_issue"},
)
