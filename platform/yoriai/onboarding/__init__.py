"""データ移行: an old system's files are checked record by record, rehearsed, loaded and compared. Knows no business.

Each business says in `Business.onboarding` what it takes over (`yoriai.onboarding.layout`), each municipality in
`tenants/<code>/onboarding.yaml` what its files and codes are called. `yoriai migrate` does it; the screens show what was done.
"""

from pathlib import Path

from yoriai.registry import Companion

companion = Companion(
    name="onboarding",
    label="データ移行",
    folder=Path(__file__).parent,
    permissions={"onboarding.view": "データ移行の結果の照会"},
    router="yoriai.onboarding.routes:router",
    menu=(("データ移行の結果", "/", "onboarding.view"),),
)
