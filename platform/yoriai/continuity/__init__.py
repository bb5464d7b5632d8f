"""業務継続: copies of the database at several sites, restoring, drills, degraded service, and the availability that results."""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="continuity",
    label="業務継続",
    folder=Path(__file__).parent,
    center_permissions={"continuity.view": "写しと稼働率を見る"},
    center_router="yoriai.continuity.routes:router",
    center_menu=(("写しと訓練", "/", "continuity.view"),),
)
