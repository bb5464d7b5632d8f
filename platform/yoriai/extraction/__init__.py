"""データ抽出 (EUC): a clerk composes a list from the views that businesses publish, without SQL. Knows no business.

A business says in `Business.extractable` which views there are (`yoriai.extraction.views`), and one of them how protected people
are hidden (`Business.veil`). Definitions name views and items by key, values are bound: nothing a clerk writes becomes SQL.
"""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="extraction",
    label="データ抽出",
    folder=Path(__file__).parent,
    permissions={
        "extraction.use": "データ抽出（EUC）の作成と実行",
        "extraction.number": "個人番号を含む抽出の申請",
        "extraction.approve": "個人番号を含む抽出の承認",
        "extraction.supervise": "所属を超えた抽出の記録の照会",
        "extraction.share": "抽出の定義を共同の棚に公開する",
    },
    router="yoriai.extraction.routes:router",
    sealed="yoriai.extraction.renewal:SEALED",
    menu=(
        ("データ抽出", "/", "extraction.use"),
        ("抽出の実行と承認", "/runs", "extraction.use"),
        ("抽出できる項目", "/catalogue", "extraction.use"),
        ("共同の棚", "/shelf", "extraction.use"),
    ),
)
