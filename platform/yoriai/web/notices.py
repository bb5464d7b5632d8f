"""What everybody is told on every screen: stops that are near, from the blackouts of the deployment and of the municipality."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from yoriai.calendar import moment_of, parse_clock
from yoriai.clock import JAPAN

AHEAD = timedelta(hours=3)
"""So long before a stop begins it is announced."""


def list_notices(blackouts: Iterable[Mapping[str, Any]], at: datetime) -> list[str]:
    """A sentence for each stop that has not ended and begins within `AHEAD`, in order of its beginning.

    A blackout is `{start, end, dates?, label?}` on the 25:00-style clock of a business date, without `dates` of every one.
    """
    today = at.astimezone(JAPAN).date()
    found: list[tuple[datetime, datetime, str]] = []
    for blackout in blackouts:
        for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
            start, end = (moment_of(day, parse_clock(blackout[name])) for name in ("start", "end"))
            if _holds_on(blackout, day) and start - AHEAD <= at < end:
                found.append((start, end, blackout.get("label") or "保守作業"))
    return [
        f"{label}のため、{start:%H:%M}から{end:%H:%M}まで夜間処理を止めます。窓口の処理は続けられますが、応答が遅くなることがあります。"
        for start, end, label in sorted(found)
    ]


def _holds_on(blackout: Mapping[str, Any], day: date) -> bool:
    dates = blackout.get("dates")
    return not dates or day.isoformat() in {str(item) for item in dates}
