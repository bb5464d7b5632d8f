"""Stops that are near are announced on every screen of a municipality."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest

from tests.conftest import OWN, log_in
from yoriai.clock import JAPAN, now
from yoriai.settings import ROOT, Settings
from yoriai.tenancy.config import TenantConfig
from yoriai.web.app import create_app
from yoriai.web.notices import list_notices

BACKUP = {"start": "27:00", "end": "27:30", "label": "バックアップ"}


def _at(day: int, clock: str) -> datetime:
    hour, minute = clock.split(":")
    return datetime(2026, 6, day, int(hour), int(minute), tzinfo=JAPAN)


@pytest.mark.parametrize(
    ("moment", "count"),
    [(_at(1, "23:59"), 0), (_at(2, "00:00"), 1), (_at(2, "03:29"), 1), (_at(2, "03:30"), 0)],
)
def test_a_stop_is_announced_three_hours_before_until_it_ends(moment: datetime, count: int) -> None:
    found = list_notices([BACKUP], moment)
    assert len(found) == count
    if found:
        assert found[0].startswith("バックアップのため、03:00から03:30まで")


def test_a_stop_of_certain_dates_is_announced_on_those_only() -> None:
    once = {"start": "20:00", "end": "21:00", "dates": ["2026-06-02"]}
    assert list_notices([once], _at(1, "19:00")) == []
    assert len(list_notices([once], _at(2, "19:00"))) == 1


def test_a_stop_soon_after_midnight_is_announced_the_evening_before() -> None:
    assert len(list_notices([{"start": "00:30", "end": "01:00"}], _at(1, "23:00"))) == 1


async def test_the_counter_sees_the_notice(
    settings: Settings, client: httpx.AsyncClient, config: TenantConfig, tmp_path: Path
) -> None:
    page = await client.get(f"/{OWN}/", headers={"accept": "text/html"})
    assert "夜間処理を止めます" not in page.text
    folder = tmp_path / "tenants"
    folder.mkdir()
    clock = now() + timedelta(hours=1)
    midnight = clock.replace(hour=0, minute=0, second=0, microsecond=0)
    start = int((clock - midnight).total_seconds()) // 60
    span = f'start: "{start // 60:02d}:{start % 60:02d}", end: "{start // 60 + 1:02d}:{start % 60:02d}"'
    text = (ROOT / "tenants" / "deployment.yaml").read_text(encoding="utf-8")
    (folder / "deployment.yaml").write_text(f"{text}\nblackouts: [{{{span}, label: 切替作業}}]\n", encoding="utf-8")
    app = create_app(replace(settings, tenants=folder))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://test") as other:
        await log_in(other, config.code, "clerk")
        shown = await other.get(f"/{OWN}/", headers={"accept": "text/html"})
    await app.state.gate.database.close()
    assert "切替作業のため" in shown.text
