"""Which night is looked at, and its history."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from yoriai.calendar import format_clock, is_clock
from yoriai.clock import JAPAN
from yoriai.errors import NotFound
from yoriai.tenancy.session import Reader

NIGHT_LABELS: Mapping[str, str] = {"planned": "計画確定", "running": "実行中", "ended": "終了", "cancelled": "取消"}
RESOURCE_LABELS: Mapping[str, str] = {"cpu": "CPU", "io": "入出力", "connections": "DB接続", "print": "印刷"}
_COMMON = "SELECT night_key, business_date, rerun_no, status, origin, started_at, ended_at FROM batch_night"
_LATEST = """
SELECT night_key FROM batch_night WHERE status <> 'cancelled'
ORDER BY (status = 'running') DESC, coalesce(started_at, origin) DESC LIMIT 1
"""
_ONE = _COMMON + " WHERE night_key = $1"
_ALL = _COMMON + " WHERE status <> 'cancelled' ORDER BY business_date DESC, rerun_no DESC LIMIT 400"
_OF_DATE = _COMMON + " WHERE business_date = $1 AND status <> 'cancelled' ORDER BY rerun_no DESC LIMIT 1"
_OF_CENTER = """
SELECT is_staggered, cpu, io, connections, print, steps, blackouts, municipality_limit, counter_limit_ms, counter_quiet_us,
  pace, plan, parameters, forecast, confirmed_by, caretaker, caretaker_until
FROM batch_night WHERE night_key = $1
"""
_NAMES = "SELECT code, name FROM tenant"


@dataclass(frozen=True)
class Night:
    """A night as everybody may know it."""

    night_key: str
    business_date: date
    rerun_no: int
    status: str
    origin: datetime
    started_at: datetime | None
    ended_at: datetime | None

    @property
    def label(self) -> str:
        """Where it stands, in Japanese."""
        return NIGHT_LABELS[self.status]

    @property
    def kind(self) -> str:
        """The kind of its chip."""
        return {"running": "info", "ended": "ok", "cancelled": "neutral"}.get(self.status, "neutral")

    @property
    def begins(self) -> datetime:
        """When it really began, or is planned to."""
        return self.started_at or self.origin

    def clock(self, moment: datetime | None) -> str:
        """A moment on the 25:00-style clock of the business date; with the day where it lies outside; empty for None."""
        return shown_clock(self.business_date, moment)

    @staticmethod
    def time(moment: datetime) -> str:
        """A moment's time of day to the second."""
        return f"{moment.astimezone(JAPAN):%H:%M:%S}"

    @staticmethod
    def span(milliseconds: int | None) -> str:
        """A length of time in words; see `shown_span`."""
        return shown_span(milliseconds)


@dataclass(frozen=True)
class NightOfCenter:
    """What only the centre knows of a night: capacity, plan, forecast, pace."""

    is_staggered: bool
    capacity: dict[str, int]
    steps: list[dict[str, Any]]
    blackouts: list[dict[str, Any]]
    municipality_limit: int | None
    counter_limit_ms: int | None
    counter_quiet_us: int | None
    pace: int
    plan: dict[str, Any]
    parameters: dict[str, Any]
    forecast: dict[str, Any]
    confirmed_by: str
    caretaker: str
    caretaker_until: datetime | None


async def find_night(session: Reader, night_key: str = "") -> Night | None:
    """The night of that key; without a key the running one, else the latest."""
    key = night_key or await session.fetchval(_LATEST)
    row = await session.fetchrow(_ONE, key) if key else None
    return Night(**dict(row)) if row else None


async def find_night_of(session: Reader, business_date: date) -> Night | None:
    """The last night of the business date that was not taken back."""
    row = await session.fetchrow(_OF_DATE, business_date)
    return Night(**dict(row)) if row else None


async def get_night(session: Reader, night_key: str) -> Night:
    """The night of that key. Raises NotFound."""
    night = await find_night(session, night_key)
    if night is None or not night_key:
        raise NotFound(f"夜間処理「{night_key}」はありません。")
    return night


async def list_nights(session: Reader) -> list[Night]:
    """All nights that were not cancelled, the newest business date first; 400 at most."""
    return [Night(**dict(row)) for row in await session.fetch(_ALL)]


async def get_night_of_center(session: Reader, night_key: str) -> NightOfCenter:
    """Capacity, plan and forecast of a night; needs the centre's session."""
    row = await session.fetchrow(_OF_CENTER, night_key)
    if row is None:
        raise NotFound(f"夜間処理「{night_key}」はありません。")
    values = dict(row)
    capacity = {name: int(values.pop(name)) for name in RESOURCE_LABELS}
    for name in ("steps", "blackouts", "plan", "parameters", "forecast"):
        values[name] = decoded(values[name])
    return NightOfCenter(capacity=capacity, **values)


async def read_names(session: Reader) -> dict[str, str]:
    """The municipalities' names by code; needs the centre's session."""
    return {row["code"]: row["name"] for row in await session.fetch(_NAMES)}


def decoded(value: Any) -> Any:
    """A jsonb column: the driver gives its text."""
    return json.loads(value) if isinstance(value, str) else value


def shown_clock(business_date: date, moment: datetime | None) -> str:
    """A moment as `25:10` of the business date, or as `6/11 09:30` where it is none of its 48 hours; empty for None."""
    if moment is None:
        return ""
    text = format_clock(business_date, moment)
    local = moment.astimezone(JAPAN)
    return text if is_clock(text) else f"{local.month}/{local.day} {local:%H:%M}"


def shown_span(milliseconds: int | None) -> str:
    """A length of time: `1時間05分`, `3分20秒`, `2.4秒`; empty for None."""
    if milliseconds is None:
        return ""
    seconds = milliseconds // 1000
    if seconds >= 3600:
        return f"{seconds // 3600}時間{seconds % 3600 // 60:02d}分"
    if seconds >= 60:
        return f"{seconds // 60}分{seconds % 60:02d}秒"
    return f"{seconds}.{milliseconds % 1000 // 100}秒"


def shown_moment(moment: datetime | None) -> str:
    """A moment in Japanese time to the second; empty for None."""
    return f"{moment.astimezone(JAPAN):%Y-%m-%d %H:%M:%S}" if moment else ""
