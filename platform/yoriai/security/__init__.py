"""安全管理: the second factor of staff, and what an administrator is told of refusals and unusual viewing. Knows no business.

二要素認証 is asked for number-use tasks (番号法12条 wants 個人番号 managed safely, 総務省's security guideline two factors at the
terminals of such tasks), or at every login where the municipality sets it.
"""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="security",
    label="安全管理",
    folder=Path(__file__).parent,
    permissions={
        "security.view": "ログイン失敗・アクセス拒否・時間外や大量の閲覧の報告",
        "security.reset": "職員の二要素認証の登録コードの発行と初期化",
    },
    center_permissions={"security.reset": "運用者の二要素認証の登録コードの発行と初期化"},
    router="yoriai.security.routes:router",
    center_router="yoriai.security.routes:center",
    sealed="yoriai.security.renewal:SEALED",
    carried="yoriai.security.carried:carry",
    center_sealed="yoriai.security.renewal:OPERATORS_SEALED",
    menu=(("アクセスの報告", "/report", "security.view"), ("職員の認証", "/accounts", "security.reset")),
    center_menu=(("運用者の認証", "/accounts", "security.reset"),),
)
