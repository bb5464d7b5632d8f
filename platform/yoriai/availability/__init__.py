"""稼働率: whether the counters were served in their service hours, as an independent probe saw it, by month and municipality."""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="availability",
    label="稼働率",
    folder=Path(__file__).parent,
    permissions={"availability.view": "稼働率の照会"},
    center_permissions={"availability.view": "稼働率を見る", "availability.edit": "計画停止と障害の原因を記録する"},
    router="yoriai.availability.own_routes:router",
    center_router="yoriai.availability.routes:router",
    menu=(("稼働率", "/", "availability.view"),),
    center_menu=(("稼働率", "/", "availability.view"), ("計画停止", "/stops", "availability.view")),
)
