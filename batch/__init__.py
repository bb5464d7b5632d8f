"""The night: job nets of all municipalities planned on one capacity, run from a durable queue, watched."""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="batch",
    label="夜間処理",
    folder=Path(__file__).parent,
    permissions={"batch.view": "自団体の夜間処理を見る"},
    center_permissions={
        "batch.view": "夜間処理を見る",
        "batch.operate": "ジョブを操作する",
        "batch.approve": "強制正常を承認する",
        "batch.plan": "夜間処理を計画し、開始する",
    },
    router="batch.web.own_router:router",
    center_router="batch.web.center_router:router",
    menu=(("夜間処理", "/", "batch.view"),),
    center_menu=(
        ("盤面", "/", "batch.view"),
        ("予定と実績", "/gantt", "batch.view"),
        ("計画", "/plan", "batch.plan"),
        ("運用日", "/calendar", "batch.view"),
        ("年間の負荷", "/season", "batch.view"),
        ("運用履歴", "/nights", "batch.view"),
        ("通知", "/alerts", "batch.view"),
        ("メールの送信", "/mails", "batch.view"),
        ("外部からの受領", "/arrivals", "batch.view"),
        ("強制正常の申請", "/requests", "batch.view"),
        ("操作の記録", "/operations", "batch.view"),
        ("計画の変更履歴", "/plans", "batch.view"),
        ("ワーカー", "/workers", "batch.view"),
    ),
)
