"""Settings of the measurement: the section `availability` of the deployment file, service hours of a municipality."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any

from yoriai.calendar import OperatingCalendar
from yoriai.clock import JAPAN
from yoriai.tenancy.config import TenantConfig

_CLOCK = {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$", "description": "時刻(00:00〜23:59)"}
HOURS: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["start", "end"],
    "properties": {"start": _CLOCK, "end": _CLOCK},
    "description": "開庁日のサービス提供時間。稼働率はこの間で測る",
}
_SECONDS = {"type": "integer", "minimum": 1}
SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "description": "稼働率の測定",
    "properties": {
        "target": {
            "type": "string",
            "pattern": r"^[0-9]{1,2}(\.[0-9]{1,3})?%$",
            "description": "目標の稼働率(99.5% など)。共通の非機能要件の標準は 99.5%",
        },
        "service_hours": HOURS,
        "probe_seconds": {**_SECONDS, "description": "測定の間隔(秒)"},
        "slow_seconds": {**_SECONDS, "description": "これより遅い応答は停止とみなす(秒)"},
    },
}


@dataclass(frozen=True)
class MeasuringRules:
    """The deployment file's section `availability`, with its defaults."""

    target: Fraction
    start: time
    end: time
    probe_seconds: int
    slow_seconds: int

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "MeasuringRules":
        """The rules of a deployment file."""
        section = document.get("availability") or {}
        hours = section.get("service_hours") or {"start": "08:30", "end": "17:15"}
        return cls(
            target=Fraction(str(section.get("target", "99.5%")).rstrip("%")) / 100,
            start=time.fromisoformat(hours["start"]),
            end=time.fromisoformat(hours["end"]),
            probe_seconds=int(section.get("probe_seconds", 15)),
            slow_seconds=int(section.get("slow_seconds", 10)),
        )


def service_windows(
    config: TenantConfig, rules: MeasuringRules, first: date, last: date
) -> Iterator[tuple[datetime, datetime]]:
    """The service hours of each business day from first to last (both included), in Japanese time.

    Raises CalendarYearMissing for a year whose calendar the municipality has not settled.
    """
    calendar = OperatingCalendar.of(config.section("calendar"))
    own = config.section("service_hours")
    start = time.fromisoformat(own["start"]) if own else rules.start
    end = time.fromisoformat(own["end"]) if own else rules.end
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if calendar.is_business_day(day):
            yield datetime.combine(day, start, JAPAN), datetime.combine(day, end, JAPAN)
