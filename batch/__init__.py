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
)
